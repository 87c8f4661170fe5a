/* ListObjectsV2, ListObjects and DeleteObjects. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "s3.h"

#define PAGE 1000

/* Where a page begins, and what its names are made of. */
struct query {
    const char *prefix, *delimiter, *after;
    bool after_prefix; /* `after` is a common prefix, and all that it covers is left out */
    bool version_2, percent;
    long most;
};

struct page {
    struct text contents, prefixes;
    long count;
    const char *last; /* key or common prefix */
    size_t last_size;
    bool last_is_prefix, truncated;
};

static const char *or_empty(const char *words) { return words ? words : ""; }

/* A token is the last name of a page in hexadecimal, behind K for a key and P for a common prefix. */
static const char *read_token(const char *token, bool *is_prefix) {
    static char name[2048];
    size_t size = 0;
    for (; token[0] && token[1] && size < sizeof name - 1; token += 2)
        name[size++] = (char)(hex_value(token[0]) * 16 + hex_value(token[1]));
    name[size] = 0;
    *is_prefix = name[0] == 'P';
    return size ? name + 1 : name;
}

static struct query read_query(const struct request *request) {
    const char *type = or_empty(request_query(request, "list-type"));
    const char *encoding = or_empty(request_query(request, "encoding-type"));
    const char *most = or_empty(request_query(request, "max-keys"));
    struct query query = {
        .prefix = or_empty(request_query(request, "prefix")),
        .delimiter = or_empty(request_query(request, "delimiter")),
        .version_2 = !strcmp(type, "2"),
        .percent = !strcmp(encoding, "url"),
        .most = *most ? atol(most) : PAGE,
    };
    if (query.most > PAGE || query.most < 0) query.most = PAGE;
    const char *token = request_query(request, "continuation-token");
    if (query.version_2 && token) {
        query.after = read_token(token, &query.after_prefix);
    } else {
        query.after = or_empty(request_query(request, query.version_2 ? "start-after" : "marker"));
        size_t size = strlen(query.after), delimiter = strlen(query.delimiter);
        query.after_prefix = !query.version_2 && delimiter && size >= delimiter &&
                             !strcmp(query.after + size - delimiter, query.delimiter);
    }
    return query;
}

static size_t first_index(const struct bucket *bucket, const struct query *query) {
    size_t first = bucket_search(bucket, query->prefix, strlen(query->prefix), false);
    if (!*query->after) return first;
    size_t size = strlen(query->after);
    size_t index = bucket_search(bucket, query->after, size, query->after_prefix);
    if (!query->after_prefix && index < bucket->count && !strcmp(bucket->objects[index]->key, query->after)) index++;
    return index > first ? index : first;
}

static void add_object(struct text *xml, const struct object *object, bool percent) {
    text_add(xml, "<Contents><Key>");
    text_name(xml, object->key, object->key_size, percent);
    text_add(xml, "</Key><LastModified>");
    add_time(xml, object->changed);
    text_add(xml, "</LastModified><ETag>&quot;");
    text_add(xml, object->etag);
    text_add(xml, "&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
                  "<Size>");
    text_number(xml, object->size);
    text_add(xml, "</Size><StorageClass>STANDARD</StorageClass></Contents>");
}

static void fill_page(struct page *page, const struct bucket *bucket, const struct query *query) {
    size_t prefix = strlen(query->prefix), delimiter = strlen(query->delimiter);
    for (size_t i = first_index(bucket, query); i < bucket->count; page->count++) {
        const struct object *object = bucket->objects[i];
        if (object->key_size < prefix || memcmp(object->key, query->prefix, prefix) != 0) return;
        if (page->count == query->most) {
            page->truncated = query->most > 0;
            return;
        }
        char *cut = delimiter ? memmem(object->key + prefix, object->key_size - prefix, query->delimiter, delimiter)
                              : NULL;
        page->last = object->key;
        page->last_is_prefix = cut != NULL;
        page->last_size = cut ? (size_t)(cut + delimiter - object->key) : object->key_size;
        if (cut) {
            text_add(&page->prefixes, "<CommonPrefixes><Prefix>");
            text_name(&page->prefixes, object->key, page->last_size, query->percent);
            text_add(&page->prefixes, "</Prefix></CommonPrefixes>");
            i = bucket_search(bucket, object->key, page->last_size, true);
        } else {
            add_object(&page->contents, object, query->percent);
            i++;
        }
    }
}

static void add_coded(struct text *xml, const char *element, const char *name, size_t size, bool percent) {
    text_format(xml, "<%s>", element);
    text_name(xml, name, size, percent);
    text_format(xml, "</%s>", element);
}

static void add_next(struct text *xml, const struct page *page, const struct query *query) {
    if (query->version_2) {
        text_add(xml, "<NextContinuationToken>");
        text_hex(xml, page->last_is_prefix ? "P" : "K", 1);
        text_hex(xml, page->last, page->last_size);
        text_add(xml, "</NextContinuationToken>");
    } else if (*query->delimiter) {
        add_coded(xml, "NextMarker", page->last, page->last_size, query->percent);
    }
}

void list_objects(const struct request *request, struct answer *answer, const struct bucket *bucket) {
    counters.requests[DID_list]++;
    struct query query = read_query(request);
    static struct page page; /* its texts are used again for the next page */
    page.contents.size = page.prefixes.size = 0;
    page.count = 0;
    page.truncated = false;
    fill_page(&page, bucket, &query);
    static struct text xml;
    xml.size = 0;
    text_add(&xml, XML_BEGIN "<ListBucketResult" XML_NAMESPACE ">");
    add_name(&xml, "Name", bucket->name);
    add_coded(&xml, "Prefix", query.prefix, strlen(query.prefix), query.percent);
    if (query.version_2) {
        const char *token = request_query(request, "continuation-token");
        const char *after = request_query(request, "start-after");
        text_format(&xml, "<KeyCount>%ld</KeyCount>", page.count);
        if (token) add_name(&xml, "ContinuationToken", token);
        if (after) add_coded(&xml, "StartAfter", after, strlen(after), query.percent);
    } else {
        add_coded(&xml, "Marker", query.after, strlen(query.after), query.percent);
    }
    text_format(&xml, "<MaxKeys>%ld</MaxKeys>", query.most);
    if (*query.delimiter) add_coded(&xml, "Delimiter", query.delimiter, strlen(query.delimiter), query.percent);
    if (query.percent) text_add(&xml, "<EncodingType>url</EncodingType>");
    text_add(&xml, page.truncated ? "<IsTruncated>true</IsTruncated>" : "<IsTruncated>false</IsTruncated>");
    if (page.truncated) add_next(&xml, &page, &query);
    text_bytes(&xml, page.contents.bytes, page.contents.size);
    text_bytes(&xml, page.prefixes.bytes, page.prefixes.size);
    text_add(&xml, "</ListBucketResult>");
    answer_xml(answer, &xml);
}

/* The text of an element between two places, decoded; NULL when there is none. */
static char *element(char *from, char *to, const char *begin, const char *end) {
    char *value = memmem(from, to - from, begin, strlen(begin));
    if (!value) return NULL;
    value += strlen(begin);
    char *value_end = memmem(value, to - value, end, strlen(end));
    if (!value_end) return NULL;
    *value_end = 0;
    decode_xml(value);
    return value;
}

static void delete_one(struct bucket *bucket, struct text *xml, char *from, char *to, bool quiet) {
    char *etag_from = memmem(from, to - from, "<ETag>", 6);
    char *etag = etag_from ? element(etag_from, to, "<ETag>", "</ETag>") : NULL;
    char *key = element(from, to, "<Key>", "</Key>");
    if (!key) return;
    struct object *object = object_find(bucket, key);
    if (object && etag && !strstr(etag, object->etag)) {
        text_add(xml, "<Error>");
        add_name(xml, "Key", key);
        text_add(xml, "<Code>PreconditionFailed</Code><Message>The ETag is another one.</Message></Error>");
        return;
    }
    if (object) object->doomed = true;
    if (quiet) return;
    text_add(xml, "<Deleted>");
    add_name(xml, "Key", key);
    text_add(xml, "</Deleted>");
}

static bool has_digest(const struct request *request) {
    if (request_header(request, "content-md5")) return true;
    for (int i = 0; i < request->header_count; i++)
        if (!strncmp(request->headers[i].name, "x-amz-checksum-", 15)) return true;
    return false;
}

void delete_objects(const struct request *request, struct answer *answer, struct bucket *bucket) {
    counters.requests[DID_delete_many]++;
    char line[128];
    if (!has_digest(request)) {
        answer_error(answer, "400 Bad Request", "InvalidRequest", NULL); /* S3 wants Content-MD5 or a checksum */
        return;
    }
    if (!take_checksum(request, answer, line)) return;
    struct text body = {0}, xml = {0};
    text_bytes(&body, request->body.bytes, request->body.size);
    char *from = text_end(&body), *end = from + body.size;
    bool quiet = strstr(from, "<Quiet>true</Quiet>") != NULL;
    text_add(&xml, XML_BEGIN "<DeleteResult" XML_NAMESPACE ">");
    while ((from = memmem(from, end - from, "<Object>", 8))) {
        char *to = memmem(from, end - from, "</Object>", 9);
        if (!to) break;
        delete_one(bucket, &xml, from, to, quiet);
        from = to;
    }
    bucket_remove_doomed(bucket);
    text_add(&xml, "</DeleteResult>");
    answer_xml(answer, &xml);
    text_free(&body);
    text_free(&xml);
}
