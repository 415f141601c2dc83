// The main program of a service: see service.h.
#pragma once
#include "service.h"

static void *serve_connection(void *argument) {
    int connection = (int)(intptr_t)argument;
    introduce("worker");
    char request[256];
    for (ssize_t length; (length = read(connection, request, sizeof request)) > 0;) {
        if (request[length - 1] != '\n')
            continue;
        unit();
        if (write(connection, "done\n", 5) != 5)
            break;
    }
    close(connection);
    return NULL;
}

static void *work_alone(void *argument) {
    (void)argument;
    introduce("worker");
    for (;;) {
        uint64_t begin = read_clock(CLOCK_MONOTONIC);
        unit();
        completed(read_clock(CLOCK_MONOTONIC) - begin);
        sleep_ns(2 * MS);
    }
    return NULL;
}

static sigset_t fault_signal(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    return signals;
}

static void *await_fault(void *argument) {
    (void)argument;
    sigset_t signals = fault_signal();
    int signal;
    introduce("control");
    sigwait(&signals, &signal);
    fault();
    return NULL;
}

__attribute__((noreturn)) static void serve(int port) {
    int one = 1, listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), "setsockopt");
    check(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(listener, 64), "listen");
    for (;;) {
        int connection = check(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
        check(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
        start_thread(serve_connection, (void *)(intptr_t)connection);
    }
}

// To be called at the end of main, when the program's own threads run.
__attribute__((noreturn)) static void run_service(int port, int workers) {
    start_thread(await_fault, NULL);
    introduce("main");
    if (port)
        serve(port);
    for (int i = 0; i < workers; i++)
        start_thread(work_alone, NULL);
    print_units();
}

// To be called first: reads PORT and WORKERS, of at least `needed` arguments, and leaves SIGUSR1 to the thread that waits for it.
static inline void prepare(int argc, char **argv, int needed, int *port, int *workers) {
    if (argc <= needed) {
        fprintf(stderr, "usage: %s PORT WORKERS%s\n", program_invocation_short_name, needed > 2 ? " FILE" : "");
        exit(2);
    }
    sigset_t signals = fault_signal();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    *port = atoi(argv[1]);
    *workers = atoi(argv[2]);
}
