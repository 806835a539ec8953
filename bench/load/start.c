/* Starting things and asking simple questions; all of it blocks.
 *
 * load ready  --unix PATH | --tcp PORT [--path /] [--timeout S] [-- COMMAND ARG...]
 *     runs the command, asks every 2 ms until it answers 200, prints {"ms":...} since the spawn, ends the command
 * load start  --to HOST:PORT --host NAME --token T --app A
 *     POST /api/v1/sessions, asks every 2 ms until the state is ready, then for the session's first page; prints
 *     {"ms":..., "page_ms":..., "id":...} since the POST; DELETEs the session and waits until it has ended
 * load call   --to HOST:PORT --path P [--host NAME --method M --token T | --basic BASE64 --body JSON | --form TEXT
 *             --origin O --head yes]
 *     prints the body (the head too); exit status 0 when the answer is 2xx or 3xx
 */
#define _GNU_SOURCE
#include "load.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ANSWER = 1 << 20 };

static char answer[MAX_ANSWER + 1]; /* head and body of the last one */

/* One request on a connection of its own. @return the status, 0 when there was no answer within 10 s */
static int ask(int fd, const char *request, size_t length) {
    size_t held = 0;
    answer[0] = 0;
    if (fd < 0) return 0;
    if (write(fd, request, length) == (ssize_t)length) {
        struct pollfd patience = {fd, POLLIN, 0};
        while (held < MAX_ANSWER && poll(&patience, 1, 10000) == 1) {
            ssize_t got = read(fd, answer + held, MAX_ANSWER - held);
            if (got <= 0) break;
            answer[held += (size_t)got] = 0;
        }
    }
    close(fd);
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static const char *type = "application/json", *origin = "";

static int request(int fd, const char *host, const char *authorization, const char *method, const char *path, const char *body) {
    char text[MAX_HEAD];
    int length = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s%sAccept: */*\r\nConnection: close\r\n", method,
        path, host, *authorization ? "Authorization: " : "", authorization, *authorization ? "\r\n" : "");
    if (*origin) length += snprintf(text + length, sizeof text - (size_t)length, "Origin: %s\r\n", origin);
    if (*body) length += snprintf(text + length, sizeof text - (size_t)length,
                   "Content-Type: %s\r\nContent-Length: %zu\r\n", type, strlen(body));
    length += snprintf(text + length, sizeof text - (size_t)length, "\r\n%s", body);
    if ((size_t)length >= sizeof text) die("the request is too long");
    return ask(fd, text, (size_t)length);
}

static double ms_since(uint64_t then) { return (double)(now_ns() - then) / 1e6; }

int ready(int argc, char **argv) {
    const char *socket = option(argc, argv, "--unix", NULL), *path = option(argc, argv, "--path", "/");
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%ld", number(argc, argv, "--tcp", 0));
    double timeout = 1000.0 * (double)number(argc, argv, "--timeout", 60);
    char **command = NULL;
    for (int i = 0; i < argc - 1 && !command; i++)
        if (strcmp(argv[i], "--") == 0) command = argv + i + 1;
    uint64_t begun = now_ns();
    pid_t child = command ? fork() : 0;
    if (command && child == 0) {
        setpgid(0, 0);
        execvp(command[0], command);
        die("can't run %s", command[0]);
    }
    int status = 0, gone = 0;
    while (status != 200 && !gone && ms_since(begun) < timeout) {
        status = request(socket ? dial_unix(socket) : dial_tcp(address), "localhost", "", "GET", path, "");
        if (status != 200) usleep(2000);
        gone = child && waitpid(child, NULL, WNOHANG) == child;
    }
    double took = ms_since(begun);
    if (child && !gone) {
        kill(-child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (status != 200) die(gone ? "the command ended before it answered" : "not ready, last status %d", status);
    printf("{\"test\":\"ready\",\"ms\":%.1f}\n", took);
    return 0;
}

/* The text value of a JSON field; the first one of that name. */
static int field(const char *name, char *out, size_t room) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    char *at = strstr(answer, key);
    if (!at) return 0;
    at += strlen(key);
    size_t length = strcspn(at, "\"");
    if (length >= room) return 0;
    memcpy(out, at, length);
    out[length] = 0;
    return 1;
}

int start(int argc, char **argv) {
    const char *to = option(argc, argv, "--to", "127.0.0.1:8080"), *host = option(argc, argv, "--host", to);
    const char *app = option(argc, argv, "--app", "");
    char bearer[2100], body[256], id[64], path[128], page[128], state[32] = "";
    snprintf(bearer, sizeof bearer, "Bearer %s", option(argc, argv, "--token", ""));
    snprintf(body, sizeof body, "{\"app\":\"%s\"}", app);
    uint64_t begun = now_ns();
    int status = request(dial_tcp(to), host, bearer, "POST", "/api/v1/sessions", body);
    if (status != 201 || !field("id", id, sizeof id)) die("asked for %s and got: %.600s", app, answer);
    snprintf(path, sizeof path, "/api/v1/sessions/%s", id);
    snprintf(page, sizeof page, "/s/%s/", id);
    while (strcmp(state, "ready") != 0) {
        usleep(2000);
        request(dial_tcp(to), host, bearer, "GET", path, "");
        if (!field("state", state, sizeof state) || strcmp(state, "ended") == 0 || ms_since(begun) > 120000)
            die("%s did not become ready: %.1000s", app, answer);
    }
    double took = ms_since(begun);
    status = request(dial_tcp(to), host, bearer, "GET", page, "");
    double to_page = ms_since(begun);
    if (status != 200) die("the ready session answered: %.600s", answer);
    request(dial_tcp(to), host, bearer, "DELETE", path, "");
    for (uint64_t asked = now_ns(); ms_since(asked) < 30000 && strcmp(state, "ended") != 0; usleep(20000))
        if (request(dial_tcp(to), host, bearer, "GET", path, "") == 404 || !field("state", state, sizeof state)) break;
    printf("{\"test\":\"start\",\"ms\":%.1f,\"page_ms\":%.1f,\"id\":\"%s\"}\n", took, to_page, id);
    return 0;
}

int call(int argc, char **argv) {
    const char *to = option(argc, argv, "--to", "127.0.0.1:8080"), *token = option(argc, argv, "--token", NULL);
    const char *basic = option(argc, argv, "--basic", NULL), *form = option(argc, argv, "--form", NULL);
    char authorization[2100] = "";
    if (token) snprintf(authorization, sizeof authorization, "Bearer %s", token);
    if (basic) snprintf(authorization, sizeof authorization, "Basic %s", basic);
    if (form) type = "application/x-www-form-urlencoded";
    origin = option(argc, argv, "--origin", "");
    int status = request(dial_tcp(to), option(argc, argv, "--host", to), authorization, option(argc, argv, "--method", "GET"),
        option(argc, argv, "--path", "/"), form ? form : option(argc, argv, "--body", ""));
    char *end = option(argc, argv, "--head", NULL) ? NULL : strstr(answer, "\r\n\r\n");
    printf("%s\n", end ? end + 4 : answer);
    if (status < 200 || status > 399) fprintf(stderr, "load: status %d\n", status);
    return status < 200 || status > 399;
}
