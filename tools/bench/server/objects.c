/* GetObject, HeadObject, PutObject and CopyObject. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "s3.h"

static const char CHECKSUM[] = "x-amz-checksum-";

/* The header line of the checksum that came with a body, as a header or a trailer; empty for none. */
static void checksum_line(const struct request *request, char line[128]) {
    static const char *const KINDS[] = {"crc32", "crc32c", "crc64nvme", "sha1", "sha256"};
    *line = 0;
    for (int i = 0; i < request->header_count; i++) {
        const struct field *header = &request->headers[i];
        if (strncmp(header->name, CHECKSUM, sizeof CHECKSUM - 1) != 0) continue;
        for (size_t kind = 0; kind < sizeof KINDS / sizeof *KINDS; kind++)
            if (!strcmp(header->name + sizeof CHECKSUM - 1, KINDS[kind]))
                snprintf(line, 128, "%s: %s\r\n", header->name, header->value);
    }
}

bool take_checksum(const struct request *request, struct answer *answer, char line[128]) {
    checksum_line(request, line);
    if (!request->kept) return true;
    const char *crc = request_header(request, "x-amz-checksum-crc32"), *md5 = request_header(request, "content-md5");
    char right[25];
    if (crc) {
        crc32_base64(request->body.bytes, request->body.size, right);
        if (strcmp(crc, right) != 0) {
            answer_error(answer, "400 Bad Request", "XAmzContentChecksumMismatch", NULL);
            return false;
        }
    }
    if (md5) {
        md5_base64(request->body.bytes, request->body.size, right);
        if (strcmp(md5, right) != 0) {
            answer_error(answer, "400 Bad Request", "BadDigest", NULL);
            return false;
        }
    }
    return true;
}

/* Take a range of an object of some size; false when it is none that can be answered.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9110#name-range-requests */
static bool take_range(const char *range, uint64_t size, uint64_t *first, uint64_t *count) {
    char *end;
    if (*range == '-') {
        uint64_t last = strtoull(range + 1, &end, 10);
        *count = last < size ? last : size;
        *first = size - *count;
        return *count > 0;
    }
    *first = strtoull(range, &end, 10);
    if (*first >= size) return false;
    uint64_t last = size - 1;
    if (*end == '-' && isdigit((unsigned char)end[1])) {
        uint64_t wanted = strtoull(end + 1, NULL, 10);
        if (wanted < last) last = wanted;
    }
    *count = last + 1 - *first;
    return true;
}

static void object_headers(struct text *lines, const struct object *object, bool checksum) {
    char date[64];
    answer_date(date, object->changed);
    text_format(lines, "Last-Modified: %s\r\nETag: \"%s\"\r\nAccept-Ranges: bytes\r\n"
                       "x-amz-server-side-encryption: AES256\r\n", date, object->etag);
    if (!object->described || !strstr(object->described, "content-type:"))
        text_add(lines, "Content-Type: binary/octet-stream\r\n");
    if (object->described) text_add(lines, object->described);
    if (checksum && *object->checksum) {
        text_add(lines, object->checksum);
        text_add(lines, "x-amz-checksum-type: FULL_OBJECT\r\n");
    }
}

void get_object(const struct request *request, struct answer *answer, const struct bucket *bucket) {
    counters.requests[*request->method == 'H' ? DID_head : DID_get]++;
    const struct object *object = object_find(bucket, request->key);
    if (!object) {
        answer_error(answer, "404 Not Found", "NoSuchKey", request->key);
        return;
    }
    if (!conditions_hold(request, answer, object, "if-match", "if-none-match")) return;
    uint64_t first = 0, count = object->size;
    const char *range = request_header(request, "range"), *part = request_query(request, "partNumber");
    bool ranged = range && !strncmp(range, "bytes=", 6) && !strchr(range, ',');
    if ((ranged && !take_range(range + 6, object->size, &first, &count)) || (part && strcmp(part, "1") != 0)) {
        answer_error(answer, "416 Requested Range Not Satisfiable", "InvalidRange", NULL);
        return;
    }
    const char *mode = request_header(request, "x-amz-checksum-mode");
    static struct text lines;
    lines.size = 0;
    if ((ranged || part) && object->size)
        text_format(&lines, "Content-Range: bytes %lu-%lu/%lu\r\n", (unsigned long)first,
                    (unsigned long)(first + count - 1), (unsigned long)object->size);
    object_headers(&lines, object, mode && !ranged);
    answer_head(answer, (ranged || part) && object->size ? "206 Partial Content" : "200 OK", count, text_end(&lines));
    answer->blob = blob_hold(object->blob);
    answer->offset = first;
    answer->size = count;
}

void put_object(const struct request *request, struct answer *answer, struct bucket *bucket) {
    counters.requests[DID_put]++;
    char line[128];
    const struct object *there = object_find(bucket, request->key);
    if (!conditions_hold(request, answer, there, "if-match", "if-none-match")) return;
    if (!take_checksum(request, answer, line)) return;
    struct object *object = object_make(bucket, request->key);
    object->size = request->size;
    object->described = described_by(request);
    if (request->kept) {
        object->blob = blob_make(request->body.bytes, request->body.size);
        md5_hex(request->body.bytes, request->body.size, object->etag);
    } else { /* its bytes are gone: the number of the upload takes the place of their MD5 */
        snprintf(object->etag, sizeof object->etag, "%032lx", (unsigned long)counters.requests[DID_put]);
    }
    strcpy(object->checksum, line);
    char headers[256];
    snprintf(headers, sizeof headers, "ETag: \"%s\"\r\n%s%s", object->etag, line,
             *line ? "x-amz-checksum-type: FULL_OBJECT\r\n" : "");
    answer_head(answer, "200 OK", 0, headers);
}

struct object *copy_source(const struct request *request, struct answer *answer) {
    static struct text source;
    source.size = 0;
    const char *value = request_header(request, "x-amz-copy-source");
    const char *end = strchrnul(value, '?'); /* versions are not kept: "?versionId=..." is dropped */
    text_bytes(&source, value, end - value);
    char *name = text_end(&source);
    decode_percent(name, false);
    if (*name == '/') name++;
    char *key = strchr(name, '/');
    if (key) *key++ = 0;
    struct bucket *bucket = key ? bucket_find(name) : NULL;
    struct object *object = bucket ? object_find(bucket, key) : NULL;
    if (!object) {
        answer_error(answer, "404 Not Found", bucket ? "NoSuchKey" : "NoSuchBucket", key);
        return NULL;
    }
    bool holds = conditions_hold(request, answer, object, "x-amz-copy-source-if-match",
                                 "x-amz-copy-source-if-none-match");
    return holds ? object : NULL;
}

void copy_object(const struct request *request, struct answer *answer, struct bucket *bucket) {
    counters.requests[DID_copy]++;
    const struct object *source = copy_source(request, answer), *there = object_find(bucket, request->key);
    if (!source || !conditions_hold(request, answer, there, "if-match", "if-none-match")) return;
    const char *directive = request_header(request, "x-amz-metadata-directive");
    bool replace = directive && !strcmp(directive, "REPLACE");
    if (source == there && !replace) {
        answer_error(answer, "400 Bad Request", "InvalidRequest", NULL); /* a copy onto itself must change something */
        return;
    }
    struct object facts = *source; /* the source may be the target, which is emptied now */
    blob_hold(facts.blob);
    facts.described = replace ? described_by(request) : facts.described ? strdup(facts.described) : NULL;
    struct object *object = object_make(bucket, request->key);
    object->size = facts.size;
    object->blob = facts.blob;
    object->described = facts.described;
    strcpy(object->etag, facts.etag);
    strcpy(object->checksum, facts.checksum);
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<CopyObjectResult" XML_NAMESPACE "><LastModified>");
    add_time(&xml, object->changed);
    text_format(&xml, "</LastModified><ETag>&quot;%s&quot;</ETag></CopyObjectResult>", object->etag);
    answer_xml(answer, &xml);
    text_free(&xml);
}
