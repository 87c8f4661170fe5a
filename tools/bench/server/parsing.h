/* Heads, chunks and S3's own framing of bodies. */
#ifndef PARSING_H
#define PARSING_H

#include "http.h"

/* Take a head apart into the connection's request; false when it is none. */
bool parse_head(struct connection *connection, const char *head, size_t size);

/* Take the framing of a chunked body off; true at its end. `used` is how many bytes were taken. */
bool parse_chunks(struct connection *connection, const char *bytes, size_t size, size_t *used);

/* What is left to do when the body is there: its size, and the framing `aws-chunked` with its trailers. */
void finish_body(struct request *request);

#endif
