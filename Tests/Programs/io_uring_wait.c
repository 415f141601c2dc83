// Waits in io_uring_enter for one completion, N times:
//   pipe      of a read from a pipe, which another process ends after X ms
//   worker    the same, handed to a thread that the kernel makes for the ring
//   timeout   of a timeout of X ms
//   file      of a read of 1 MiB of FILE with O_DIRECT; FILE is made first and removed at the end;
//             with WAITS it goes on until it has slept as often
#include "pair.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>

static int ring, data[2], file = -1;
static struct io_uring_params parameters;
static char *submissions, *completions;
static struct io_uring_sqe *entries;
static struct __kernel_timespec limit;
static const char *how;
static _Alignas(4096) char buffer[1 << 20];
#define FILE_BUFFERS 16

static void *map(size_t size, off_t what) {
    void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
    if (place == MAP_FAILED)
        fail("mmap");
    return place;
}

static void open_ring(void) {
    ring = check((int)syscall(SYS_io_uring_setup, 4, &parameters), "io_uring_setup");
    submissions = map(
        parameters.sq_off.array + parameters.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
    completions = map(
        parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
    entries = map(parameters.sq_entries * sizeof *entries, IORING_OFF_SQES);
}

static _Atomic uint32_t *word(char *base, uint32_t offset) { return (_Atomic uint32_t *)(base + offset); }

static void prepare(uint64_t round) {
    uint32_t tail = atomic_load(word(submissions, parameters.sq_off.tail));
    uint32_t index = tail & atomic_load(word(submissions, parameters.sq_off.ring_mask));
    struct io_uring_sqe *entry = &entries[index];
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_READ;
    entry->fd = data[0];
    entry->addr = (uintptr_t)buffer;
    entry->len = 1;
    if (strcmp(how, "worker") == 0)
        entry->flags = IOSQE_ASYNC;
    if (strcmp(how, "file") == 0) {
        entry->fd = file;
        entry->len = sizeof buffer;
        entry->off = round % FILE_BUFFERS * sizeof buffer;
    } else if (strcmp(how, "timeout") == 0) {
        entry->opcode = IORING_OP_TIMEOUT;
        entry->fd = -1;
        entry->addr = (uintptr_t)&limit;
    }
    atomic_store(word(submissions, parameters.sq_off.array + index * sizeof(uint32_t)), index);
    atomic_store(word(submissions, parameters.sq_off.tail), tail + 1);
}

static void wait_for_one(uint64_t round) {
    (void)round;
    check((int)syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0), "io_uring_enter");
    _Atomic uint32_t *head = word(completions, parameters.cq_off.head);
    uint32_t index = atomic_load(head) & atomic_load(word(completions, parameters.cq_off.ring_mask));
    struct io_uring_cqe *entry = (struct io_uring_cqe *)(completions + parameters.cq_off.cqes) + index;
    if (entry->res < 0 && entry->res != -ETIME) {
        errno = -entry->res;
        fail("completion");
    }
    atomic_fetch_add(head, 1);
}

static void wake(uint64_t round) {
    (void)round;
    put_byte(data[1]);
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS pipe|worker|timeout|file [FILE WAITS]";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    limit.tv_sec = (long long)(pair.wait_length / 1000000000ULL);
    limit.tv_nsec = (long long)(pair.wait_length % 1000000000ULL);
    how = argv[3];
    begin("io_uring_wait");

    open_ring();
    check(pipe(data), "pipe");
    pair.prepare = prepare, pair.wait = wait_for_one;
    pair.resource = (struct resource){.kind = "io_uring", .fd = ring};
    if (strcmp(how, "pipe") == 0 || strcmp(how, "worker") == 0) {
        pair.wake = wake, pair.call = SYS_io_uring_enter;
        struct resource member = {.role = "request", .kind = "pipe", .fd = data[0]};
        say_resource(&member);
    } else if (strcmp(how, "timeout") == 0) {
        pair.resource.waker_kind = "timer";
    } else if (strcmp(how, "file") == 0) {
        usage(argc, 4, text);
        pair.sleeps = (uint64_t)number(argc, argv, 5, 0);
        file = check(open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_DIRECT | O_CLOEXEC, 0600), argv[4]);
        for (int i = 0; i < FILE_BUFFERS; i++)
            if (write(file, buffer, sizeof buffer) != sizeof buffer)
                fail("write");
        pair.resource.waker_kind = "block";
        struct resource member = {
            .role = "request", .kind = "file_read", .fd = file, .path = argv[4], .waker_kind = "block"};
        say_resource(&member);
    } else {
        usage(0, 0, text);
    }
    int result = run_pair();
    if (file != -1)
        unlink(argv[4]);
    return result;
}
