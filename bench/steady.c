// Load for an HTTP server over loopback at a rate that does not depend on how fast it answers: requests are due at random times,
// one connection after the other, and a latency counts from when the request was due.
// steady PORT PATH CONNECTIONS RATE SECONDS WARMUP_SECONDS      prints one JSON object
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { queue = 1024, room = 8192 };

typedef struct { int fd; uint32_t first, last; uint64_t due[queue]; size_t got; char in[room + 1]; } conn; // due: asked first, waiting then

static char request[512];
static uint32_t *latencies; // ns
static uint64_t answers, most;

static void die(const char *what) { perror(what); exit(1); }

static void fail(const char *what) { fprintf(stderr, "%s\n", what); exit(1); }

static uint64_t now(void) {
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) ? 0 : t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void ask(conn *c) {
    if (send(c->fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request)) die("send");
}

static int is_whole(conn *c) {
    char *body = strstr(c->in, "\r\n\r\n"), *length;
    if (!body) return 0;
    if (strncmp(c->in, "HTTP/1.1 200", 12)) fail(c->in);
    body += 4;
    length = strcasestr(c->in, "\r\nContent-Length:");
    if (length && length < body) return c->in + c->got >= body + atoi(length + 17);
    return c->got >= 5 && !strcmp(c->in + c->got - 5, "0\r\n\r\n"); // chunked
}

static void pull(conn *c) {
    ssize_t n = recv(c->fd, c->in + c->got, room - c->got, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("recv");
    c->in[c->got += n] = 0;
    if (!is_whole(c)) return;
    uint64_t took = now() - c->due[c->first++ % queue];
    if (answers < most) latencies[answers++] = took < UINT32_MAX ? took : UINT32_MAX;
    c->got = 0;
    if (c->first != c->last) ask(c);
}

static void drive(int ep, conn *conns, int count, double rate, double seconds) {
    static struct epoll_event ev[256];
    static uint64_t k;
    uint64_t t = now(), end = t + seconds * 1e9;
    double next = t;
    while (t < end) {
        for (; next <= t; next += -log(1 - drand48()) * 1e9 / rate, k++) {
            conn *c = conns + k % count;
            if (c->last - c->first == queue) fail("the server cannot keep up with the rate");
            c->due[c->last++ % queue] = next;
            if (c->last - c->first == 1) ask(c);
        }
        uint64_t left = next - t;
        struct timespec wait = { left / 1000000000, left % 1000000000 };
        int n = epoll_pwait2(ep, ev, 256, &wait, NULL);
        for (int i = 0; i < n; i++) pull(ev[i].data.ptr);
        t = now();
    }
}

static int smaller(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double share(double part) { return latencies[(uint64_t)(answers * part)] / 1e3; }

int main(int argc, char **argv) {
    if (argc < 7) fail("steady PORT PATH CONNECTIONS RATE SECONDS WARMUP_SECONDS");
    int count = atoi(argv[3]), ep = epoll_create1(0);
    double rate = atof(argv[4]), seconds = atof(argv[5]);
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", argv[2]);
    if (prctl(PR_SET_TIMERSLACK, 1)) die("prctl");
    most = 2 * rate * (seconds + atof(argv[6])) + 1000;
    latencies = malloc(most * sizeof *latencies);

    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    conn *conns = calloc(count, sizeof *conns);
    for (int i = 0; i < count; i++) {
        conn *c = conns + i;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (c->fd < 0 || connect(c->fd, (void *)&to, sizeof to)) die("connect");
        if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int))) die("nodelay");
        if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e)) die("epoll_ctl");
    }
    drive(ep, conns, count, rate, atof(argv[6]));
    answers = 0;
    uint64_t t = now();
    drive(ep, conns, count, rate, seconds);
    t = now() - t;
    if (!answers) fail("no answers");
    uint64_t total = answers, late = now();
    for (int i = 0; i < count; i++) // what was not answered counts with what it has waited so far
        for (conn *c = conns + i; c->first != c->last && answers < most;) latencies[answers++] = fmin(late - c->due[c->first++ % queue], UINT32_MAX);
    qsort(latencies, answers, sizeof *latencies, smaller);
    printf("{\"rate\": %.0f, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"requests\": %lu}\n",
           total * 1e9 / t, share(.5), share(.99), share(.999), (unsigned long)total);
}
