// Thread "waiter" waits for a futex in waits_inside, which waits_outside calls; thread "releaser" ends the wait in
// releases_inside, which releases_outside calls.  Both make their system calls themselves: the C library keeps no frame
// pointers, and the function that calls it would be missing.  The outer function of the releaser has the name that a C++
// compiler would give it.  With `jit` the waiter goes through code that the program has made itself, which
// /tmp/perf-PID.map names "made while it runs".
#include "program.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define KEPT __attribute__((noinline, noclone))

static long rounds;
static uint64_t hold_length;
static uint32_t turn;  // odd: the waiter's

static inline __attribute__((always_inline)) long call_futex(uint32_t *address, long operation, long value) {
    long result;
    // Where a function calls no other, the compiler would leave its frame out all the same.
    asm volatile("" : : "r"(__builtin_frame_address(0)));
    register void *timeout asm("r10") = NULL;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(SYS_futex), "D"(address), "S"(operation), "d"(value), "r"(timeout)
                 : "rcx", "r11", "memory");
    return result;
}

KEPT static void waits_inside(uint32_t seen) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == seen)
        call_futex(&turn, FUTEX_WAIT_PRIVATE, seen);
}

KEPT static void waits_outside(uint32_t seen) {
    waits_inside(seen);
}

KEPT static void releases_inside(void) {
    __atomic_add_fetch(&turn, 1, __ATOMIC_RELEASE);
    call_futex(&turn, FUTEX_WAKE_PRIVATE, 1);
}

KEPT void releases_outside(void) __asm__("_ZN4shop5Queue7releaseEv");  // shop::Queue::release()
KEPT void releases_outside(void) {
    releases_inside();
}

static void (*way_in)(uint32_t seen, void (*next)(uint32_t seen));
static char map_path[64];

static void make_code(void) {
    // push %rbp; mov %rsp,%rbp; call *%rsi; pop %rbp; ret
    static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3};
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED)
        fail("mmap");
    memcpy(place, code, sizeof code);
    check(mprotect(place, 4096, PROT_READ | PROT_EXEC), "mprotect");
    memcpy(&way_in, &place, sizeof place);
    snprintf(map_path, sizeof map_path, "/tmp/perf-%d.map", getpid());
    FILE *map = fopen(map_path, "we");
    if (!map || fprintf(map, "%lx %lx made while it runs\n", (unsigned long)place, sizeof code) < 0 || fclose(map))
        fail(map_path);
}

static pthread_barrier_t barrier;

KEPT static void *release(void *unused) {
    struct truth truth = truth_begin("releaser");
    for (long i = 0; i < rounds; i++) {
        pthread_barrier_wait(&barrier);
        sleep_ns(hold_length);
        releases_outside();
        truth.rounds++;
    }
    truth_end(&truth);
    return unused;
}

KEPT static void *wait_for_it(void *unused) {
    struct truth truth = truth_begin("waiter");
    for (long i = 0; i < rounds; i++) {
        uint32_t seen = __atomic_load_n(&turn, __ATOMIC_ACQUIRE);
        pthread_barrier_wait(&barrier);
        uint64_t before = now_ns();
        way_in ? way_in(seen, waits_outside) : waits_outside(seen);
        truth.wait_ns += now_ns() - before;
        truth.rounds++;
    }
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS HOLD_MS [jit]");
    rounds = number(argc, argv, 1, 0);
    hold_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    if (argc > 3)
        make_code();
    begin("stack_pair");
    say("{\"event\":\"futex\",\"pid\":%d,\"address\":\"%p\"}", getpid(), (void *)&turn);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t releaser = start_thread(release, NULL), waiter = start_thread(wait_for_it, NULL);
    pthread_join(releaser, NULL);
    pthread_join(waiter, NULL);
    if (way_in)
        unlink(map_path);
    return end();
}
