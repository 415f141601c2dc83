// A service that appends 64 KB to a file and makes it durable for each request:
//
//   durable_writer PORT WORKERS FILE
//
// It has no fault of its own: somebody may limit its I/O.
#include "service_main.h"

static int file;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

void unit(void) {
    static off_t at;
    static char record[65536] = "record";
    pthread_mutex_lock(&turn);
    at = (at + (off_t)sizeof record) % (64 << 20);
    if (pwrite(file, record, sizeof record, at) != sizeof record)
        fail("pwrite");
    check(fdatasync(file), "fdatasync");
    pthread_mutex_unlock(&turn);
}

void fault(void) {}

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 3, &port, &workers);
    file = check(open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), argv[3]);
    run_service(port, workers);
}
