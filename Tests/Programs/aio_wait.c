// Waits in io_getevents for one completion, N times:
//   pipe   for a pipe to be readable, which another process makes it after X ms
//   file   for a read of 1 MiB of FILE with O_DIRECT; FILE is made first and removed at the end;
//          with WAITS it goes on until it has slept as often
#include "pair.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/syscall.h>

static aio_context_t context;
static int data[2], file = -1;
static struct iocb request;
static _Alignas(4096) char buffer[1 << 20];
#define FILE_BUFFERS 16

static void prepare(uint64_t round) {
    struct iocb *requests[] = {&request};
    request = (struct iocb){
        .aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = (uint32_t)data[0], .aio_buf = POLLIN};
    if (file != -1)
        request = (struct iocb){
            .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = (uint32_t)file, .aio_buf = (uintptr_t)buffer,
            .aio_nbytes = sizeof buffer, .aio_offset = (int64_t)(round % FILE_BUFFERS * sizeof buffer)};
    if (syscall(SYS_io_submit, context, 1, requests) != 1)
        fail("io_submit");
}

static void wait_for_one(uint64_t round) {
    (void)round;
    struct io_event event;
    if (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
        fail("io_getevents");
    if (file == -1)
        take_byte(data[0]);
    else if (event.res != sizeof buffer)
        fail("read");
}

static void wake(uint64_t round) {
    (void)round;
    put_byte(data[1]);
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS pipe|file [FILE WAITS]";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    begin("aio_wait");

    check((int)syscall(SYS_io_setup, 4, &context), "io_setup");
    check(pipe(data), "pipe");
    pair.prepare = prepare, pair.wait = wait_for_one;
    pair.resource = (struct resource){.kind = "aio", .fd = data[0]};
    if (strcmp(argv[3], "pipe") == 0) {
        pair.wake = wake, pair.call = SYS_io_getevents;
    } else if (strcmp(argv[3], "file") == 0) {
        usage(argc, 4, text);
        pair.sleeps = (uint64_t)number(argc, argv, 5, 0);
        file = check(open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_DIRECT | O_CLOEXEC, 0600), argv[4]);
        for (int i = 0; i < FILE_BUFFERS; i++)
            if (write(file, buffer, sizeof buffer) != sizeof buffer)
                fail("write");
        pair.resource.fd = file, pair.resource.path = argv[4], pair.resource.waker_kind = "block";
    } else {
        usage(0, 0, text);
    }
    int result = run_pair();
    if (file != -1)
        unlink(argv[4]);
    return result;
}
