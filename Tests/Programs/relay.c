// A chain of P processes, the "head" at one end: each waits on a pipe for a byte from the next, and passes it on;
// the last sleeps X ms before it sends one, R times.  Each sends
// when the kernel says that the other sleeps.  Each has N other threads, which only sleep: those of the
// head for 20 ms at a time, the others' until the end.
// NAME is the comm of the process next to the head.  With "late" the processes are made only when the program
// has been released, and with "pause" the last sleeps for 900 ms between the first two bytes.
#include "pair.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define LONGEST 16

static struct {
    _Atomic bool released;
    _Atomic long through;
    _Atomic pid_t tids[LONGEST];
} * shared;

static long processes, threads;
static uint64_t rounds, wait_length;
static int pipes[LONGEST][2];
static bool pauses;

static void *rest(void *length) {
    for (;;)
        sleep_ns(*(uint64_t *)length);
    return NULL;
}

// What the processes do once all of them are through keeps nobody waiting.
static void linger(void) {
    atomic_fetch_add(&shared->through, 1);
    while (atomic_load(&shared->through) < processes)
        sleep_ns(MS);
}

static void be(long place) {
    char role[16];
    uint64_t length = (place == 0 ? 20 : 100000) * MS;
    snprintf(role, sizeof role, "relay-%ld", place);
    pthread_t started[LONGEST];
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(rest, &length);
    while (!atomic_load(&shared->released))
        sleep_ns(MS);
    struct truth truth = truth_begin(role);
    atomic_store(&shared->tids[place], gettid());
    for (; truth.rounds < rounds; truth.rounds++) {
        wait_begins(&truth);
        if (place == processes - 1)
            sleep_ns(pauses && truth.rounds == 1 ? 900 * MS : wait_length);
        else
            take_byte(pipes[place][0]);
        wait_ends(&truth);
        if (place > 0) {
            while (!atomic_load(&shared->tids[place - 1]))
                sleep_ns(MS);
            follow_sleep(atomic_load(&shared->tids[place - 1]), SYS_read);
            put_byte(pipes[place - 1][1]);
        }
    }
    truth_end(&truth);
    linger();
    for (long i = 0; i < threads; i++) {
        pthread_cancel(started[i]);
        pthread_join(started[i], NULL);
    }
}

static void start_others(const char *name) {
    for (long place = 1; place < processes; place++) {
        if (check(fork(), "fork") != 0)
            continue;
        if (place == 1 && name)
            prctl(PR_SET_NAME, name);
        be(place);
        _exit(0);
    }
}

int main(int argc, char **argv) {
    usage(argc, 4, "PROCESSES ROUNDS WAIT_MS THREADS [NAME [late|pause]]");
    processes = number(argc, argv, 1, 0);
    rounds = (uint64_t)number(argc, argv, 2, 0);
    wait_length = (uint64_t)number(argc, argv, 3, 0) * MS;
    threads = number(argc, argv, 4, 0);
    const char *name = argc > 5 ? argv[5] : NULL;
    bool late = argc > 6 && strcmp(argv[6], "late") == 0;
    pauses = argc > 6 && strcmp(argv[6], "pause") == 0;
    if (processes < 2 || processes > LONGEST || threads > LONGEST)
        usage(0, 0, "PROCESSES (2 to 16)");

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    for (long i = 0; i < processes; i++)
        check(pipe(pipes[i]), "pipe");
    if (!late)
        start_others(name);
    begin("relay");
    if (late)
        start_others(name);
    atomic_store(&shared->released, true);
    be(0);
    for (long i = 1; i < processes; i++)
        check(wait(NULL), "wait");
    return end();
}
