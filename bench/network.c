// Load for the servers of bench/network: blocking threads for some seconds after a warm-up. It does what the program in
// AsyncioSharp.Network does, for less processor time, so that its core is not what limits the rates.
// network KIND PORT SECONDS      prints "begin", and how much was done in a second; of KIND whole, a file is received once, from beginning to end
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, WINDOW = 16, WARM_UP = 3 };

static int port;
static _Atomic uint64_t done;

static void die(const char *what) { perror(what); exit(1); }

static double now(void) {
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) ? 0 : t.tv_sec + t.tv_nsec * 1e-9;
}

static int dial(int type) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(AF_INET, type, 0), one = 1;
    if (s < 0) die("socket");
    if (type == SOCK_STREAM) setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(s, (struct sockaddr *)&address, sizeof address)) die("connect");
    return s;
}

static void *connections(void *unused) {
    struct linger none = { 1, 0 }; // leaves no port in TIME_WAIT
    for (char byte = 0;; done++) {
        int s = dial(SOCK_STREAM);
        setsockopt(s, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        if (send(s, &byte, 1, MSG_NOSIGNAL) != 1 || recv(s, &byte, 1, 0) != 1) die("connection");
        close(s);
    }
    return unused;
}

static void *datagrams(void *unused) {
    struct timeval patience = { 0, 100000 };
    char buffer[64] = { 0 };
    int s = dial(SOCK_DGRAM);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (;;) {
        for (int i = 0; i < WINDOW; i++) send(s, buffer, sizeof buffer, 0);
        for (int i = 0; i < WINDOW && recv(s, buffer, sizeof buffer, 0) > 0; i++) done++; // one that was lost ends the round
    }
    return unused;
}

static uint64_t receive_file(int s) {
    static char buffer[1 << 20];
    uint64_t all = 0;
    for (ssize_t n; (n = recv(s, buffer, sizeof buffer, 0)) != 0; all += n, done += n)
        if (n < 0) die("recv");
    close(s);
    return all;
}

static void *files(void *unused) {
    for (;;) receive_file(dial(SOCK_STREAM));
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 4) fputs("network KIND PORT SECONDS\n", stderr), exit(2);
    port = atoi(argv[2]);
    double seconds = atof(argv[3]);
    setvbuf(stdout, 0, _IOLBF, 0);
    if (!strcmp(argv[1], "whole")) {
        puts("begin");
        double start = now();
        uint64_t bytes = receive_file(dial(SOCK_STREAM));
        return printf("%f\n", bytes / (now() - start)) < 0;
    }
    int one = !strcmp(argv[1], "file");
    void *(*body)(void *) = one ? files : !strcmp(argv[1], "udp") ? datagrams : connections;
    for (int i = 0; i < (one ? 1 : THREADS); i++) {
        pthread_t thread;
        if (pthread_create(&thread, 0, body, 0)) die("thread");
    }
    usleep(WARM_UP * 1000000);
    puts("begin");
    double start = now();
    uint64_t before = done;
    usleep(seconds * 1e6);
    printf("%f\n", (done - before) / (now() - start));
}
