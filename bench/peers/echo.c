// An echo server on bare epoll, what bench/echo compares others with: one thread, edge triggered, and no call that could be saved.
// echo PORT
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

typedef struct { int fd; char *kept; size_t from, to; } peer; // kept: what it has not taken yet

static char buffer[256 << 10];

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

static void keep(peer *p, size_t count, size_t gone) {
    if (!(p->kept = malloc(count - gone))) die("malloc");
    memcpy(p->kept, buffer + gone, p->to = count - gone);
    p->from = 0;
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
        ssize_t got = recv(p->fd, buffer, sizeof buffer, 0);
        if (got <= 0) return got < 0 && errno == EAGAIN;
        ssize_t gone = give(p->fd, buffer, got);
        if (gone < 0) return 0;
        if (gone < got) return keep(p, got, gone), 1;
        if (got < (ssize_t)sizeof buffer && !is_ending) return 1; // that was all: what comes next is a new edge, an end that came is none
    }
}

static void take(int ep, int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        peer *p = calloc(1, sizeof *p);
        if (!p) die("calloc");
        struct epoll_event all = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = p };
        p->fd = fd;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &all)) die("accepted");
    }
    if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) die("accept4"); // as with no descriptor left: it would be told again at once
}

int main(int argc, char **argv) {
    static struct epoll_event events[1024];
    if (argc != 2) fputs("echo PORT\n", stderr), exit(2);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int ep = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(listener, (void *)&at, sizeof at) || listen(listener, 1024)) die("listen");
    if (epoll_ctl(ep, EPOLL_CTL_ADD, listener, &(struct epoll_event){ .events = EPOLLIN })) die("epoll_ctl");
    for (;;)
        for (int i = 0, n = epoll_wait(ep, events, 1024, -1); i < n; i++) {
            peer *p = events[i].data.ptr;
            if (!p) take(ep, listener);
            else if (!serve(p, events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) close(p->fd), free(p->kept), free(p);
        }
}
