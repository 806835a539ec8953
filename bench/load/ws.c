/* load ws: WebSockets through a proxy.
 *
 *   --to HOST:PORT --routes FILE --connections N [--seconds S] [--cpu PID,PID --ours PID,PID]
 *       each sends a masked binary frame of 100 bytes, waits for its echo, compares it, sends the next
 *   --idle
 *       each echoes once; then the word "standing" is printed and all rest until standard input ends; then each echoes
 *       once more, which proves that all still stand. Pings of the proxy are answered meanwhile.
 */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef struct {
    int fd, waiting;
    uint32_t turn;
    uint64_t since;
    size_t held;
    uint8_t in[512];
} Socket;

static const uint8_t mask[4] = {0x1b, 0xad, 0xc0, 0xde};
static int epoll, complaints;
static uint64_t echoes, errors, pings;
static Histogram histogram;

static void wrong(const char *what) {
    errors++;
    if (complaints++ < 3) fprintf(stderr, "load: %s\n", what);
    if (errors > 1000) die("more than 1,000 wrong echoes");
}

static void payload_of(const Socket *socket, uint8_t *payload) {
    memset(payload, 'a' + (int)(socket->turn % 26), FRAME_BYTES);
    memcpy(payload, &socket->fd, sizeof socket->fd);
    memcpy(payload + 4, &socket->turn, sizeof socket->turn);
}

static void say(Socket *socket) {
    uint8_t payload[FRAME_BYTES], frame[FRAME_BYTES + 16];
    socket->turn++;
    payload_of(socket, payload);
    size_t length = put_frame(frame, 0x2, payload, FRAME_BYTES, mask);
    socket->since = now_ns();
    socket->waiting = 1;
    if (write(socket->fd, frame, length) != (ssize_t)length) wrong("could not send a frame");
}

/* Blocks: opening is not what is measured. */
static void handshake(Socket *socket, const char *to, const Route *route, int number) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
    char key[25], expected[29], head[MAX_HEAD], request[MAX_HEAD], extra[512];
    for (int i = 0; i < 22; i++) key[i] = letters[(unsigned)(number * 31 + i * 7 + number / 26) % 26];
    memcpy(key + 21, "A==", 4);
    accept_key(key, 24, expected);
    snprintf(extra, sizeof extra, "Origin: http://%s\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n", route->host, key);
    size_t length = request_for(route, "/ws", extra, request, sizeof request), held = 0;
    socket->fd = dial_tcp_from(number / 500, to); /* thousands of users don't come from one address */
    if (socket->fd < 0) die("can't connect to %s: %s", to, strerror(errno));
    if (write(socket->fd, request, length) != (ssize_t)length) die("can't send a handshake");
    while (held < 4 || memcmp(head + held - 4, "\r\n\r\n", 4) != 0) {
        struct pollfd patience = {socket->fd, POLLIN, 0};
        ssize_t got = poll(&patience, 1, 10000) == 1 ? read(socket->fd, head + held, 1) : -1;
        if (got != 1 || ++held == sizeof head - 1) die("handshake %d broke off after: %.*s", number, (int)held, head);
    }
    head[held] = 0;
    if (strncmp(head, "HTTP/1.1 101 ", 13) != 0 || !strstr(head, expected)) die("handshake %d was refused: %.300s", number, head);
    nonblocking(socket->fd);
    watch(epoll, EPOLL_CTL_ADD, socket->fd, EPOLLIN, socket);
}

/* @return 0 when the socket is lost */
static int take_frame(Socket *socket, const Frame *frame) {
    uint8_t *payload = socket->in + frame->header, expected[FRAME_BYTES], pong[160];
    if (frame->mask) return 0;
    if (frame->opcode == 0x9 && frame->length < 126) {
        size_t length = put_frame(pong, 0xA, payload, frame->length, mask);
        pings++;
        return write(socket->fd, pong, length) == (ssize_t)length;
    }
    if (frame->opcode == 0xA) return 1;
    payload_of(socket, expected);
    if (frame->opcode != 0x2 || frame->length != FRAME_BYTES || !socket->waiting || memcmp(payload, expected, FRAME_BYTES) != 0)
        return 0;
    socket->waiting = 0;
    echoes++;
    note(&histogram, (now_ns() - socket->since) / 1000);
    return 1;
}

static void lose(Socket *socket) {
    wrong("a WebSocket was lost, or echoed something else");
    close(socket->fd);
    socket->fd = -1;
    socket->waiting = 0;
}

static void turn(Socket *socket, int go_on) {
    ssize_t got = read(socket->fd, socket->in + socket->held, sizeof socket->in - socket->held);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return lose(socket);
    socket->held += (size_t)got;
    Frame frame;
    int whole;
    while ((whole = get_frame(socket->in, socket->held, &frame)) == 1) {
        size_t used = frame.header + frame.length;
        if (!take_frame(socket, &frame)) return lose(socket);
        memmove(socket->in, socket->in + used, socket->held -= used);
    }
    if (whole < 0) return lose(socket);
    if (!socket->waiting && go_on) say(socket);
}

static int any_waits(Socket *sockets, long n) {
    for (long i = 0; i < n; i++)
        if (sockets[i].waiting) return 1;
    return 0;
}

static void drain(Socket *sockets, long n) {
    struct epoll_event events[MAX_EVENTS];
    uint64_t deadline = now_ns() + 30000000000u;
    while (any_waits(sockets, n)) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, 1000);
        for (int i = 0; i < ready; i++) turn(events[i].data.ptr, 0);
        if (now_ns() > deadline) die("echoes are missing after 30 s");
    }
}

static void rest(void) {
    struct epoll_event events[MAX_EVENTS];
    struct pollfd both[2] = {{0, POLLIN, 0}, {epoll, POLLIN, 0}};
    char ignored[64];
    printf("standing\n");
    fflush(stdout);
    while (poll(both, 2, -1) >= 0) {
        if ((both[0].revents & (POLLIN | POLLHUP)) && read(0, ignored, sizeof ignored) <= 0) return;
        int n = epoll_wait(epoll, events, MAX_EVENTS, 0);
        for (int i = 0; i < n; i++) turn(events[i].data.ptr, 0);
    }
}

static void echo_all(Socket *sockets, long n) {
    for (long i = 0; i < n; i++)
        if (sockets[i].fd >= 0) say(&sockets[i]);
    drain(sockets, n);
}

int ws_load(int argc, char **argv) {
    const char *to = option(argc, argv, "--to", "127.0.0.1:8080"), *cpu = option(argc, argv, "--cpu", "");
    long n = number(argc, argv, "--connections", 64), seconds = number(argc, argv, "--seconds", 2);
    int routes, idle = 0;
    for (int i = 0; i < argc; i++) idle |= strcmp(argv[i], "--idle") == 0;
    Route *all = read_routes(option(argc, argv, "--routes", NULL), &routes);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    Socket *sockets = calloc((size_t)n, sizeof *sockets);
    for (long i = 0; i < n; i++) handshake(&sockets[i], to, &all[i % routes], (int)i);
    echo_all(sockets, n);
    if (idle) {
        rest();
        echo_all(sockets, n);
        printf("{\"test\":\"idle\",\"connections\":%ld,\"echoes\":%llu,\"errors\":%llu,\"pings\":%llu}\n", n,
            (unsigned long long)echoes, (unsigned long long)errors, (unsigned long long)pings);
        return errors > 0;
    }
    memset(&histogram, 0, sizeof histogram);
    Clock clock = begin(cpu, option(argc, argv, "--ours", ""));
    uint64_t stop = clock.begun + (uint64_t)seconds * 1000000000u, last = clock.begun, first = echoes;
    for (long i = 0; i < n; i++) say(&sockets[i]);
    struct epoll_event events[MAX_EVENTS];
    while (last < stop && any_waits(sockets, n < 8 ? n : 8)) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, 10000);
        if (ready == 0) die("no echo for 10 s");
        for (int i = 0; i < ready; i++) turn(events[i].data.ptr, 1);
        last = now_ns();
    }
    drain(sockets, n);
    Spent used = spent(&clock);
    printf("{\"test\":\"ws\",\"connections\":%ld,\"requests\":%llu,\"errors\":%llu,\"seconds\":%.3f,\"cpu_s\":%.2f,"
           "\"load_cpu_s\":%.2f,\"others_s\":%.2f,\"p50_us\":%llu,\"p99_us\":%llu}\n",
        n, (unsigned long long)(echoes - first), (unsigned long long)errors, used.seconds, used.proxy, used.ours,
        used.others, (unsigned long long)quantile(&histogram, .5), (unsigned long long)quantile(&histogram, .99));
    return errors > 0;
}
