// A thread that gives itself a new name N times, every X ms, each time a line saying which and when.
#include "program.h"

#include <sys/prctl.h>

static long renames;
static uint64_t period;

static void *rename_repeatedly(void *unused) {
    struct truth truth = truth_begin("renamed");
    for (long i = 0; i < renames; i++) {
        char name[16];
        snprintf(name, sizeof name, "phase-%d", (int)(i % 1000));
        check(prctl(PR_SET_NAME, name), "prctl");
        say("{\"event\":\"rename\",\"tid\":%d,\"comm\":\"%s\",\"time_ns\":%llu}", gettid(), name,
            (unsigned long long)now_ns());
        sleep_ns(period);
        truth.rounds++;
    }
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "RENAMES PERIOD_MS");
    renames = number(argc, argv, 1, 0);
    period = (uint64_t)number(argc, argv, 2, 0) * MS;
    begin("rename_thread");
    pthread_join(start_thread(rename_repeatedly, NULL), NULL);
    return end();
}
