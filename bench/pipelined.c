// Load for an echo server over loopback: each connection keeps a number of requests in flight, and sends as many as came back.
// A latency counts from when the request might be sent.
// pipelined PORT CONNECTIONS DEPTH BYTES SECONDS WARMUP_SECONDS SERVER_PID      prints one JSON object
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

typedef struct { int fd; uint64_t sent, got, due, *asked; } conn; // bytes; due: how many may have been sent by now; asked: when, for each in flight

enum { fine = 64 }; // steps of latency for each power of two

static unsigned char in[256 << 10], out[512 << 10];
static uint64_t size, depth, received, calls, answers, steps[64 * fine];

static void die(const char *what) { perror(what); exit(1); }

static uint64_t now(clockid_t clock) {
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void count(uint64_t ns) {
    int shift = 63 - 6 - __builtin_clzll(ns | fine);
    steps[shift * fine + (ns >> shift)]++, answers++;
}

static double microseconds(double part) {
    uint64_t seen = 0, i = 0;
    while (i < 64 * fine - 1 && (seen += steps[i]) <= part * answers) i++;
    return (i < 2 * fine ? i : (i % fine + fine) << (i / fine - 1)) / 1e3;
}

static void answered(conn *c, uint64_t first, uint64_t end) {
    for (uint64_t t = now(CLOCK_MONOTONIC); first < end; first++) {
        count(t - c->asked[first % depth]);
        c->asked[first % depth] = t;
    }
    c->due = (end + depth) * size;
}

static void push(conn *c) {
    while (c->sent < c->due) { // the stream is out, again and again
        uint64_t at = c->sent % 251, left = c->due - c->sent;
        ssize_t n = send(c->fd, out + at, left < sizeof out - 251 ? left : sizeof out - 251, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) die("send");
        c->sent += n;
    }
}

static void pull(conn *c) {
    for (ssize_t n = sizeof in; n == sizeof in;) {
        n = recv(c->fd, in, sizeof in, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) die("recv");
        if (in[0] != c->got % 251 || in[n - 1] != (c->got + n - 1) % 251) fputs("wrong echo\n", stderr), exit(1);
        uint64_t before = c->got / size;
        c->got += n, received += n, calls++;
        if (c->got / size > before) answered(c, before, c->got / size);
    }
    push(c);
}

static void drive(int ep, double seconds) {
    static struct epoll_event ev[1024];
    for (uint64_t end = now(CLOCK_MONOTONIC) + seconds * 1e9; now(CLOCK_MONOTONIC) < end;)
        for (int i = 0, n = epoll_wait(ep, ev, 1024, 100); i < n; i++) {
            conn *c = ev[i].data.ptr;
            if (ev[i].events & EPOLLOUT) push(c);
            if (ev[i].events & ~EPOLLOUT) pull(c);
        }
}

int main(int argc, char **argv) {
    if (argc < 8) fputs("pipelined PORT CONNECTIONS DEPTH BYTES SECONDS WARMUP_SECONDS SERVER_PID\n", stderr), exit(2);
    int count = atoi(argv[2]), ep = epoll_create1(0);
    depth = atol(argv[3]), size = atol(argv[4]);
    double seconds = atof(argv[5]);
    clockid_t server;
    if (clock_getcpuclockid(atoi(argv[7]), &server)) die("no such server");
    for (size_t i = 0; i < sizeof out; i++) out[i] = i % 251;

    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    conn *conns = calloc(count, sizeof *conns);
    for (int i = 0; i < count; i++) {
        conn *c = conns + i;
        struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };
        c->fd = socket(AF_INET, SOCK_STREAM, 0), c->due = depth * size, c->asked = malloc(depth * sizeof *c->asked);
        if (c->fd < 0 || connect(c->fd, (void *)&to, sizeof to)) die("connect");
        if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int))) die("nodelay");
        if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e)) die("epoll_ctl");
        for (uint64_t k = 0; k < depth; k++) c->asked[k] = now(CLOCK_MONOTONIC);
    }
    drive(ep, atof(argv[6]));
    received = calls = answers = 0;
    memset(steps, 0, sizeof steps);
    uint64_t t = now(CLOCK_MONOTONIC), s = now(server);
    drive(ep, seconds);
    t = now(CLOCK_MONOTONIC) - t, s = now(server) - s;
    if (!answers) fputs("no answer was complete within the time\n", stderr), exit(1);
    double requests = (double)received / size;
    printf("{\"rps\": %.0f, \"server_ns\": %.1f, \"per_receive\": %.1f, \"p50\": %.1f, \"p99\": %.1f}\n",
           requests * 1e9 / t, s / requests, requests / (calls ? calls : 1), microseconds(.5), microseconds(.99));
}
