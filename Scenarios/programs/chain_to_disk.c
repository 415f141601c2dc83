// Workers wait on a futex for B, B waits on a pipe for the process C, and C writes a record to a file:
//
//   chain_to_disk PORT WORKERS FILE
//
// The fault: from SIGUSR1 on C makes each record durable with fsync, so that everybody waits for the disk.
#include "service_main.h"
#include <sys/mman.h>
#include <sys/prctl.h>

// What a worker waits for: B answers all that asked before it began, so that one fsync serves every waiter.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked_more = PTHREAD_COND_INITIALIZER, answered_more = PTHREAD_COND_INITIALIZER;
static uint64_t asked, answered;

static int to_writer[2], from_writer[2];
static atomic_bool *durable;  // in memory that both processes share

void unit(void) {
    pthread_mutex_lock(&mutex);
    uint64_t mine = ++asked;
    pthread_cond_signal(&asked_more);
    while (answered < mine)
        pthread_cond_wait(&answered_more, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void *relay(void *argument) {
    (void)argument;
    introduce("relay");
    for (;;) {
        pthread_mutex_lock(&mutex);
        while (asked == answered)
            pthread_cond_wait(&asked_more, &mutex);
        uint64_t upto = asked;
        pthread_mutex_unlock(&mutex);
        char byte = 1;
        if (write(to_writer[1], &byte, 1) != 1 || read(from_writer[0], &byte, 1) != 1)
            fail("the writer's pipe");
        pthread_mutex_lock(&mutex);
        answered = upto;
        pthread_cond_broadcast(&answered_more);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void write_records(const char *path) {
    char record[4096] = "record", byte;
    int file = check(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGUSR1, SIG_IGN);
    pthread_setname_np(pthread_self(), "writer");
    for (off_t at = 0; read(to_writer[0], &byte, 1) == 1; at = (at + (off_t)sizeof record) % (64 << 20)) {
        if (pwrite(file, record, sizeof record, at) != sizeof record)
            fail(path);
        if (atomic_load(durable))
            check(fsync(file), "fsync");
        if (write(from_writer[1], &byte, 1) != 1)
            break;
    }
    _exit(0);
}

void fault(void) { atomic_store(durable, true); }

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 3, &port, &workers);
    durable = mmap(NULL, sizeof *durable, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (durable == MAP_FAILED)
        fail("mmap");
    check(pipe2(to_writer, O_CLOEXEC), "pipe");
    check(pipe2(from_writer, O_CLOEXEC), "pipe");
    if (check(fork(), "fork") == 0)
        write_records(argv[3]);
    start_thread(relay, NULL);
    run_service(port, workers);
}
