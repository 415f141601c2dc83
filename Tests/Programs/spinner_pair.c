// Two busy threads pinned to one CPU for T ms: each runs about half of the time and is in the run queue
// for the other half, where the other thread is the occupant of its CPU.
#include "program.h"

static uint64_t length;
static int cpu;

static void *spin(void *role) {
    pin_to_cpu(cpu);
    struct truth truth = truth_begin(role);
    spin_ns(length);
    truth_end(&truth);
    return NULL;
}

int main(int argc, char **argv) {
    usage(argc, 1, "MS [CPU]");
    length = (uint64_t)number(argc, argv, 1, 0) * MS;
    cpu = (int)number(argc, argv, 2, 0);
    begin("spinner_pair");
    pthread_t first = start_thread(spin, "first"), second = start_thread(spin, "second");
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return end();
}
