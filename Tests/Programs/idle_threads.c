// N threads that are blocked for the whole run, T ms.  With a PERIOD each wakes once in that many ms, at
// its own moment; without one they wait on a condition that nobody signals before the end.
// Above 256 threads they do not print their truth, so that the end of the run stays quiet.
#include "program.h"

static uint64_t length, period, until;
static long threads;
static bool over;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *idle(void *argument) {
    struct truth truth = truth_begin("idle");
    uint64_t offset = period * (uint64_t)(uintptr_t)argument / (uint64_t)threads;
    for (uint64_t next = truth.start_ns + offset; period != 0 && next < until; next += period) {
        uint64_t before = now_ns();
        if (next > before)
            sleep_ns(next - before);
        truth.wait_ns += now_ns() - before;
        truth.rounds++;
    }
    uint64_t before = now_ns();
    pthread_mutex_lock(&lock);
    while (!over)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    truth.wait_ns += now_ns() - before;
    if (threads <= 256)
        truth_end(&truth);
    return NULL;
}

int main(int argc, char **argv) {
    usage(argc, 2, "THREADS MS [PERIOD_MS]");
    threads = number(argc, argv, 1, 0);
    length = (uint64_t)number(argc, argv, 2, 0) * MS;
    period = (uint64_t)number(argc, argv, 3, 0) * MS;
    begin("idle_threads");

    pthread_t *started = calloc((size_t)threads, sizeof *started);
    until = now_ns() + length;
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(idle, (void *)(uintptr_t)i);
    say("{\"event\":\"ready\",\"pid\":%d,\"threads\":%ld}", getpid(), threads);
    if (now_ns() < until)
        sleep_ns(until - now_ns());
    pthread_mutex_lock(&lock);
    over = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (long i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    free(started);
    return end();
}
