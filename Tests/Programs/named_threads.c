// For T ms: thread "keeper" locks a mutex that thread "visitor" wants, computes for 2 ms and sleeps for 6 ms with it, and
// pauses for 1 ms; thread "dozer" sleeps for 20 ms at a time.
#include "program.h"

static uint64_t until;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *keep(void *unused) {
    pthread_setname_np(pthread_self(), "keeper");
    while (now_ns() < until) {
        pthread_mutex_lock(&lock);
        spin_ns(2 * MS);
        sleep_ns(6 * MS);
        pthread_mutex_unlock(&lock);
        sleep_ns(MS);
    }
    return unused;
}

static void *visit(void *unused) {
    pthread_setname_np(pthread_self(), "visitor");
    while (now_ns() < until) {
        pthread_mutex_lock(&lock);
        spin_ns(MS / 5);
        pthread_mutex_unlock(&lock);
        sleep_ns(MS / 2);
    }
    return unused;
}

static void *doze(void *unused) {
    pthread_setname_np(pthread_self(), "dozer");
    while (now_ns() < until)
        sleep_ns(20 * MS);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 1, "MS");
    until = now_ns() + (uint64_t)number(argc, argv, 1, 0) * MS;
    begin("named_threads");
    pthread_t keeper = start_thread(keep, NULL), visitor = start_thread(visit, NULL), dozer = start_thread(doze, NULL);
    pthread_join(keeper, NULL);
    pthread_join(visitor, NULL);
    pthread_join(dozer, NULL);
    return end();
}
