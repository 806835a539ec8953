#include "load.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "serve") == 0) return serve(argc - 2, argv + 2);
    if (strcmp(verb, "http") == 0) return http_load(argc - 2, argv + 2);
    if (strcmp(verb, "ws") == 0) return ws_load(argc - 2, argv + 2);
    if (strcmp(verb, "ready") == 0) return ready(argc - 2, argv + 2);
    if (strcmp(verb, "start") == 0) return start(argc - 2, argv + 2);
    if (strcmp(verb, "call") == 0) return call(argc - 2, argv + 2);
    fprintf(stderr, "usage: load serve|http|ws|ready|start|call ...; see bench/load/load.h\n");
    return 2;
}
