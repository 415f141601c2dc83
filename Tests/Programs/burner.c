// N threads, each busy for T ms of wall time.  With more threads than CPUs they share them.
#include "program.h"

static uint64_t length;

static void *burn(void *unused) {
    struct truth truth = truth_begin("burner");
    spin_ns(length);
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "THREADS MS");
    long threads = number(argc, argv, 1, 0);
    length = (uint64_t)number(argc, argv, 2, 0) * MS;
    begin("burner");

    pthread_t *started = calloc((size_t)threads, sizeof *started);
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(burn, NULL);
    for (long i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    free(started);
    return end();
}
