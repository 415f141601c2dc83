// A process with N busy threads in which one that is not the leader calls exec.  The kernel ends all the
// others; the one that called takes over the leader's id, and its CPU time goes on.  With "sleep" all of them
// sleep instead, the new program too, so that it is a wait that goes on under another id.
#include "program.h"

static uint64_t before_length;
static char *after_argument;
static char *program;
static bool sleeps;

static void pass(uint64_t length) { sleeps ? sleep_ns(length) : spin_ns(length); }

static void *burn(void *unused) {
    say("{\"event\":\"doomed\",\"pid\":%d,\"tid\":%d,\"start_ns\":%llu}", getpid(), gettid(),
        (unsigned long long)now_ns());
    for (;;)
        pass(MS * (sleeps ? 1000 : 1));
    return unused;
}

static void *replace(void *unused) {
    char former[16];
    pass(before_length);
    snprintf(former, sizeof former, "%d", gettid());
    say("{\"event\":\"exec\",\"pid\":%d,\"tid\":%d,\"time_ns\":%llu}", getpid(), gettid(),
        (unsigned long long)now_ns());
    execl(program, program, "--after", after_argument, former, sleeps ? "sleep" : "spin", NULL);
    fail("exec");
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 3, "THREADS BEFORE_MS AFTER_MS [spin|sleep]");
    sleeps = argc > 4 && strcmp(argv[4], "sleep") == 0;
    if (strcmp(argv[1], "--after") == 0) {
        struct truth truth = truth_begin("replaced");
        wait_begins(&truth);
        pass((uint64_t)number(argc, argv, 2, 0) * MS);
        wait_ends(&truth);
        truth.wait_ns = sleeps ? truth.wait_ns : 0;
        truth_end(&truth);
        say("{\"event\":\"replaced\",\"pid\":%d,\"tid\":%d,\"former_tid\":%ld}", getpid(), gettid(),
            number(argc, argv, 3, 0));
        return end();
    }
    long threads = number(argc, argv, 1, 0);
    before_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    after_argument = argv[3];
    program = realpath("/proc/self/exe", NULL);
    begin("exec_threads");
    for (long i = 0; i < threads; i++)
        start_thread(burn, NULL);
    pthread_join(start_thread(replace, NULL), NULL);
    return 1;
}
