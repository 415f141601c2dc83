// N threads, at most C at a time, each busy for L us and then gone.
#include "program.h"

#include <stdatomic.h>

static uint64_t life;
static _Atomic uint64_t threads_run, alive_ns;

static void *live(void *unused) {
    uint64_t start = now_ns();
    spin_ns(life);
    atomic_fetch_add(&threads_run, 1);
    atomic_fetch_add(&alive_ns, now_ns() - start);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "THREADS LIFE_US [AT_ONCE]");
    size_t count = (size_t)number(argc, argv, 1, 0);
    life = (uint64_t)number(argc, argv, 2, 0) * 1000;
    size_t at_once = (size_t)number(argc, argv, 3, 2);
    begin("short_threads");

    struct truth truth = truth_begin("parent");
    pthread_t *started = calloc(at_once, sizeof *started);
    for (size_t i = 0; i < count + at_once; i++) {
        if (i >= at_once && i - at_once < count)
            pthread_join(started[i % at_once], NULL);
        if (i < count)
            started[i % at_once] = start_thread(live, NULL);
    }
    truth.rounds = count;
    truth_end(&truth);
    say("{\"event\":\"threads\",\"threads\":%llu,\"alive_ns\":%llu}", (unsigned long long)threads_run,
        (unsigned long long)alive_ns);
    free(started);
    return end();
}
