/* A fast S3 server in memory, for measuring clients on the loopback interface: one thread, epoll.
 *
 *   server [CERTIFICATE KEY]
 *
 * It listens on a free port of 127.0.0.1, prints "port N" (and "tls N" with a certificate, both PEM), and ends when
 * its stdin closes. It checks no signatures, keeps no versions, and drops the bytes of long bodies, so that a client is
 * what gets measured. `/__ctl` gives counters and takes settings: see control.c. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "http.h"

#define EVENTS 512

static int listen_on_loopback(const char *name) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (void *)&address, size) || listen(listener, 4096) ||
        getsockname(listener, (void *)&address, &size)) {
        perror("listen");
        exit(1);
    }
    printf("%s %d\n", name, ntohs(address.sin_port));
    return listener;
}

static void watch(int epoll, int *descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = descriptor};
    epoll_ctl(epoll, EPOLL_CTL_ADD, *descriptor, &event);
}

static void set_timer(int timer, int64_t due) {
    struct itimerspec time = {.it_value = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL);
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is for whoever started it, and closes stdin in the end */
    store_begin();
    int epoll = epoll_create1(EPOLL_CLOEXEC), input = 0, plain, tls = -1;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    http_begin(epoll, count > 2 ? arguments[1] : NULL, count > 2 ? arguments[2] : NULL);
    plain = listen_on_loopback("port");
    if (count > 2) tls = listen_on_loopback("tls");
    fflush(stdout);
    watch(epoll, &input);
    watch(epoll, &timer);
    watch(epoll, &plain);
    if (tls >= 0) watch(epoll, &tls);
    static struct epoll_event events[EVENTS];
    for (;;) {
        int happened = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < happened; i++) {
            void *which = events[i].data.ptr;
            char ignored[64];
            if (which == &input) {
                if (read(input, ignored, sizeof ignored) <= 0) return 0;
            } else if (which == &timer) {
                if (read(timer, ignored, sizeof ignored) < 0) continue; /* set anew since: not due yet */
            } else if (which == &plain || which == &tls) {
                http_accept(*(int *)which, which == &tls);
            } else {
                http_event(which, events[i].events);
            }
        }
        int64_t due = http_send_due();
        if (due >= 0) set_timer(timer, due);
        http_free_closed();
    }
}
