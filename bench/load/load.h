/* The bench's own tool: backend, load and clock in one small program. Linux only; no library but libc.
 *
 *   load serve  --unix PATH | --tcp PORT [--count N] [--mark M]       answers /1k /64k /1m /ws, see origin.c
 *   load http   --to HOST:PORT --routes FILE --path 1k ...            closed loop, see http.c
 *   load ws     --to HOST:PORT --routes FILE ...                      WebSocket echoes, or idle ones, see ws.c
 *   load ready  --unix PATH | --tcp PORT --path P [-- COMMAND ...]    milliseconds until the first 200, see start.c
 *   load start  --to HOST:PORT --token T --app A                      the same through Carrel's API, see start.c
 *   load call   --to HOST:PORT --method M --path P ...                one plain request, body to stdout, see start.c
 *
 * Measuring commands print one line of JSON. They exit with 1 when a single answer was wrong: a fast wrong answer is
 * not fast.
 */
#ifndef LOAD_H
#define LOAD_H
#include <stddef.h>
#include <stdint.h>

enum { MAX_EVENTS = 512, MAX_HEAD = 16 * 1024, FRAME_BYTES = 100 };

/* text.c: command line, time, CPU, sockets */
const char *option(int argc, char **argv, const char *name, const char *otherwise);
long number(int argc, char **argv, const char *name, long otherwise);
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
uint64_t now_ns(void);
int listen_unix(const char *path);
int listen_tcp(int port);
int dial_unix(const char *path);
int dial_tcp(const char *host_port);
int dial_tcp_from(int neighbour, const char *host_port); /* from 127.0.0.(1 + neighbour); 0 is as usual */
void nonblocking(int fd);
int watch(int epoll, int op, int fd, uint32_t events, void *data);

/* user + system seconds of processes, as the kernel counts them: fields 14 and 15 of /proc/PID/stat, ended threads
 * included, children not. pids: comma-separated; empty gives 0. */
double cpu_seconds(const char *pids);

/* A measured stretch: what the proxy used, what backend and load used, and what strangers used meanwhile; all in
 * seconds. Strangers include time stolen by the machine's host. */
typedef struct { const char *proxy, *ours; double proxy_s, ours_s, machine_s; uint64_t begun; } Clock;
typedef struct { double seconds, proxy, ours, others, machine; } Spent;
Clock begin(const char *proxy, const char *ours);
Spent spent(const Clock *clock);

/* histogram.c: latencies in microseconds, 32 steps for each doubling: at most 3 % too high */
typedef struct { uint64_t count[40 * 32], total; } Histogram;
void note(Histogram *histogram, uint64_t us);
uint64_t quantile(const Histogram *histogram, double q);

/* websocket.c: RFC 6455 */
void accept_key(const char *key, size_t length, char out[29]);
/* writes header and payload, masked when mask is given; @return bytes written */
size_t put_frame(uint8_t *out, int opcode, const uint8_t *payload, size_t length, const uint8_t *mask);
typedef struct { int opcode; size_t header, length; const uint8_t *mask; } Frame;
/* @return 1 a whole frame lies in bytes, 0 more is needed, -1 not a frame we can bear */
int get_frame(const uint8_t *bytes, size_t available, Frame *frame);

/* routes.c: one line for each route: HOST PREFIX MARK COOKIE; PREFIX is "-" for none; COOKIE is "-" for none, "Bearer:TOKEN" for a token */
typedef struct { char *host, *prefix, *cookie; int mark; } Route;
Route *read_routes(const char *file, int *count);
/* a browser's request: about 390 bytes beside cookie and path */
size_t request_for(const Route *route, const char *path, const char *extra, char *out, size_t room);

int serve(int argc, char **argv);
int http_load(int argc, char **argv);
int ws_load(int argc, char **argv);
int ready(int argc, char **argv);
int start(int argc, char **argv);
int call(int argc, char **argv);
#endif
