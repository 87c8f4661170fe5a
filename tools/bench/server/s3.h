/* The verbs of S3, one function for each, and what they share.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
#ifndef S3_H
#define S3_H

#include "http.h"

#define XML_BEGIN "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XML_NAMESPACE " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

void answer_error(struct answer *answer, const char *status, const char *code, const char *key);
void answer_xml(struct answer *answer, const struct text *xml);
void add_time(struct text *text, time_t time);
void add_name(struct text *text, const char *element, const char *name);

/* Whether If-Match and If-None-Match (or others, by their names) hold for what is there now; if not, it has answered. */
bool conditions_hold(const struct request *request, struct answer *answer, const struct object *there,
                     const char *match, const char *none_match);

/* The header lines of a request that are kept with the object: content type, metadata and the like; NULL for none. */
char *described_by(const struct request *request);

void list_objects(const struct request *request, struct answer *answer, const struct bucket *bucket);
void delete_objects(const struct request *request, struct answer *answer, struct bucket *bucket);

void get_object(const struct request *request, struct answer *answer, const struct bucket *bucket);
void put_object(const struct request *request, struct answer *answer, struct bucket *bucket);
void copy_object(const struct request *request, struct answer *answer, struct bucket *bucket);

void create_upload(const struct request *request, struct answer *answer, struct bucket *bucket);
void upload_part(const struct request *request, struct answer *answer, struct upload *upload);
void complete_upload(const struct request *request, struct answer *answer, struct bucket *bucket,
                     struct upload *upload);
void list_uploads(const struct request *request, struct answer *answer, const struct bucket *bucket);

/* What `x-amz-copy-source` names, if it is there and its conditions hold; NULL when it has answered. */
struct object *copy_source(const struct request *request, struct answer *answer);

/* Checks the checksum that came with a body, if it was kept; puts the header line of it. False when it has answered. */
bool take_checksum(const struct request *request, struct answer *answer, char line[128]);

#endif
