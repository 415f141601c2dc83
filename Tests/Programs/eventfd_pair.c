// Waits on an eventfd between two processes, N waits of X ms: to read it while it is 0, or to write to it
// while it is at its maximum.
#include "pair.h"

#include <sys/eventfd.h>

static int counter;
static uint64_t amount;

static void take(uint64_t round) {
    (void)round;
    uint64_t value;
    if (read(counter, &value, sizeof value) != sizeof value)
        fail("read");
}

static void give(uint64_t round) {
    (void)round;
    if (write(counter, &amount, sizeof amount) != sizeof amount)
        fail("write");
}

int main(int argc, char **argv) {
    usage(argc, 3, "ROUNDS WAIT_MS read|write");
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    bool writes = strcmp(argv[3], "write") == 0;
    begin("eventfd_pair");

    counter = check(eventfd(0, EFD_CLOEXEC), "eventfd");
    amount = writes ? UINT64_MAX - 1 : 1;
    if (writes)
        give(0);
    pair.wait = writes ? give : take, pair.wake = writes ? take : give;
    pair.call = writes ? SYS_write : SYS_read;
    pair.resource = (struct resource){.kind = "file", .fd = counter};
    return run_pair();
}
