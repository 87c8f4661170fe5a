/* `/__ctl`: counters as JSON, and settings by its query.
 *
 *   reset             start counting anew
 *   latency=30        milliseconds between a whole request and its answer
 *   keep=1            keep the bodies of any size, so that they can be read back; 0: only short ones
 *   clear=BUCKET      empty a bucket, making it if it isn't there
 *   fill=BUCKET&shape=flat&count=1000&size=4096&prefix=data/    add made-up objects: see store.c
 *   digest=BUCKET     gives objects, bytes, and an MD5 of keys, sizes and contents */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "counters.h"
#include "http.h"
#include "s3.h"

struct counters counters;

static const char *const NAMES[] = {
#define EACH(name) #name,
    OPERATIONS(EACH)
#undef EACH
};

/* A line for each object: key, size, and the MD5 of its content where that is known. */
static void add_digest(struct text *json, const struct bucket *bucket) {
    struct md5 md5;
    struct text line = {0};
    unsigned char digest[16];
    char hex[33];
    uint64_t bytes = 0;
    md5_begin(&md5);
    for (size_t i = 0; i < bucket->count; i++) {
        const struct object *object = bucket->objects[i];
        bytes += object->size;
        strcpy(hex, "-");
        if (object->blob) {
            md5_hex(object->blob->bytes, object->blob->size, hex);
        } else if (!strchr(object->etag, '-')) {
            strcpy(hex, object->etag);
        }
        line.size = 0;
        text_bytes(&line, object->key, object->key_size);
        text_format(&line, "\t%llu\t%s\n", (unsigned long long)object->size, hex);
        md5_add(&md5, line.bytes, line.size);
    }
    text_free(&line);
    md5_end(&md5, digest);
    hex_of(digest, 16, hex);
    text_format(json, "{\"objects\":%zu,\"bytes\":%llu,\"md5\":\"%s\"}\n", bucket->count, (unsigned long long)bytes,
                hex);
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void add_counters(struct text *json) {
    text_format(json, "{\"connections\":%llu,\"most_open\":%d,\"most_serving\":%d,\"continues\":%llu,\"errors\":%llu,",
                (unsigned long long)counters.connections, counters.most_open, counters.most_serving,
                (unsigned long long)counters.continues, (unsigned long long)counters.errors);
    text_format(json, "\"lists_before\":%llu,", (unsigned long long)counters.lists_before);
    text_format(json, "\"received\":%llu,\"sent\":%llu,\"cpu\":%.4f,\"requests\":{",
                (unsigned long long)counters.received, (unsigned long long)counters.sent, cpu_seconds());
    const char *comma = "";
    for (int kind = 0; kind < OPERATION_KINDS; kind++) {
        if (!counters.requests[kind]) continue;
        text_format(json, "%s\"%s\":%llu", comma, NAMES[kind], (unsigned long long)counters.requests[kind]);
        comma = ",";
    }
    text_add(json, "}}\n");
}

static void reset(void) {
    int open = counters.open, serving = counters.serving;
    counters = (struct counters){.open = open, .serving = serving, .most_open = open, .most_serving = serving};
}

static const char *setting(const struct request *request, const char *name) {
    const char *value = request_query(request, name);
    return value ? value : "";
}

static bool fill(const struct request *request) {
    struct bucket *bucket = bucket_make(setting(request, "fill"));
    return bucket_fill(bucket, setting(request, "shape"), atol(setting(request, "count")),
                       strtoull(setting(request, "size"), NULL, 10), setting(request, "prefix"));
}

void control(const struct request *request, struct answer *answer) {
    const char *value = request_query(request, "latency");
    if (value) latency = (int64_t)(atof(value) * 1e6);
    value = request_query(request, "keep");
    if (value) keep_all = atoi(value);
    value = request_query(request, "clear");
    if (value) bucket_clear(bucket_make(value));
    if (request_query(request, "fill") && !fill(request)) {
        answer_error(answer, "400 Bad Request", "UnknownShape", NULL);
        return;
    }
    struct text json = {0};
    const struct bucket *bucket = bucket_find(setting(request, "digest"));
    if (bucket) {
        add_digest(&json, bucket);
    } else {
        add_counters(&json);
    }
    if (request_query(request, "reset")) reset();
    answer_head(answer, "200 OK", json.size, "Content-Type: application/json\r\n");
    text_bytes(&answer->text, json.bytes, json.size);
    text_free(&json);
}
