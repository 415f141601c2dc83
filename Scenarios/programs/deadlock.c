// A service whose units of work take one of two locks.  The fault: two threads of the program's own each take one of them and
// then want the other's, and everybody who needs either waits for ever.
#include "service_main.h"

static pthread_mutex_t accounts = PTHREAD_MUTEX_INITIALIZER, journal = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both_have_one;
static atomic_uint turns;

void unit(void) {
    pthread_mutex_t *one = atomic_fetch_add(&turns, 1) % 2 ? &accounts : &journal;
    pthread_mutex_lock(one);
    compute_ns(50000);
    pthread_mutex_unlock(one);
}

static void lock_both(const char *role, pthread_mutex_t *first, pthread_mutex_t *second) {
    introduce(role);
    pthread_mutex_lock(first);
    pthread_barrier_wait(&both_have_one);
    pthread_mutex_lock(second);
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
}

static void *transfer(void *argument) {
    (void)argument;
    lock_both("transfer", &accounts, &journal);
    return NULL;
}

static void *audit(void *argument) {
    (void)argument;
    lock_both("audit", &journal, &accounts);
    return NULL;
}

void fault(void) {
    errno = pthread_barrier_init(&both_have_one, NULL, 2);
    if (errno)
        fail("pthread_barrier_init");
    start_thread(transfer, NULL);
    start_thread(audit, NULL);
}

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 2, &port, &workers);
    run_service(port, workers);
}
