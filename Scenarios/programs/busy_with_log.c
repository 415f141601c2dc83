// A service that computes 200 us for each request, beside a thread that has nothing to do with them and makes a log durable
// all the time:
//
//   busy_with_log PORT WORKERS FILE
//
// It has no fault of its own.
#include "service_main.h"

static const char *path;

void unit(void) { compute_ns(200000); }

void fault(void) {}

static void *keep_log(void *argument) {
    char record[65536] = "record";
    (void)argument;
    introduce("log");
    int file = check(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
    for (off_t at = 0;; at = (at + (off_t)sizeof record) % (64 << 20)) {
        if (pwrite(file, record, sizeof record, at) != sizeof record)
            fail(path);
        check(fsync(file), "fsync");
    }
    return NULL;
}

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 3, &port, &workers);
    path = argv[3];
    start_thread(keep_log, NULL);
    run_service(port, workers);
}
