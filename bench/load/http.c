/* load http: a closed loop. Every connection has one request on its way, each to the next route.
 *
 *   --to HOST:PORT --routes FILE --path 1k|64k|1m --connections N [--seconds S | --requests N] [--cpu PID,PID --ours PID,PID]
 *
 * All connections stand before the clock starts. The answer is checked: 200, one Content-Length of the right value, the
 * mark of the origin that the route leads to, the ends of every piece read, and the last byte.
 */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef struct { char *bytes; size_t length; char mark; } Prepared;

typedef struct {
    int fd, last; /* the answer said that the connection ends with it */
    char mark;
    uint64_t since;
    size_t head, body; /* bytes of head held; bytes of body read */
    char held[MAX_HEAD];
} Client;

static const char *to;
static int epoll, ended_by, next_route, routes, complaints;
static size_t wanted;
static Prepared *prepared;
static uint64_t requests, errors, bytes, asked, most;
static Histogram histogram;
static char piece[1 << 20];

static void wrong(const char *what, const char *head, size_t length) {
    errors++;
    if (complaints++ < 3) fprintf(stderr, "load: %s: %.*s\n", what, (int)(length < 400 ? length : 400), head);
    if (errors > 1000) die("more than 1,000 wrong answers");
}

static void ask(Client *client) {
    if (ended_by || (most && asked >= most)) return;
    Prepared *next = &prepared[next_route = (next_route + 1) % routes];
    asked++;
    client->mark = next->mark;
    client->head = client->body = 0;
    client->since = now_ns();
    if (write(client->fd, next->bytes, next->length) != (ssize_t)next->length) wrong("could not send", next->bytes, 60);
}

static void dial(Client *client) {
    client->fd = dial_tcp(to);
    if (client->fd < 0) die("can't connect to %s: %s", to, strerror(errno));
    nonblocking(client->fd);
    watch(epoll, EPOLL_CTL_ADD, client->fd, EPOLLIN, client);
}

static void again(Client *client, const char *what) {
    wrong(what, client->held, client->head);
    close(client->fd);
    dial(client);
    ask(client);
}

/* @return whether it is the head of the answer we wait for */
static int sound(const char *head, size_t length) {
    static const char name[] = "\r\ncontent-length:";
    if (length < 13 || memcmp(head, "HTTP/1.1 200 ", 13) != 0) return 0;
    const char *field = strcasestr(head, name);
    return field && strtoul(field + sizeof name - 1, NULL, 10) == wanted && !strcasestr(field + 1, name);
}

/* @return 0 when the answer is wrong */
static int take_body(Client *client, const char *part, size_t length) {
    if (length == 0) return 1;
    size_t end = client->body + length;
    if (end > wanted) return 0;
    if (client->body == 0 ? part[0] != client->mark : part[0] != 'x' && !(end == wanted && length == 1)) return 0;
    if (part[length - 1] != (end == wanted ? 'z' : end == 1 ? client->mark : 'x')) return 0;
    client->body = end;
    bytes += length;
    return 1;
}

static void turn(Client *client) {
    ssize_t got = read(client->fd, piece, sizeof piece - 1);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return again(client, "closed before the end of an answer");
    const char *part = piece;
    size_t length = (size_t)got;
    if (client->body == 0 && (client->head < 4 || memcmp(client->held + client->head - 4, "\r\n\r\n", 4) != 0)) {
        size_t before = client->head, room = MAX_HEAD - 1 - before, copied = length < room ? length : room;
        memcpy(client->held + before, part, copied);
        client->held[before + copied] = 0;
        char *end = memmem(client->held, before + copied, "\r\n\r\n", 4);
        client->head = end ? (size_t)(end + 4 - client->held) : before + copied;
        if (!end) return copied < length ? again(client, "endless head") : (void)0;
        client->held[client->head] = 0;
        if (!sound(client->held, client->head)) return again(client, "wrong answer");
        client->last = strcasestr(client->held, "\r\nconnection: close\r\n") != NULL;
        part += client->head - before;
        length -= client->head - before;
    }
    if (!take_body(client, part, length)) return again(client, "wrong body");
    if (client->body < wanted) return;
    note(&histogram, (now_ns() - client->since) / 1000);
    requests++;
    if (client->last) {
        close(client->fd);
        dial(client);
    }
    ask(client);
}

static void prepare(const char *file, const char *path) {
    char text[MAX_HEAD], slashed[64];
    Route *all = read_routes(file, &routes);
    prepared = calloc((size_t)routes, sizeof *prepared);
    snprintf(slashed, sizeof slashed, "/%s", path);
    for (int i = 0; i < routes; i++) {
        size_t length = request_for(&all[i], slashed, "Connection: keep-alive\r\n", text, sizeof text);
        prepared[i] = (Prepared){strndup(text, length), length, (char)all[i].mark};
    }
}

int http_load(int argc, char **argv) {
    const char *path = option(argc, argv, "--path", "1k"), *cpu = option(argc, argv, "--cpu", "");
    long connections = number(argc, argv, "--connections", 64), seconds = number(argc, argv, "--seconds", 2);
    most = (uint64_t)number(argc, argv, "--requests", 0);
    to = option(argc, argv, "--to", "127.0.0.1:8080");
    wanted = strcmp(path, "1m") == 0 ? 1 << 20 : strcmp(path, "64k") == 0 ? 64 << 10 : 1 << 10;
    prepare(option(argc, argv, "--routes", NULL), path);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    Client *clients = calloc((size_t)connections, sizeof *clients);
    for (long i = 0; i < connections; i++) dial(&clients[i]);
    usleep(20000); /* lets the proxy finish accepting, so that the clock sees requests only */

    Clock clock = begin(cpu, option(argc, argv, "--ours", ""));
    uint64_t stop = clock.begun + (most ? 600ull : (uint64_t)seconds) * 1000000000u;
    for (long i = 0; i < connections; i++) ask(&clients[i]);
    struct epoll_event events[MAX_EVENTS];
    while (requests + errors < asked) {
        int n = epoll_wait(epoll, events, MAX_EVENTS, 10000);
        if (n == 0) die("no answer for 10 s: %llu asked, %llu answered", (unsigned long long)asked, (unsigned long long)requests);
        for (int i = 0; i < n; i++) turn(events[i].data.ptr);
        if (now_ns() > stop) ended_by = 1;
    }
    Spent used = spent(&clock);
    printf("{\"test\":\"http\",\"path\":\"%s\",\"connections\":%ld,\"requests\":%llu,\"errors\":%llu,\"seconds\":%.3f,"
           "\"bytes\":%llu,\"cpu_s\":%.2f,\"load_cpu_s\":%.2f,\"others_s\":%.2f,\"p50_us\":%llu,\"p99_us\":%llu}\n",
        path, connections, (unsigned long long)requests, (unsigned long long)errors, used.seconds,
        (unsigned long long)bytes, used.proxy, used.ours, used.others, (unsigned long long)quantile(&histogram, .5),
        (unsigned long long)quantile(&histogram, .99));
    return errors > 0 || requests == 0;
}
