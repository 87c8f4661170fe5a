#define _GNU_SOURCE
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text.h"

char *pattern;
int pattern_file;
struct bucket *buckets;

void store_begin(void) {
    pattern_file = memfd_create("pattern", MFD_CLOEXEC);
    if (pattern_file < 0 || ftruncate(pattern_file, PATTERN_SIZE)) abort();
    pattern = mmap(NULL, PATTERN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, pattern_file, 0);
    if (pattern == MAP_FAILED) abort();
    for (unsigned i = 0; i < PATTERN_SIZE; i++) pattern[i] = (char)((i * 2654435761u) >> 24);
}

struct blob *blob_make(const char *bytes, size_t size) {
    struct blob *blob = malloc(sizeof *blob + size);
    if (!blob) abort();
    blob->holders = 1;
    blob->size = size;
    if (size) memcpy(blob->bytes, bytes, size);
    return blob;
}

struct blob *blob_hold(struct blob *blob) {
    if (blob) blob->holders++;
    return blob;
}

void blob_drop(struct blob *blob) {
    if (blob && !--blob->holders) free(blob);
}

struct bucket *bucket_find(const char *name) {
    for (struct bucket *bucket = buckets; bucket; bucket = bucket->next)
        if (!strcmp(bucket->name, name)) return bucket;
    return NULL;
}

struct bucket *bucket_make(const char *name) {
    struct bucket *bucket = bucket_find(name);
    if (bucket) return bucket;
    bucket = calloc(1, sizeof *bucket);
    bucket->name = strdup(name);
    struct bucket **place = &buckets; /* in order, as ListBuckets gives them */
    while (*place && strcmp((*place)->name, name) < 0) place = &(*place)->next;
    bucket->next = *place;
    return *place = bucket;
}

static void object_empty(struct object *object) {
    blob_drop(object->blob);
    free(object->described);
    object->blob = NULL;
    object->described = NULL;
    object->checksum[0] = 0;
}

static void object_free(struct object *object) {
    object_empty(object);
    free(object->key);
    free(object);
}

void bucket_clear(struct bucket *bucket) {
    for (size_t i = 0; i < bucket->count; i++) object_free(bucket->objects[i]);
    bucket->count = 0;
    while (bucket->uploads) upload_remove(bucket, bucket->uploads);
}

bool bucket_remove(struct bucket *bucket) {
    if (bucket->count) return false;
    struct bucket **place = &buckets;
    while (*place != bucket) place = &(*place)->next;
    *place = bucket->next;
    bucket_clear(bucket);
    free(bucket->objects);
    free(bucket->name);
    free(bucket);
    return true;
}

static int compare(const struct object *object, const char *key, size_t size) {
    int order = memcmp(object->key, key, object->key_size < size ? object->key_size : size);
    return order ? order : (object->key_size > size) - (object->key_size < size);
}

size_t bucket_search(const struct bucket *bucket, const char *key, size_t size, bool after_all) {
    size_t low = 0, high = bucket->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct object *object = bucket->objects[middle];
        bool before = after_all && object->key_size >= size ? memcmp(object->key, key, size) <= 0
                                                            : compare(object, key, size) < 0;
        if (before) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct object *object_find(const struct bucket *bucket, const char *key) {
    size_t size = strlen(key), index = bucket_search(bucket, key, size, false);
    bool found = index < bucket->count && !compare(bucket->objects[index], key, size);
    return found ? bucket->objects[index] : NULL;
}

static struct object *append(struct bucket *bucket, const char *key) {
    if (bucket->count == bucket->room) {
        bucket->room = bucket->room ? bucket->room * 2 : 1024;
        bucket->objects = realloc(bucket->objects, bucket->room * sizeof *bucket->objects);
        if (!bucket->objects) abort();
    }
    struct object *object = calloc(1, sizeof *object);
    object->key = strdup(key);
    object->key_size = strlen(key);
    return bucket->objects[bucket->count++] = object;
}

struct object *object_make(struct bucket *bucket, const char *key) {
    struct object *object = object_find(bucket, key);
    if (object) {
        object_empty(object);
    } else {
        size_t index = bucket_search(bucket, key, strlen(key), false);
        object = append(bucket, key);
        struct object **place = bucket->objects + index;
        memmove(place + 1, place, (bucket->count - 1 - index) * sizeof *place);
        *place = object;
    }
    object->changed = time(NULL);
    return object;
}

void object_remove(struct bucket *bucket, const char *key) {
    struct object *object = object_find(bucket, key);
    if (!object) return;
    struct object **place = bucket->objects + bucket_search(bucket, key, object->key_size, false);
    object_free(object);
    bucket->count--;
    memmove(place, place + 1, (bucket->objects + bucket->count - place) * sizeof *place);
}

void bucket_remove_doomed(struct bucket *bucket) {
    size_t kept = 0;
    for (size_t i = 0; i < bucket->count; i++) {
        struct object *object = bucket->objects[i];
        if (object->doomed) {
            object_free(object);
        } else {
            bucket->objects[kept++] = object;
        }
    }
    bucket->count = kept;
}

static int by_key(const void *one, const void *other) {
    const struct object *second = *(struct object *const *)other;
    return compare(*(struct object *const *)one, second->key, second->key_size);
}

/* Random numbers that are the same in each run: https://www.jstatsoft.org/article/view/v008i14 */
static uint64_t next_random(uint64_t *random) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    return *random ^= *random << 17;
}

/* The shapes:
 *   flat   one directory                 tree   directories of ten directories of 100 files
 *   dates  keys that begin with dates    uuid   random keys
 *   alone  a directory for each object
 *   skew   nearly all keys share a long prefix; the others begin with any letter
 *   one    one object, whose key is the prefix */
static bool shaped_key(struct text *key, const char *shape, long i, uint64_t random) {
    if (!strcmp(shape, "flat")) {
        text_format(key, "file-%08ld.bin", i);
    } else if (!strcmp(shape, "tree")) {
        text_format(key, "dir-%04ld/sub-%02ld/file-%06ld.dat", i / 1000, i / 100 % 10, i);
    } else if (!strcmp(shape, "dates")) {
        long day = i / 137;
        text_format(key, "%04ld/%02ld/%02ld/host-%03ld-%06ld.log.gz", 2015 + day / 360, 1 + day / 30 % 12,
                    1 + day % 30, i % 137, i);
    } else if (!strcmp(shape, "uuid")) {
        uint64_t more = random * 0x9E3779B97F4A7C15ull;
        text_format(key, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(random >> 32), (unsigned)(random & 0xffff),
                    (unsigned)(random >> 16 & 0xffff), (unsigned)(more & 0xffff), (unsigned long long)(more >> 16));
    } else if (!strcmp(shape, "alone")) {
        text_format(key, "dir-%06ld/file.dat", i);
    } else if (!strcmp(shape, "skew")) {
        if (i % 20) {
            text_format(key, "a/very/deep/prefix/for/dataset=v1/part-%08ld-of-99999999.parquet", i);
        } else {
            text_format(key, "%c/x-%ld", (int)('b' + random % 24), i);
        }
    } else {
        return !strcmp(shape, "one");
    }
    return true;
}

bool bucket_fill(struct bucket *bucket, const char *shape, long count, uint64_t size, const char *prefix) {
    uint64_t random = 88172645463325252ull;
    char etag[33] = "", crc[9] = "";
    if (size && size <= 1 << 20) { /* what one PutObject of these bytes would have left */
        md5_hex(pattern, size, etag);
        crc32_base64(pattern, size, crc);
    }
    struct text key = {0};
    for (long i = 0; i < count; i++) {
        next_random(&random);
        key.size = 0;
        text_add(&key, prefix);
        if (!shaped_key(&key, shape, i, random)) {
            text_free(&key);
            return false;
        }
        struct object *object = append(bucket, text_end(&key));
        object->size = size ? size : (random >> 20) % 10000000;
        object->changed = 1700000000 + i % 86400;
        if (*etag) {
            strcpy(object->etag, etag);
            snprintf(object->checksum, sizeof object->checksum, "x-amz-checksum-crc32: %s\r\n", crc);
        } else { /* what a multipart upload would have left */
            uint64_t mixed = (uint64_t)i * 0x9E3779B97F4A7C15ull + 12345;
            snprintf(object->etag, sizeof object->etag, "%016llx%016llx-2", (unsigned long long)mixed,
                     (unsigned long long)(mixed ^ mixed >> 13) * 31);
        }
    }
    text_free(&key);
    qsort(bucket->objects, bucket->count, sizeof *bucket->objects, by_key);
    return true;
}

struct upload *upload_make(struct bucket *bucket, const char *key) {
    static unsigned long number;
    struct upload *upload = calloc(1, sizeof *upload);
    snprintf(upload->id, sizeof upload->id, "upload%012lu", ++number);
    upload->key = strdup(key);
    upload->parts = calloc(PARTS + 1, sizeof *upload->parts);
    upload->next = bucket->uploads;
    return bucket->uploads = upload;
}

struct upload *upload_find(const struct bucket *bucket, const char *id) {
    struct upload *upload = bucket->uploads;
    while (upload && strcmp(upload->id, id)) upload = upload->next;
    return upload;
}

void upload_remove(struct bucket *bucket, struct upload *upload) {
    struct upload **place = &bucket->uploads;
    while (*place != upload) place = &(*place)->next;
    *place = upload->next;
    for (int number = 1; number <= PARTS; number++) blob_drop(upload->parts[number].blob);
    free(upload->parts);
    free(upload->described);
    free(upload->key);
    free(upload);
}
