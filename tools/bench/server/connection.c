/* Connections: reading requests, holding answers back for the latency that was asked for, sending them. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "http.h"
#include "parsing.h"
#include "tls.h"

#define PIECE (1u << 20)     /* read at once of a long body */
#define SENT_INLINE 65536    /* bodies up to this size go out in one piece with their head */
#define TURNS_AT_A_TIME 8    /* pieces before other connections get their turn */

bool keep_all;
int64_t latency;

static int epoll;
static struct connection *first_waiting, *last_waiting; /* in the order in which they are due */
static struct connection *closed;
static char scratch[PIECE];

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

void http_begin(int epoll_descriptor, const char *certificate, const char *key) {
    epoll = epoll_descriptor;
    if (certificate) tls_begin(certificate, key);
}

static void wait_for(struct connection *connection, uint32_t events) {
    if (connection->events == events) return;
    connection->events = events;
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_MOD, connection->socket, &event);
}

void http_accept(int listener, bool tls) {
    int socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) abort();
        connection->socket = socket;
        connection->events = EPOLLIN;
        if (tls) connection->tls = tls_make(socket);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
        counters.connections++;
        if (++counters.open > counters.most_open) counters.most_open = counters.open;
    }
}

static void close_connection(struct connection *connection) {
    if (connection->closed) return;
    connection->closed = true;
    if (connection->state == WAITING || connection->state == SENDING) counters.serving--;
    counters.open--;
    if (connection->tls) tls_free(connection->tls);
    close(connection->socket); /* which takes it out of epoll too */
    if (connection->waiting) return;
    connection->later = closed;
    closed = connection;
}

void http_free_closed(void) {
    while (closed) {
        struct connection *connection = closed;
        closed = connection->later;
        blob_drop(connection->answer.blob);
        text_free(&connection->answer.text);
        text_free(&connection->request.body);
        text_free(&connection->request.head);
        text_free(&connection->request.trailers);
        free(connection);
    }
}

/* Both give the bytes that went through, 0 when it has to wait, and -1 when the connection is over. */
static ssize_t receive(struct connection *connection, char *bytes, size_t size) {
    ssize_t got;
    if (connection->tls) {
        got = tls_read(connection->tls, bytes, size);
    } else {
        /* To MSG_TRUNC the kernel drops what it would have copied: nothing costs less. */
        got = recv(connection->socket, bytes, size, bytes ? 0 : MSG_TRUNC);
        if (got == 0) return -1;
        if (got < 0) got = errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    if (got > 0) counters.received += got;
    if (got == 0) wait_for(connection, EPOLLIN);
    return got;
}

static ssize_t transmit(struct connection *connection, const char *bytes, size_t size, bool more) {
    ssize_t put;
    if (connection->tls) {
        put = tls_write(connection->tls, bytes, size < 256 << 10 ? size : 256 << 10);
    } else {
        put = send(connection->socket, bytes, size, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
        if (put < 0) put = errno == EAGAIN || errno == EINTR ? 0 : -1;
    }
    if (put > 0) counters.sent += put;
    if (put == 0) wait_for(connection, EPOLLOUT);
    return put;
}

static ssize_t transmit_pattern(struct connection *connection, uint64_t offset, size_t size) {
    if (connection->tls) return transmit(connection, pattern + offset, size, false);
    off_t from = (off_t)offset;
    ssize_t put = sendfile(connection->socket, pattern_file, &from, size);
    if (put < 0) put = errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (put > 0) counters.sent += put;
    if (put == 0) wait_for(connection, EPOLLOUT);
    return put;
}

static ssize_t transmit_body(struct connection *connection) {
    struct answer *answer = &connection->answer;
    if (answer->blob) return transmit(connection, answer->blob->bytes + answer->offset, answer->size, false);
    uint64_t from = answer->offset % PATTERN_SIZE, most = PATTERN_SIZE - from;
    if (most > 2 * PIECE) most = 2 * PIECE;
    return transmit_pattern(connection, from, answer->size < most ? answer->size : most);
}

/* Send what is left of the answer; true when all of it has been. */
static bool send_answer(struct connection *connection) {
    struct answer *answer = &connection->answer;
    while (connection->sent < answer->text.size) {
        ssize_t put = transmit(connection, answer->text.bytes + connection->sent,
                               answer->text.size - connection->sent, answer->size > 0);
        if (put < 0) close_connection(connection);
        if (put <= 0) return false;
        connection->sent += put;
    }
    for (int turn = 0; answer->size; turn++) {
        if (turn == TURNS_AT_A_TIME) {
            wait_for(connection, EPOLLOUT);
            return false;
        }
        ssize_t put = transmit_body(connection);
        if (put < 0) close_connection(connection);
        if (put <= 0) return false;
        answer->offset += put;
        answer->size -= put;
    }
    blob_drop(answer->blob);
    answer->blob = NULL;
    counters.serving--;
    connection->state = READING_HEAD;
    if (connection->closing) {
        close_connection(connection);
        return false;
    }
    return true;
}

/* Short bodies go out with their head: one system call, one packet. */
static void put_inline(struct answer *answer) {
    if (!answer->size || answer->size > SENT_INLINE) return;
    uint64_t from = answer->blob ? answer->offset : answer->offset % PATTERN_SIZE;
    if (!answer->blob && from + answer->size > PATTERN_SIZE) return;
    text_bytes(&answer->text, (answer->blob ? answer->blob->bytes : pattern) + from, answer->size);
    answer->size = 0;
}

/* Answer the request that is complete; true when the answer is sent and the next request may be read. */
static bool answer_request(struct connection *connection) {
    struct answer *answer = &connection->answer;
    answer->text.size = 0;
    answer->offset = answer->size = 0;
    connection->sent = 0;
    serve(&connection->request, answer);
    if (!strcmp(connection->request.method, "HEAD")) {
        answer->size = 0;
        char *end = memmem(answer->text.bytes, answer->text.size, "\r\n\r\n", 4);
        if (end) answer->text.size = end + 4 - answer->text.bytes;
    }
    put_inline(answer);
    if (++counters.serving > counters.most_serving) counters.most_serving = counters.serving;
    if (latency && strcmp(connection->request.bucket, "__ctl") != 0) {
        connection->state = WAITING;
        connection->waiting = true;
        connection->due = now() + latency;
        connection->later = NULL;
        if (first_waiting) {
            last_waiting->later = connection;
        } else {
            first_waiting = connection;
        }
        last_waiting = connection;
        wait_for(connection, 0);
        return false;
    }
    connection->state = SENDING;
    return send_answer(connection);
}

static void take_in(struct connection *connection, size_t size) {
    connection->in_size -= size;
    memmove(connection->in, connection->in + size, connection->in_size);
}

/* Read until a whole head is there; true when it is, and the request is prepared. */
static bool read_head(struct connection *connection) {
    for (;;) {
        char *end = memmem(connection->in, connection->in_size, "\r\n\r\n", 4);
        if (end) {
            size_t size = end + 4 - connection->in;
            bool good = parse_head(connection, connection->in, size);
            take_in(connection, size);
            if (!good) break;
            const char *expect = request_header(&connection->request, "expect");
            bool body = connection->chunked || connection->body_left;
            if (expect && !strcasecmp(expect, "100-continue") && body && !connection->in_size) {
                counters.continues++;
                if (transmit(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25, false) != 25) break;
            }
            connection->state = READING_BODY;
            return true;
        }
        if (connection->in_size == HEAD_LIMIT) break;
        ssize_t got = receive(connection, connection->in + connection->in_size, HEAD_LIMIT - connection->in_size);
        if (got < 0) break;
        if (got == 0) return false;
        connection->in_size += got;
    }
    close_connection(connection);
    return false;
}

/* Read a body of known length; true when it is complete. */
static bool read_plain_body(struct connection *connection) {
    struct request *request = &connection->request;
    size_t held = connection->in_size < connection->body_left ? connection->in_size : connection->body_left;
    if (request->kept) text_bytes(&request->body, connection->in, held);
    take_in(connection, held);
    connection->body_left -= held;
    for (int turn = 0; connection->body_left; turn++) {
        if (turn >= TURNS_AT_A_TIME && !connection->tls) { /* what TLS holds already, epoll doesn't see */
            wait_for(connection, EPOLLIN);
            return false;
        }
        size_t most = connection->body_left < PIECE ? connection->body_left : PIECE;
        char *to = connection->tls ? scratch : NULL;
        if (request->kept) {
            text_reserve(&request->body, most);
            to = request->body.bytes + request->body.size;
        }
        ssize_t got = receive(connection, to, most);
        if (got < 0) close_connection(connection);
        if (got <= 0) return false;
        if (request->kept) request->body.size += got;
        connection->body_left -= got;
    }
    return true;
}

/* Read a body in chunks; true when it is complete. */
static bool read_chunked_body(struct connection *connection) {
    for (;;) {
        size_t used = 0;
        bool complete = parse_chunks(connection, connection->in, connection->in_size, &used);
        take_in(connection, used);
        if (complete) return true;
        ssize_t got = receive(connection, connection->in, HEAD_LIMIT);
        if (got < 0) close_connection(connection);
        if (got <= 0) return false;
        connection->in_size = got;
    }
}

static void read_requests(struct connection *connection) {
    for (;;) {
        if (connection->state == READING_HEAD && !read_head(connection)) return;
        if (!(connection->chunked ? read_chunked_body(connection) : read_plain_body(connection))) return;
        finish_body(&connection->request);
        if (!answer_request(connection)) return;
    }
}

void http_event(struct connection *connection, uint32_t events) {
    if (connection->closed) return;
    if (events & (EPOLLERR | EPOLLHUP)) {
        close_connection(connection);
    } else if (connection->state == READING_HEAD || connection->state == READING_BODY) {
        read_requests(connection);
    } else if (connection->state == SENDING && send_answer(connection)) {
        wait_for(connection, EPOLLIN);
        read_requests(connection);
    }
}

int64_t http_send_due(void) {
    int64_t time = first_waiting ? now() : 0;
    while (first_waiting && (first_waiting->due <= time || first_waiting->closed)) {
        struct connection *connection = first_waiting;
        first_waiting = connection->later;
        connection->waiting = false;
        if (connection->closed) {
            connection->later = closed;
            closed = connection;
            continue;
        }
        connection->state = SENDING;
        if (send_answer(connection)) {
            wait_for(connection, EPOLLIN);
            read_requests(connection);
        }
    }
    return first_waiting ? first_waiting->due : -1;
}
