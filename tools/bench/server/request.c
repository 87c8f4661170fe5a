/* The parts of a request, and the head of an answer. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "http.h"

static const char *field_find(const struct field *fields, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (!strcmp(fields[i].name, name)) return fields[i].value;
    return NULL;
}

const char *request_header(const struct request *request, const char *name) {
    return field_find(request->headers, request->header_count, name);
}

const char *request_query(const struct request *request, const char *name) {
    return field_find(request->query, request->queries, name);
}

void answer_date(char line[64], int64_t when) {
    struct tm parts;
    time_t seconds = when;
    gmtime_r(&seconds, &parts);
    strftime(line, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

void answer_head(struct answer *answer, const char *status, uint64_t size, const char *headers) {
    static time_t last;
    static char date[64];
    time_t now = time(NULL);
    if (now != last) answer_date(date, last = now);
    struct text *text = &answer->text;
    text_add(text, "HTTP/1.1 ");
    text_add(text, status);
    text_add(text, "\r\nx-amz-id-2: Zl4CXv1mB9T1wq5vHk3pT0tKQ8lqkLq7r0m5Zb0mQ9m1s7rj2G7y4pWl2bR0kqHq"
                   "\r\nx-amz-request-id: 4442587FB7D0A2F9\r\nDate: ");
    text_add(text, date);
    text_add(text, "\r\nServer: AmazonS3\r\nContent-Length: ");
    text_number(text, size);
    text_add(text, "\r\n");
    if (headers) text_add(text, headers);
    text_add(text, "\r\n");
}
