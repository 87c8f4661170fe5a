/* Buckets and objects in memory, sorted by the bytes of their keys. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define PATTERN_SIZE (8u << 20)

/* What an object without bytes of its own consists of, over and over. */
extern char *pattern;
extern int pattern_file; /* the same as a file, for sendfile */

/* Bytes that are shared by what holds them: an object, its copies, an answer on its way. */
struct blob {
    int holders;
    size_t size;
    char bytes[];
};

struct blob *blob_make(const char *bytes, size_t size);
struct blob *blob_hold(struct blob *blob); /* NULL is allowed, and given back */
void blob_drop(struct blob *blob);         /* the same */

struct object {
    char *key;
    size_t key_size;
    uint64_t size;
    struct blob *blob; /* NULL: the object is made of the pattern */
    time_t changed;
    char etag[48];      /* without quotes */
    char checksum[128]; /* a header line of its checksum, or nothing */
    char *described;    /* header lines: its content type and metadata, or NULL */
    bool doomed;
};

struct part {
    uint64_t size;
    struct blob *blob;
    char etag[48];
};

#define PARTS 10000

struct upload {
    struct upload *next;
    char id[24];
    char *key;
    char *described;
    struct part *parts; /* by number, from 1; one without an etag is not there */
};

struct bucket {
    struct bucket *next;
    char *name;
    struct object **objects;
    size_t count, room;
    struct upload *uploads;
};

extern struct bucket *buckets;

void store_begin(void);
struct bucket *bucket_find(const char *name);
struct bucket *bucket_make(const char *name); /* or find it */
void bucket_clear(struct bucket *bucket);
bool bucket_remove(struct bucket *bucket); /* false when it isn't empty */

/* The first index whose key is not before the given one; with `after_all`, behind every key that begins with it. */
size_t bucket_search(const struct bucket *bucket, const char *key, size_t size, bool after_all);
struct object *object_find(const struct bucket *bucket, const char *key);
struct object *object_make(struct bucket *bucket, const char *key); /* new, or emptied, with the time of now */
void object_remove(struct bucket *bucket, const char *key);
void bucket_remove_doomed(struct bucket *bucket);

/* Fill a bucket with made-up objects; see the source for the shapes of keys. A size of 0 means many sizes. */
bool bucket_fill(struct bucket *bucket, const char *shape, long count, uint64_t size, const char *prefix);

struct upload *upload_make(struct bucket *bucket, const char *key);
struct upload *upload_find(const struct bucket *bucket, const char *id);
void upload_remove(struct bucket *bucket, struct upload *upload);

#endif
