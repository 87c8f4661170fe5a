#define _GNU_SOURCE
#include "parsing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void lower(char *name) {
    for (; *name; name++) *name = (char)tolower((unsigned char)*name);
}

static void add_field(struct field *fields, int *count, char *name, char *value) {
    if (*count < FIELDS) fields[(*count)++] = (struct field){name, value};
}

/* "name: value" up to the end of the line; gives the next line, or NULL when there is none. */
static char *parse_header(struct request *request, char *line, char *end) {
    char *line_end = memmem(line, end - line, "\r\n", 2);
    if (!line_end || line_end == line) return NULL;
    *line_end = 0;
    char *value = strchr(line, ':');
    if (value) {
        *value++ = 0;
        while (*value == ' ' || *value == '\t') value++;
        for (char *last = line_end; last > value && (last[-1] == ' ' || last[-1] == '\t');) *--last = 0;
        lower(line);
        add_field(request->headers, &request->header_count, line, value);
    }
    return line_end + 2;
}

static void parse_query(struct request *request, char *query) {
    for (char *next; query && *query; query = next) {
        next = strchr(query, '&');
        if (next) *next++ = 0;
        char *value = strchr(query, '=');
        if (value) *value++ = 0;
        decode_percent(query, true);
        if (value) decode_percent(value, true);
        add_field(request->query, &request->queries, query, value ? value : query + strlen(query));
    }
}

/* "/bucket/key?query", or the same as a whole URL. */
static void parse_target(struct request *request, char *target) {
    if (!strncasecmp(target, "http://", 7)) target = strchrnul(target + 7, '/');
    char *query = strchr(target, '?');
    if (query) *query++ = 0;
    request->bucket = target + (*target == '/');
    request->key = strchrnul(request->bucket, '/');
    if (*request->key) *request->key++ = 0;
    decode_percent(request->bucket, false);
    decode_percent(request->key, false);
    parse_query(request, query);
}

static uint64_t header_number(const struct request *request, const char *name) {
    const char *value = request_header(request, name);
    return value ? strtoull(value, NULL, 10) : 0;
}

bool parse_head(struct connection *connection, const char *head, size_t size) {
    struct request *request = &connection->request;
    request->queries = request->header_count = 0;
    request->body.size = request->head.size = request->trailers.size = 0;
    text_bytes(&request->head, head, size);
    text_end(&request->head);
    char *line = request->head.bytes, *end = line + size;
    char *line_end = strstr(line, "\r\n");
    char *target = memchr(line, ' ', line_end - line);
    if (!target) return false;
    *target++ = 0;
    char *version = memchr(target, ' ', line_end - target);
    if (!version) return false;
    *version++ = 0;
    *line_end = 0;
    request->method = line;
    for (line = line_end + 2; line;) line = parse_header(request, line, end);
    parse_target(request, target);
    const char *how = request_header(request, "connection");
    connection->closing = how ? !strcasecmp(how, "close") : !strcmp(version, "HTTP/1.0");
    const char *coding = request_header(request, "transfer-encoding");
    connection->chunked = coding && strcasestr(coding, "chunked");
    connection->chunk_state = 0;
    connection->chunk_left = 0;
    connection->body_left = connection->chunked ? 0 : header_number(request, "content-length");
    request->size = connection->body_left;
    request->kept = keep_all || connection->chunked || connection->body_left <= KEPT_BODY;
    return true;
}

enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_BYTES, CHUNK_END, TRAILER, TRAILER_LINE };

bool parse_chunks(struct connection *connection, const char *bytes, size_t size, size_t *used) {
    struct request *request = &connection->request;
    size_t i = 0;
    while (i < size) {
        char byte = bytes[i];
        switch (connection->chunk_state) {
        case CHUNK_SIZE:
        case CHUNK_EXTENSION:
            i++;
            if (byte == '\n') {
                connection->chunk_state = connection->chunk_left ? CHUNK_BYTES : TRAILER;
            } else if (connection->chunk_state == CHUNK_SIZE && hex_value(byte) >= 0) {
                connection->chunk_left = connection->chunk_left * 16 + hex_value(byte);
            } else {
                connection->chunk_state = CHUNK_EXTENSION;
            }
            break;
        case CHUNK_BYTES: {
            size_t more = size - i < connection->chunk_left ? size - i : connection->chunk_left;
            request->size += more;
            if (request->kept) text_bytes(&request->body, bytes + i, more);
            if (request->body.size > 4 * KEPT_BODY && !keep_all) request->kept = false;
            i += more;
            connection->chunk_left -= more;
            if (!connection->chunk_left) connection->chunk_state = CHUNK_END;
            break;
        }
        case CHUNK_END:
            i++;
            if (byte == '\n') connection->chunk_state = CHUNK_SIZE;
            break;
        case TRAILER: /* at the begin of a line: an empty one ends it all */
            i++;
            if (byte == '\n') {
                *used = i;
                return true;
            }
            if (byte != '\r') connection->chunk_state = TRAILER_LINE;
            break;
        default:
            i++;
            if (byte == '\n') connection->chunk_state = TRAILER;
        }
    }
    *used = i;
    return false;
}

/* The body without `aws-chunked`: size in hexadecimal, maybe ";chunk-signature=...", and bytes; trailers at the end.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
static void take_framing_off(struct request *request) {
    struct text *body = &request->body;
    char *from = body->bytes, *end = from + body->size, *to = from;
    for (;;) {
        char *line_end = memmem(from, end - from, "\r\n", 2);
        if (!line_end) break;
        size_t size = strtoull(from, NULL, 16);
        from = line_end + 2;
        if (!size || size > (size_t)(end - from)) break;
        memmove(to, from, size);
        to += size;
        from += size + 2;
        if (from > end) break;
    }
    if (from < end) text_bytes(&request->trailers, from, end - from);
    body->size = to - body->bytes;
    if (!request->trailers.size) return;
    text_end(&request->trailers);
    char *last = request->trailers.bytes + request->trailers.size;
    for (char *line = request->trailers.bytes; line;) line = parse_header(request, line, last);
}

void finish_body(struct request *request) {
    const char *coding = request_header(request, "content-encoding");
    const char *decoded = request_header(request, "x-amz-decoded-content-length");
    if (decoded || (coding && !strncasecmp(coding, "aws-chunked", 11))) {
        if (request->kept && request->body.size) take_framing_off(request);
        if (decoded && !request->kept) request->size = strtoull(decoded, NULL, 10);
    }
    if (request->kept) request->size = request->body.size;
}
