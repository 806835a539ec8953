#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Route *read_routes(const char *file, int *count) {
    FILE *in = file ? fopen(file, "r") : NULL;
    if (!in) die("--routes FILE is needed, and must be readable");
    int room = 64, n = 0;
    Route *routes = calloc((size_t)room, sizeof *routes);
    char host[256], prefix[256], cookie[2048], mark;
    while (fscanf(in, "%255s %255s %c %2047s", host, prefix, &mark, cookie) == 4) {
        if (n == room) routes = realloc(routes, (size_t)(room *= 2) * sizeof *routes);
        routes[n++] = (Route){strdup(host), strdup(strcmp(prefix, "-") == 0 ? "" : prefix), strdup(cookie), mark};
    }
    fclose(in);
    if (!n) die("no routes in %s", file);
    *count = n;
    return routes;
}

size_t request_for(const Route *route, const char *path, const char *extra, char *out, size_t room) {
    int bearer = strncmp(route->cookie, "Bearer:", 7) == 0, none = strcmp(route->cookie, "-") == 0;
    int length = snprintf(out, room,
        "GET %s%s HTTP/1.1\r\nHost: %s\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
        "Referer: http://%s%s\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n"
        "%s%s%s%s\r\n",
        route->prefix, path, route->host, route->host, route->prefix,
        none ? "" : bearer ? "Authorization: Bearer " : "Cookie: ",
        none ? "" : bearer ? route->cookie + 7 : route->cookie, none ? "" : "\r\n",
        extra);
    if (length < 0 || (size_t)length >= room) die("the request for %s is too long", route->prefix);
    return (size_t)length;
}
