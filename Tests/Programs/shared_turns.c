// Two processes take turns on one futex that they share: each waits for its turn until X ms after the
// kernel has said that it sleeps, N times over.  For
// "memory" each has mapped it at another address; for "anonymous" they share it since the fork.
#include "program.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static _Atomic uint32_t *map(int file) {
    int flags = file == -1 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void *address = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, file, 0);
    if (address == MAP_FAILED)
        fail("mmap");
    return address;
}

int main(int argc, char **argv) {
    usage(argc, 3, "ROUNDS WAIT_MS memory|anonymous");
    uint32_t rounds = (uint32_t)number(argc, argv, 1, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    bool anonymous = strcmp(argv[3], "anonymous") == 0;
    begin("shared_turns");
    int file = anonymous ? -1 : check(memfd_create("shared_turns", MFD_CLOEXEC), "memfd_create");
    if (file != -1)
        check(ftruncate(file, 4096), "ftruncate");
    _Atomic uint32_t *turn = map(file);

    pid_t child = check(fork(), "fork");
    struct truth truth = truth_begin(child == 0 ? "second" : "first");
    if (child == 0 && file != -1)
        turn = map(file);
    for (uint32_t mine = child == 0; mine < 2 * rounds; mine += 2, truth.rounds++) {
        wait_begins(&truth);
        for (uint32_t seen; (seen = atomic_load(turn)) != mine;)
            syscall(SYS_futex, turn, FUTEX_WAIT, seen, NULL);
        wait_ends(&truth);
        // Whoever has had its last turn waits no more.
        if (mine + 1 < 2 * rounds)
            follow_sleep(child == 0 ? getppid() : child, SYS_futex);
        sleep_ns(wait_length);
        atomic_store(turn, mine + 1);
        syscall(SYS_futex, turn, FUTEX_WAKE, 1);
    }
    if (child != 0)
        wait_child(child);
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
