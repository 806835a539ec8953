#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

const char *option(int argc, char **argv, const char *name, const char *otherwise) {
    for (int i = 0; i + 1 < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], name) == 0) return argv[i + 1];
    return otherwise;
}

long number(int argc, char **argv, const char *name, long otherwise) {
    const char *text = option(argc, argv, name, NULL);
    if (!text) return otherwise;
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 0) die("%s needs a number, not \"%s\"", name, text);
    return value;
}

void die(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, rest);
    fprintf(stderr, "\n");
    va_end(rest);
    exit(2);
}

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

int watch(int epoll, int op, int fd, uint32_t events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    return epoll_ctl(epoll, op, fd, &event);
}

static struct sockaddr_un unix_address(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("too long for a socket: %s", path);
    strcpy(address.sun_path, path);
    return address;
}

int listen_unix(const char *path) {
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(path);
    mode_t before = umask(0007); /* the gateway comes in by group, where sessions have users of their own */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1024))
        die("can't listen on %s: %s", path, strerror(errno));
    umask(before);
    return fd;
}

int listen_tcp(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1024))
        die("can't listen on port %d: %s", port, strerror(errno));
    return fd;
}

int dial_unix(const char *path) {
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

int dial_tcp(const char *host_port) { return dial_tcp_from(0, host_port); }

int dial_tcp_from(int neighbour, const char *host_port) {
    char host[64];
    const char *colon = strrchr(host_port, ':');
    if (!colon || (size_t)(colon - host_port) >= sizeof host) die("not HOST:PORT: %s", host_port);
    memcpy(host, host_port, (size_t)(colon - host_port));
    host[colon - host_port] = 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die("not an IPv4 address: %s", host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)neighbour)};
    if (neighbour && bind(fd, (struct sockaddr *)&from, sizeof from)) die("can't come from 127.0.0.%d", neighbour + 1);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

static double cpu_of(long pid) {
    char name[64], text[1024];
    snprintf(name, sizeof name, "/proc/%ld/stat", pid);
    int fd = open(name, O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (got <= 0) die("no process %ld to read the CPU time of", pid);
    text[got] = 0;
    unsigned long user, system;
    char *after_name = strrchr(text, ')');
    if (!after_name || sscanf(after_name + 2, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &system) != 2)
        die("can't read %s", name);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double cpu_seconds(const char *pids) {
    double sum = 0;
    for (const char *at = pids; *at;) {
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at) die("not a list of process ids: %s", pids);
        sum += cpu_of(pid);
        at = *end == ',' ? end + 1 : end;
    }
    return sum;
}

double machine_seconds(void) {
    char text[512];
    int fd = open("/proc/stat", O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (got <= 0) die("can't read /proc/stat");
    text[got] = 0;
    unsigned long user, nice, system, steal;
    if (sscanf(text, "cpu %lu %lu %lu %*u %*u %*u %*u %lu", &user, &nice, &system, &steal) != 4)
        die("can't understand /proc/stat");
    /* interrupts aren't strangers: nearly all are the packets of what is measured, and no process is charged for them */
    return (double)(user + nice + system + steal) / (double)sysconf(_SC_CLK_TCK);
}

Clock begin(const char *proxy, const char *ours) {
    static char all[MAX_HEAD];
    snprintf(all, sizeof all, "%d%s%s", getpid(), *ours ? "," : "", ours);
    Clock clock = {.proxy = proxy, .ours = all};
    clock.proxy_s = cpu_seconds(proxy);
    clock.ours_s = cpu_seconds(all);
    clock.machine_s = machine_seconds();
    clock.begun = now_ns();
    return clock;
}

Spent spent(const Clock *clock) {
    Spent spent = {.seconds = (double)(now_ns() - clock->begun) / 1e9};
    spent.machine = machine_seconds() - clock->machine_s;
    spent.proxy = cpu_seconds(clock->proxy) - clock->proxy_s;
    spent.ours = cpu_seconds(clock->ours) - clock->ours_s;
    spent.others = spent.machine - spent.proxy - spent.ours;
    if (spent.others < 0) spent.others = 0; /* the kernel's counts are whole hundredths */
    return spent;
}
