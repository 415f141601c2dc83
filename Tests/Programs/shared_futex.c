// Two processes on one shared futex: the parent ("holder") keeps it for X ms
// after the kernel has said that the other sleeps, the child ("waiter") waits for
// it, N times over.  It lies in a file without a name, or in FILE (which is removed at the end), each mapped
// at different addresses in the two; or, for "anonymous", in memory that they share since the fork.
#include "resource.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SIZE 4096

// Each counts up; the futexes are the counters themselves.
struct shared {
    _Atomic uint32_t ready, released;
    _Atomic uintptr_t waiter_address;
    _Atomic uint64_t asleep_ns;
};

static void wait_past(_Atomic uint32_t *word, uint32_t seen) {
    while (atomic_load(word) <= seen)
        if (syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL) == -1 && errno != EAGAIN && errno != EINTR)
            fail("futex wait");
}

static void step(_Atomic uint32_t *word) {
    atomic_fetch_add(word, 1);
    if (syscall(SYS_futex, word, FUTEX_WAKE, 1) == -1)
        fail("futex wake");
}

static struct shared *map(int file, size_t size) {
    int flags = file == -1 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
    if (address == MAP_FAILED)
        fail("mmap");
    return address;
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS HOLD_MS [memory|anonymous|FILE]");
    uint32_t rounds = (uint32_t)number(argc, argv, 1, 0);
    uint64_t hold_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    const char *where = argc > 3 ? argv[3] : "memory";
    bool in_file = strchr(where, '/') != NULL;
    begin("shared_futex");

    int file = -1;
    if (in_file)
        file = check(open(where, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), where);
    else if (strcmp(where, "memory") == 0)
        file = check(memfd_create("shared_futex", MFD_CLOEXEC), "memfd_create");
    else if (strcmp(where, "anonymous") != 0)
        usage(0, 0, "ROUNDS HOLD_MS [memory|anonymous|FILE]");
    if (file != -1)
        check(ftruncate(file, SIZE), "ftruncate");
    struct shared *shared = map(file, SIZE);
    unsigned long long inode = file == -1 ? 0 : inode_of(file);
    say("{\"event\":\"futex\",\"inode\":%llu,\"holder_address\":\"%p\"}", inode,
        (void *)&shared->released);

    pid_t child = check(fork(), "fork");
    if (child == 0) {
        struct truth truth = truth_begin("waiter");
        if (file != -1)
            shared = map(file, SIZE);
        atomic_store(&shared->waiter_address, (uintptr_t)&shared->released);
        say("{\"event\":\"futex\",\"inode\":%llu,\"waiter_address\":\"%p\"}", inode,
            (void *)&shared->released);
        struct resource resource = {
            .kind = "futex", .fd = file, .address = &shared->released, .path = in_file ? where : NULL,
            .waker_tid = getppid()};
        say_resource(&resource);
        for (; truth.rounds < rounds; truth.rounds++) {
            step(&shared->ready);
            wait_begins(&truth);
            wait_past(&shared->released, (uint32_t)truth.rounds);
            wait_ends(&truth);
        }
        truth.asleep_ns = atomic_load(&shared->asleep_ns);
        truth_end(&truth);
        _exit(0);
    }
    struct truth truth = truth_begin("holder");
    for (; truth.rounds < rounds; truth.rounds++) {
        wait_past(&shared->ready, (uint32_t)truth.rounds);
        uint64_t seen = follow_sleep_at(
            child, SYS_futex, (void *)atomic_load(&shared->waiter_address), sizeof shared->released);
        sleep_ns(hold_length);
        atomic_fetch_add(&shared->asleep_ns, now_ns() - seen);
        step(&shared->released);
    }
    wait_child(child);
    if (in_file)
        unlink(where);
    truth_end(&truth);
    return end();
}
