// Each of N threads goes through cycles of a sleep and a short computation: sleeps long, computes briefly.
#include "program.h"

static long cycles;
static uint64_t sleep_length, busy_length;

static void *cycle(void *unused) {
    struct truth truth = truth_begin("sleeper");
    for (long i = 0; i < cycles; i++) {
        uint64_t before = now_ns();
        sleep_ns(sleep_length);
        truth.wait_ns += now_ns() - before;
        truth.rounds++;
        spin_ns(busy_length);
    }
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "CYCLES SLEEP_MS [BUSY_US [THREADS]]");
    cycles = number(argc, argv, 1, 0);
    sleep_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    busy_length = (uint64_t)number(argc, argv, 3, 0) * 1000;
    long threads = number(argc, argv, 4, 1);
    begin("sleeper");

    pthread_t *started = calloc((size_t)threads, sizeof *started);
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(cycle, NULL);
    for (long i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    free(started);
    return end();
}
