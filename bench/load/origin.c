/* load serve: the backend. One thread; keep-alive; GET only.
 *
 *   /1k /64k /1m   200 with that many bytes: the first is the origin's mark, the last 'z', 'x' between; 6 headers
 *   /ws            a WebSocket that echoes
 *   /              200, two bytes: for probes
 *
 * A path with anything in front of these (a prefix that was not taken off) is 404, so a proxy that skips its work fails.
 */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KIB = 1024, LARGEST = 1024 * KIB };

typedef struct Origin Origin;

/* A connection, or a listening socket when it has no origin of its own to answer for. */
typedef struct {
    int fd, listening, websocket;
    Origin *origin;
    size_t held;
    struct iovec rest[2]; /* of an answer that did not fit into the socket yet */
    uint8_t *in;
} Peer;

typedef struct { char *head; size_t head_length, tail_length; } Reply;

struct Origin { Reply k1, k64, m1, hello; };

static int epoll;
static uint8_t tail[LARGEST];

/* The head carries the first byte of the body too; the rest is a cut from the end of `tail`, which all share. */
static Reply reply(char mark, size_t body) {
    Reply made = {malloc(512 + (body <= KIB ? body : 0)), 0, body - 1};
    made.head_length = (size_t)sprintf(made.head,
        "HTTP/1.1 200 OK\r\nServer: bench-origin\r\nContent-Type: application/octet-stream\r\nContent-Length: %zu\r\n"
        "Cache-Control: private, no-store\r\nX-Content-Type-Options: nosniff\r\nETag: \"5f3c-61a2b3c4d5e6f\"\r\n\r\n%c",
        body, mark);
    if (body > KIB) return made;
    memcpy(made.head + made.head_length, tail + LARGEST - made.tail_length, made.tail_length); /* small: one write */
    made.head_length += made.tail_length;
    made.tail_length = 0;
    return made;
}

static void leave(Peer *peer) {
    close(peer->fd);
    free(peer->in);
    free(peer);
}

/* @return 0 all sent, 1 the rest waits for room, -1 broken */
static int flush(Peer *peer) {
    while (peer->rest[0].iov_len + peer->rest[1].iov_len) {
        ssize_t sent = writev(peer->fd, peer->rest, 2);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN ? 1 : -1;
        for (int i = 0; i < 2; i++) {
            size_t part = (size_t)sent < peer->rest[i].iov_len ? (size_t)sent : peer->rest[i].iov_len;
            peer->rest[i].iov_base = (char *)peer->rest[i].iov_base + part;
            peer->rest[i].iov_len -= part;
            sent -= (ssize_t)part;
        }
    }
    return 0;
}

static int answer(Peer *peer, const Reply *reply) {
    peer->rest[0] = (struct iovec){reply->head, reply->head_length};
    peer->rest[1] = (struct iovec){tail + LARGEST - reply->tail_length, reply->tail_length};
    int now = flush(peer);
    if (now == 1) watch(epoll, EPOLL_CTL_MOD, peer->fd, EPOLLOUT, peer); /* reads nothing until this is away */
    return now;
}

static int say(Peer *peer, const char *text, size_t length) {
    return send(peer->fd, text, length, 0) == (ssize_t)length ? 0 : -1;
}

static int upgrade(Peer *peer, const char *head, size_t length) {
    static const char name[] = "\r\nSec-WebSocket-Key:";
    const char *key = NULL, *end = head + length;
    for (const char *at = head; at + sizeof name < end && !key; at++)
        if (strncasecmp(at, name, sizeof name - 1) == 0) key = at + sizeof name - 1;
    if (!key) return -1;
    while (*key == ' ') key++;
    char accept[29], text[256];
    accept_key(key, strcspn(key, " \r\n"), accept);
    int n = sprintf(text, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    peer->websocket = 1;
    return say(peer, text, (size_t)n);
}

static int request(Peer *peer, const char *head, size_t length) {
    if (length > 9 && memcmp(head, "GET /1k ", 8) == 0) return answer(peer, &peer->origin->k1);
    if (memcmp(head, "GET /64k ", 9) == 0) return answer(peer, &peer->origin->k64);
    if (memcmp(head, "GET /1m ", 8) == 0) return answer(peer, &peer->origin->m1);
    if (memcmp(head, "GET /ws ", 8) == 0) return upgrade(peer, head, length);
    if (memcmp(head, "GET / ", 6) == 0) return answer(peer, &peer->origin->hello);
    static const char unknown[] = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n";
    return say(peer, unknown, sizeof unknown - 1);
}

/* @return bytes used, 0 when more is needed, -1 to close */
static ssize_t echo(Peer *peer, uint8_t *bytes, size_t available) {
    Frame frame;
    int whole = get_frame(bytes, available, &frame);
    if (whole <= 0) return whole;
    if (!frame.mask || frame.length > 4096) return -1; /* a client that doesn't mask is no client: 5.1 */
    uint8_t out[4200], *payload = bytes + frame.header;
    for (size_t i = 0; i < frame.length; i++) payload[i] ^= frame.mask[i & 3];
    int opcode = frame.opcode == 0x9 ? 0xA : frame.opcode;
    if (frame.opcode != 0xA) {
        size_t length = put_frame(out, opcode, payload, frame.length, NULL);
        if (say(peer, (char *)out, length) < 0 || frame.opcode == 0x8) return -1;
    }
    return (ssize_t)(frame.header + frame.length);
}

static int process(Peer *peer) {
    size_t used = 0;
    while (used < peer->held && !peer->rest[0].iov_len && !peer->rest[1].iov_len) {
        uint8_t *at = peer->in + used;
        if (peer->websocket) {
            ssize_t n = echo(peer, at, peer->held - used);
            if (n < 0) return -1;
            if (n == 0) break;
            used += (size_t)n;
        } else {
            uint8_t *end = memmem(at, peer->held - used, "\r\n\r\n", 4);
            if (!end) break;
            size_t length = (size_t)(end + 4 - at);
            if (request(peer, (char *)at, length) < 0) return -1;
            used += length;
        }
    }
    memmove(peer->in, peer->in + used, peer->held -= used);
    return peer->held == MAX_HEAD ? -1 : 0;
}

static void turn(Peer *peer, uint32_t events) {
    if (events & EPOLLOUT) {
        int now = flush(peer);
        if (now == 1) return;
        if (now < 0) return leave(peer);
        watch(epoll, EPOLL_CTL_MOD, peer->fd, EPOLLIN, peer);
        if (process(peer) < 0) leave(peer);
        return;
    }
    ssize_t got = read(peer->fd, peer->in + peer->held, MAX_HEAD - peer->held);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return leave(peer);
    peer->held += (size_t)got;
    if (process(peer) < 0) leave(peer);
}

static void take_in(Peer *door) {
    int fd;
    while ((fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Peer *peer = calloc(1, sizeof *peer);
        *peer = (Peer){.fd = fd, .origin = door->origin, .in = malloc(MAX_HEAD)};
        watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, peer);
    }
}

static void open_door(int fd, char mark) {
    Origin *origin = malloc(sizeof *origin);
    *origin = (Origin){reply(mark, KIB), reply(mark, 64 * KIB), reply(mark, LARGEST), reply(mark, 2)};
    Peer *door = calloc(1, sizeof *door);
    *door = (Peer){.fd = fd, .listening = 1, .origin = origin};
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, door);
}

/* --unix PATH and --tcp PORT, either or both; --count N: PATH0..PATHn-1 and PORT..PORT+n-1 with marks a, b, c ... */
int serve(int argc, char **argv) {
    const char *path = option(argc, argv, "--unix", NULL), *mark = option(argc, argv, "--mark", "a");
    long port = number(argc, argv, "--tcp", 0), count = number(argc, argv, "--count", 0);
    if (!path && !port) die("serve needs --unix PATH or --tcp PORT");
    memset(tail, 'x', sizeof tail);
    tail[LARGEST - 1] = 'z';
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < (count ? count : 1); i++) {
        char numbered[200];
        snprintf(numbered, sizeof numbered, count ? "%s%d" : "%s", path ? path : "", i);
        if (path) open_door(listen_unix(numbered), (char)(mark[0] + i));
        if (port) open_door(listen_tcp((int)port + i), (char)(mark[0] + i));
    }
    struct epoll_event events[MAX_EVENTS];
    while (1) {
        int n = epoll_wait(epoll, events, MAX_EVENTS, -1);
        for (int i = 0; i < n; i++) {
            Peer *peer = events[i].data.ptr;
            if (peer->listening) take_in(peer);
            else turn(peer, events[i].events);
        }
    }
}
