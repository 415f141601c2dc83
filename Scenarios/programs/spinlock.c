// A service whose units of work need a lock that is waited for by spinning, without a system call.  The fault: the work
// under the lock becomes 40 times as long, and so does the spinning of the other workers.
#include "service_main.h"

static atomic_flag lock = ATOMIC_FLAG_INIT;
static atomic_ullong work_ns = 50000;

void unit(void) {
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
        ;  // no pause instruction: not every architecture has one
    compute_ns(atomic_load(&work_ns));
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

void fault(void) { atomic_store(&work_ns, 2 * MS); }

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 2, &port, &workers);
    run_service(port, workers);
}
