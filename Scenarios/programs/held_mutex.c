// A service whose units of work need a mutex for a moment.  The fault: a thread of the program's own takes it again and again
// and computes 20 ms while it has it.
#include "service_main.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

void unit(void) {
    pthread_mutex_lock(&table);
    compute_ns(50000);
    pthread_mutex_unlock(&table);
}

static void *maintain(void *argument) {
    (void)argument;
    introduce("maintenance");
    for (;;) {
        pthread_mutex_lock(&table);
        compute_ns(20 * MS);
        pthread_mutex_unlock(&table);
        sleep_ns(1 * MS);
    }
    return NULL;
}

void fault(void) { start_thread(maintain, NULL); }

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 2, &port, &workers);
    run_service(port, workers);
}
