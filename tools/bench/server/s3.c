/* Which verb a request is, and the verbs on the service and on buckets. */
#define _GNU_SOURCE
#include "s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "counters.h"

void answer_xml(struct answer *answer, const struct text *xml) {
    answer_head(answer, "200 OK", xml->size, "Content-Type: application/xml\r\n");
    text_bytes(&answer->text, xml->bytes, xml->size);
}

void answer_error(struct answer *answer, const char *status, const char *code, const char *key) {
    counters.errors++;
    static struct text xml;
    xml.size = 0;
    text_format(&xml, XML_BEGIN "<Error><Code>%s</Code><Message>%s (%s)</Message>", code, code, status);
    if (key) add_name(&xml, "Key", key);
    text_add(&xml, "<RequestId>4442587FB7D0A2F9</RequestId></Error>");
    answer->text.size = 0;
    answer_head(answer, status, xml.size, "Content-Type: application/xml\r\n");
    text_bytes(&answer->text, xml.bytes, xml.size);
}

void add_time(struct text *text, time_t time) {
    static time_t last = -1;
    static char words[40];
    if (time != last) {
        struct tm parts;
        gmtime_r(&time, &parts);
        strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
        last = time;
    }
    text_add(text, words);
}

void add_name(struct text *text, const char *element, const char *name) {
    text_format(text, "<%s>", element);
    text_name(text, name, strlen(name), false);
    text_format(text, "</%s>", element);
}

/* Whether a list of ETags, quoted or not, or "*", holds one. */
static bool matches(const char *wanted, const struct object *there) {
    return there && (!strcmp(wanted, "*") || strstr(wanted, there->etag));
}

bool conditions_hold(const struct request *request, struct answer *answer, const struct object *there,
                     const char *match, const char *none_match) {
    const char *wanted = request_header(request, match), *unwanted = request_header(request, none_match);
    if (wanted && !matches(wanted, there)) {
        if (there) {
            answer_error(answer, "412 Precondition Failed", "PreconditionFailed", NULL);
        } else {
            answer_error(answer, "404 Not Found", "NoSuchKey", request->key);
        }
        return false;
    }
    if (!unwanted || !matches(unwanted, there)) return true;
    bool reading = match[0] == 'i' && (*request->method == 'G' || *request->method == 'H');
    if (reading) {
        char headers[80];
        snprintf(headers, sizeof headers, "ETag: \"%s\"\r\n", there->etag);
        answer_head(answer, "304 Not Modified", 0, headers);
    } else {
        answer_error(answer, "412 Precondition Failed", "PreconditionFailed", NULL);
    }
    return false;
}

char *described_by(const struct request *request) {
    static const char *const KEPT[] = {"content-type",     "cache-control", "content-disposition",
                                       "content-language", "expires",       "content-encoding"};
    struct text lines = {0};
    for (int i = 0; i < request->header_count; i++) {
        const struct field *header = &request->headers[i];
        bool kept = !strncmp(header->name, "x-amz-meta-", 11);
        for (size_t k = 0; k < sizeof KEPT / sizeof *KEPT; k++) kept |= !strcmp(header->name, KEPT[k]);
        const char *value = header->value;
        if (!strcmp(header->name, "content-encoding") && !strncasecmp(value, "aws-chunked", 11)) {
            value += 11; /* framing of the upload, not of the object */
            while (*value == ',' || *value == ' ') value++;
        }
        if (kept && *value) text_format(&lines, "%s: %s\r\n", header->name, value);
    }
    return lines.size ? text_end(&lines) : NULL;
}

static void list_buckets(struct answer *answer) {
    counters.requests[DID_other]++;
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<ListAllMyBucketsResult" XML_NAMESPACE "><Owner><ID>owner</ID></Owner><Buckets>");
    for (const struct bucket *bucket = buckets; bucket; bucket = bucket->next) {
        text_add(&xml, "<Bucket>");
        add_name(&xml, "Name", bucket->name);
        text_add(&xml, "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>");
    }
    text_add(&xml, "</Buckets></ListAllMyBucketsResult>");
    answer_xml(answer, &xml);
    text_free(&xml);
}

/* The settings of a bucket that clients ask for, none of which this server has. */
static bool answer_setting(const struct request *request, struct answer *answer) {
    struct text xml = {0};
    if (request_query(request, "location")) {
        text_add(&xml, XML_BEGIN "<LocationConstraint" XML_NAMESPACE "></LocationConstraint>");
    } else if (request_query(request, "versioning")) {
        text_add(&xml, XML_BEGIN "<VersioningConfiguration" XML_NAMESPACE "></VersioningConfiguration>");
    } else {
        return false;
    }
    counters.requests[DID_other]++;
    answer_xml(answer, &xml);
    text_free(&xml);
    return true;
}

static void serve_bucket(const struct request *request, struct answer *answer, struct bucket *bucket) {
    const char *method = request->method;
    if (!strcmp(method, "HEAD")) {
        counters.requests[DID_head_bucket]++;
        answer_head(answer, "200 OK", 0, "x-amz-bucket-region: us-east-1\r\n");
    } else if (!strcmp(method, "POST") && request_query(request, "delete")) {
        delete_objects(request, answer, bucket);
    } else if (!strcmp(method, "GET") && request_query(request, "uploads")) {
        list_uploads(request, answer, bucket);
    } else if (!strcmp(method, "GET")) {
        if (!answer_setting(request, answer)) list_objects(request, answer, bucket);
    } else if (!strcmp(method, "DELETE")) {
        counters.requests[DID_other]++;
        if (bucket_remove(bucket)) {
            answer_head(answer, "204 No Content", 0, NULL);
        } else {
            answer_error(answer, "409 Conflict", "BucketNotEmpty", NULL);
        }
    } else {
        answer_error(answer, "405 Method Not Allowed", "MethodNotAllowed", NULL);
    }
}

static void delete_object(const struct request *request, struct answer *answer, struct bucket *bucket) {
    counters.requests[DID_delete]++;
    const struct object *there = object_find(bucket, request->key);
    if (!conditions_hold(request, answer, there, "if-match", "if-none-match")) return;
    object_remove(bucket, request->key);
    answer_head(answer, "204 No Content", 0, NULL);
}

static void serve_upload(const struct request *request, struct answer *answer, struct bucket *bucket, const char *id) {
    struct upload *upload = upload_find(bucket, id);
    if (!upload || strcmp(upload->key, request->key) != 0) {
        answer_error(answer, "404 Not Found", "NoSuchUpload", NULL);
    } else if (!strcmp(request->method, "PUT")) {
        upload_part(request, answer, upload);
    } else if (!strcmp(request->method, "POST")) {
        complete_upload(request, answer, bucket, upload);
    } else if (!strcmp(request->method, "DELETE")) {
        counters.requests[DID_abort_upload]++;
        upload_remove(bucket, upload);
        answer_head(answer, "204 No Content", 0, NULL);
    } else {
        answer_error(answer, "501 Not Implemented", "NotImplemented", NULL);
    }
}

static void answer_tags(const struct request *request, struct answer *answer, const struct bucket *bucket) {
    counters.requests[DID_other]++;
    if (!object_find(bucket, request->key)) {
        answer_error(answer, "404 Not Found", "NoSuchKey", request->key);
        return;
    }
    struct text xml = {0};
    text_add(&xml, XML_BEGIN "<Tagging" XML_NAMESPACE "><TagSet></TagSet></Tagging>");
    answer_xml(answer, &xml);
    text_free(&xml);
}

static void serve_object(const struct request *request, struct answer *answer, struct bucket *bucket) {
    const char *method = request->method, *id = request_query(request, "uploadId");
    if (id) {
        serve_upload(request, answer, bucket, id);
    } else if (request_query(request, "tagging") && !strcmp(method, "GET")) {
        answer_tags(request, answer, bucket);
    } else if (request_query(request, "tagging") || request_query(request, "acl")) {
        answer_error(answer, "501 Not Implemented", "NotImplemented", NULL);
    } else if (!strcmp(method, "GET") || !strcmp(method, "HEAD")) {
        get_object(request, answer, bucket);
    } else if (!strcmp(method, "PUT")) {
        (request_header(request, "x-amz-copy-source") ? copy_object : put_object)(request, answer, bucket);
    } else if (!strcmp(method, "DELETE")) {
        delete_object(request, answer, bucket);
    } else if (!strcmp(method, "POST") && request_query(request, "uploads")) {
        create_upload(request, answer, bucket);
    } else {
        answer_error(answer, "405 Method Not Allowed", "MethodNotAllowed", NULL);
    }
}

/* Take note of how many pages of a listing were asked for before anything was done with what they tell. */
static void note_beginning(void) {
    static const enum operation DOING[] = {DID_get, DID_put, DID_copy, DID_delete, DID_delete_many, DID_upload_part};
    for (size_t i = 0; i < sizeof DOING / sizeof *DOING; i++)
        if (counters.requests[DOING[i]]) return;
    counters.lists_before = counters.requests[DID_list];
}

void serve(const struct request *request, struct answer *answer) {
    note_beginning();
    if (!strcmp(request->bucket, "__ctl")) {
        control(request, answer);
        return;
    }
    if (!*request->bucket) {
        list_buckets(answer);
        return;
    }
    struct bucket *bucket = bucket_find(request->bucket);
    if (!*request->key && !strcmp(request->method, "PUT")) {
        counters.requests[DID_other]++;
        bucket_make(request->bucket);
        answer_head(answer, "200 OK", 0, NULL);
    } else if (!bucket) {
        answer_error(answer, "404 Not Found", "NoSuchBucket", NULL);
    } else {
        (*request->key ? serve_object : serve_bucket)(request, answer, bucket);
    }
}
