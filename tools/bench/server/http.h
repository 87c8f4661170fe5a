/* HTTP/1.1 on one connection: a request in, an answer out.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9112 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"
#include "text.h"

#define HEAD_LIMIT 65536
#define FIELDS 96
#define KEPT_BODY (1u << 20) /* bodies up to this size are kept, those of longer ones are counted and dropped */

struct field {
    char *name;
    char *value;
};

struct request {
    char *method;
    char *bucket; /* decoded; empty for the service itself */
    char *key;    /* decoded; empty for the bucket itself */
    struct field query[FIELDS];
    struct field headers[FIELDS]; /* names in lower case; trailers of the body among them */
    int queries, header_count;
    uint64_t size; /* of the body, as it was meant: without any framing */
    bool kept;     /* whether `body` holds it */
    struct text body;
    struct text head; /* what the fields point into */
    struct text trailers;
};

/* The value of a header or of a parameter of the query, decoded; NULL when it isn't there. */
const char *request_header(const struct request *request, const char *name);
const char *request_query(const struct request *request, const char *name);

/* What is sent: the text, then `size` bytes from `offset` on of the blob, or of the pattern where there is none. */
struct answer {
    struct text text;
    struct blob *blob;
    uint64_t offset, size;
};

/* Write status line and headers; `headers` are whole lines, and may be NULL. */
void answer_head(struct answer *answer, const char *status, uint64_t size, const char *headers);
void answer_date(char line[64], int64_t when);

enum state { READING_HEAD, READING_BODY, WAITING, SENDING };

struct connection {
    int socket;
    void *tls;
    enum state state;
    uint32_t events; /* what epoll waits for */
    char in[HEAD_LIMIT + 1];
    size_t in_size;
    struct request request;
    bool chunked, closing;
    uint64_t body_left;     /* of a body of known length */
    int chunk_state;        /* where in the framing of a chunked body the next byte lies */
    uint64_t chunk_left;
    struct answer answer;
    size_t sent; /* of the answer's text */
    int64_t due; /* when a waiting answer goes out: nanoseconds of the monotonic clock */
    struct connection *later;
    bool closed, waiting; /* closed ones are freed when nothing waits for them */
};

extern bool keep_all;
extern int64_t latency; /* nanoseconds between a whole request and the first byte of its answer */

void http_begin(int epoll, const char *certificate, const char *key);
void http_accept(int listener, bool tls);
void http_event(struct connection *connection, uint32_t events);
int64_t http_send_due(void); /* send the answers that are due; when the next one is, or -1 */
void http_free_closed(void);

/* Answers one whole request; defined by s3.c. */
void serve(const struct request *request, struct answer *answer);

#endif
