/* Multipart uploads. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "s3.h"

void create_upload(const struct request *request, struct answer *answer, struct bucket *bucket) {
    counters.requests[DID_create_upload]++;
    struct upload *upload = upload_make(bucket, request->key);
    upload->described = described_by(request);
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<InitiateMultipartUploadResult" XML_NAMESPACE ">");
    add_name(&xml, "Bucket", bucket->name);
    add_name(&xml, "Key", upload->key);
    text_format(&xml, "<UploadId>%s</UploadId></InitiateMultipartUploadResult>", upload->id);
    answer_xml(answer, &xml);
    text_free(&xml);
}

static void part_set(struct part *part, uint64_t size, struct blob *blob, int number) {
    blob_drop(part->blob);
    part->size = size;
    part->blob = blob;
    if (blob) {
        md5_hex(blob->bytes, blob->size, part->etag);
    } else { /* its bytes are gone: size and number take the place of their MD5 */
        snprintf(part->etag, sizeof part->etag, "%016llx%016x", (unsigned long long)size, number);
    }
}

static void copy_part(const struct request *request, struct answer *answer, struct part *part, int number) {
    counters.requests[DID_copy_part]++;
    const struct object *source = copy_source(request, answer);
    if (!source) return;
    unsigned long first = 0, last = source->size ? source->size - 1 : 0;
    const char *range = request_header(request, "x-amz-copy-source-range");
    bool bad = range && (sscanf(range, "bytes=%lu-%lu", &first, &last) != 2 || first > last || last >= source->size);
    if (bad) {
        answer_error(answer, "400 Bad Request", "InvalidArgument", NULL);
        return;
    }
    uint64_t size = source->size ? last + 1 - first : 0;
    part_set(part, size, source->blob ? blob_make(source->blob->bytes + first, size) : NULL, number);
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<CopyPartResult" XML_NAMESPACE "><LastModified>");
    add_time(&xml, source->changed);
    text_format(&xml, "</LastModified><ETag>&quot;%s&quot;</ETag></CopyPartResult>", part->etag);
    answer_xml(answer, &xml);
    text_free(&xml);
}

void upload_part(const struct request *request, struct answer *answer, struct upload *upload) {
    const char *wanted = request_query(request, "partNumber");
    int number = wanted ? atoi(wanted) : 0;
    char line[128];
    if (number < 1 || number > PARTS) {
        answer_error(answer, "400 Bad Request", "InvalidArgument", NULL);
        return;
    }
    if (request_header(request, "x-amz-copy-source")) {
        copy_part(request, answer, &upload->parts[number], number);
        return;
    }
    counters.requests[DID_upload_part]++;
    if (!take_checksum(request, answer, line)) return;
    struct blob *blob = request->kept ? blob_make(request->body.bytes, request->body.size) : NULL;
    part_set(&upload->parts[number], request->size, blob, number);
    char headers[256];
    snprintf(headers, sizeof headers, "ETag: \"%s\"\r\n%s", upload->parts[number].etag, line);
    answer_head(answer, "200 OK", 0, headers);
}

/* The numbers of the parts that are named, in order, each with its ETag; -1 when one isn't there. */
static int read_parts(const struct request *request, const struct upload *upload, int *numbers) {
    struct text body = {0};
    text_bytes(&body, request->body.bytes, request->body.size);
    int count = 0;
    char *from = text_end(&body);
    while (count >= 0 && (from = strstr(from, "<Part>"))) {
        char *end = strstr(from, "</Part>");
        if (!end) break;
        *end = 0;
        char *number_at = strstr(from, "<PartNumber>"), *etag = strstr(from, "<ETag>");
        int number = number_at ? atoi(number_at + 12) : 0;
        bool known = number > (count ? numbers[count - 1] : 0) && number <= PARTS && etag &&
                     *upload->parts[number].etag && strstr(etag, upload->parts[number].etag);
        if (known) {
            numbers[count++] = number;
        } else {
            count = -1;
        }
        from = end + 1;
    }
    text_free(&body);
    return count;
}

/* The object is made of its parts' bytes if all of them were kept, and of the pattern otherwise. */
static void join_parts(struct object *object, const struct upload *upload, const int *numbers, int count) {
    struct text joined = {0};
    struct md5 md5;
    unsigned char digest[16];
    bool kept = true;
    md5_begin(&md5);
    object->size = 0;
    for (int i = 0; i < count; i++) {
        const struct part *part = &upload->parts[numbers[i]];
        for (int byte = 0; byte < 16; byte++)
            digest[byte] = (unsigned char)(hex_value(part->etag[2 * byte]) * 16 + hex_value(part->etag[2 * byte + 1]));
        md5_add(&md5, digest, 16);
        object->size += part->size;
        kept &= part->blob != NULL;
        if (kept) text_bytes(&joined, part->blob->bytes, part->blob->size);
    }
    md5_end(&md5, digest);
    hex_of(digest, 16, object->etag);
    snprintf(object->etag + 32, sizeof object->etag - 32, "-%d", count);
    if (kept) object->blob = blob_make(joined.bytes, joined.size);
    text_free(&joined);
}

void complete_upload(const struct request *request, struct answer *answer, struct bucket *bucket,
                     struct upload *upload) {
    counters.requests[DID_complete_upload]++;
    const struct object *there = object_find(bucket, upload->key);
    if (!conditions_hold(request, answer, there, "if-match", "if-none-match")) return;
    static int numbers[PARTS + 1];
    int count = read_parts(request, upload, numbers);
    if (count <= 0) {
        answer_error(answer, "400 Bad Request", count ? "InvalidPart" : "MalformedXML", NULL);
        return;
    }
    for (int i = 0; i < count - 1; i++) {
        if (upload->parts[numbers[i]].size >= 5u << 20) continue;
        answer_error(answer, "400 Bad Request", "EntityTooSmall", NULL);
        return;
    }
    struct object *object = object_make(bucket, upload->key);
    join_parts(object, upload, numbers, count);
    object->described = upload->described;
    upload->described = NULL;
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<CompleteMultipartUploadResult" XML_NAMESPACE ">");
    add_name(&xml, "Bucket", bucket->name);
    add_name(&xml, "Key", object->key);
    text_format(&xml, "<ETag>&quot;%s&quot;</ETag></CompleteMultipartUploadResult>", object->etag);
    answer_xml(answer, &xml);
    text_free(&xml);
    upload_remove(bucket, upload);
}

void list_uploads(const struct request *request, struct answer *answer, const struct bucket *bucket) {
    counters.requests[DID_other]++;
    const char *prefix = request_query(request, "prefix");
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<ListMultipartUploadsResult" XML_NAMESPACE ">");
    add_name(&xml, "Bucket", bucket->name);
    text_add(&xml, "<IsTruncated>false</IsTruncated>");
    for (const struct upload *upload = bucket->uploads; upload; upload = upload->next) {
        if (prefix && strncmp(upload->key, prefix, strlen(prefix)) != 0) continue;
        text_add(&xml, "<Upload>");
        add_name(&xml, "Key", upload->key);
        add_name(&xml, "UploadId", upload->id);
        text_add(&xml, "<Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>");
    }
    text_add(&xml, "</ListMultipartUploadsResult>");
    answer_xml(answer, &xml);
    text_free(&xml);
}
