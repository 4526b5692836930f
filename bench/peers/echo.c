// An echo server on bare epoll, what bench/echo and bench/pipelined compare others with: one thread, edge triggered, and no call that
// could be saved. With BYTES each request of so many bytes is answered by itself, and the answers to what came together leave together.
// echo PORT [BYTES]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { max_request = 4 << 10 };

typedef struct { int fd; char *kept; size_t from, to, begun; char *part; } peer; // kept: what it has not taken yet; part: of a request

static char buffer[256 << 10], answers[256 << 10];
static size_t request;

static void die(const char *what) { perror(what); exit(1); }

// How much of it went out, or -1 if the connection is broken.
static ssize_t give(int fd, const char *data, size_t count) {
    size_t gone = 0;
    while (gone < count) {
        ssize_t n = send(fd, data + gone, count - gone, MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN ? (ssize_t)gone : -1;
        gone += n;
    }
    return gone;
}

static void keep(peer *p, const char *data, size_t count) {
    if (!(p->kept = malloc(count))) die("malloc");
    memcpy(p->kept, data, p->to = count);
    p->from = 0;
}

// How long the answers are to what has come, which lies behind what had come of the next request.
static size_t answer(peer *p, size_t got) {
    size_t all = p->begun + got, done = 0;
    for (; all - done >= request; done += request) memcpy(answers + done, buffer + done, request);
    memcpy(p->part, buffer + done, p->begun = all - done);
    return done;
}

// Whether what was kept is gone.
static int give_kept(peer *p, int *is_alive) {
    ssize_t n = give(p->fd, p->kept + p->from, p->to - p->from);
    *is_alive = n >= 0;
    if (n < 0 || (p->from += n) < p->to) return 0;
    free(p->kept);
    p->kept = NULL;
    return 1;
}

// Whether the connection goes on. Nothing is read while something is kept: a peer that does not read is not read from.
static int serve(peer *p, int is_ending) {
    int is_alive = 1;
    if (p->kept && !give_kept(p, &is_alive)) return is_alive;
    for (;;) {
        if (p->begun) memcpy(buffer, p->part, p->begun);
        size_t room = sizeof buffer - p->begun;
        ssize_t got = recv(p->fd, buffer + p->begun, room, 0);
        if (got <= 0) return got < 0 && errno == EAGAIN;
        const char *data = request ? answers : buffer;
        ssize_t count = request ? (ssize_t)answer(p, got) : got, gone = give(p->fd, data, count);
        if (gone < 0) return 0;
        if (gone < count) return keep(p, data + gone, count - gone), 1;
        if (got < (ssize_t)room && !is_ending) return 1; // that was all: what comes next is a new edge, an end that came is none
    }
}

static void take(int ep, int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        peer *p = calloc(1, sizeof *p);
        if (!p || !(p->part = malloc(max_request))) die("malloc");
        struct epoll_event all = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = p };
        p->fd = fd;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &all)) die("accepted");
    }
    if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) die("accept4"); // as with no descriptor left: it would be told again at once
}

int main(int argc, char **argv) {
    static struct epoll_event events[1024];
    if (argc != 2 && argc != 3) fputs("echo PORT [BYTES]\n", stderr), exit(2);
    if (argc == 3 && ((request = atol(argv[2])) < 1 || request > max_request)) fputs("BYTES is 1 to 4096\n", stderr), exit(2);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int ep = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(listener, (void *)&at, sizeof at) || listen(listener, 1024)) die("listen");
    if (epoll_ctl(ep, EPOLL_CTL_ADD, listener, &(struct epoll_event){ .events = EPOLLIN })) die("epoll_ctl");
    for (;;)
        for (int i = 0, n = epoll_wait(ep, events, 1024, -1); i < n; i++) {
            peer *p = events[i].data.ptr;
            if (!p) take(ep, listener);
            else if (!serve(p, events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) close(p->fd), free(p->kept), free(p->part), free(p);
        }
}
