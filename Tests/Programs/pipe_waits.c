// Waits on pipes between two processes, N waits of X ms:
//   read       for a byte
//   write      for room in a full pipe
//   fifo       for a byte in a FIFO, which is made at PATH
//   open       for the other end of that FIFO to be opened
//   splice     for a byte that is spliced on to another pipe
//   sendfile   for room in a full pipe, to which a part of this program's file is sent
// pipe_pair has reads in both directions.
#include "pair.h"

#include <fcntl.h>
#include <sys/sendfile.h>

// What the kernel keeps for one buffer of a pipe: a read of this much makes room for one write.
#define PIECE 4096

static int data[2], other[2], program;
static const char *path;

static void wait_read(uint64_t round) {
    (void)round;
    take_byte(data[0]);
}

static void wake_write(uint64_t round) {
    (void)round;
    put_byte(data[1]);
}

static void fill(void) {
    static char piece[PIECE];
    check(fcntl(data[1], F_SETFL, O_NONBLOCK), "fcntl");
    while (write(data[1], piece, PIECE) == PIECE)
        ;
    check(fcntl(data[1], F_SETFL, 0), "fcntl");
}

static void wait_write(uint64_t round) {
    (void)round;
    static char piece[PIECE];
    if (write(data[1], piece, PIECE) != PIECE)
        fail("write");
}

static void wake_read(uint64_t round) {
    (void)round;
    static char piece[PIECE];
    if (read(data[0], piece, PIECE) != PIECE)
        fail("read");
}

static void open_writer(void) { data[1] = check(open(path, O_WRONLY), path); }
static void open_reader(void) { pair.resource.fd = data[0] = check(open(path, O_RDONLY), path); }

static void wait_open(uint64_t round) {
    (void)round;
    int file = check(open(path, O_RDONLY), path);
    take_byte(file);
    // Until the writer has closed its end: the next round's open would not wait, and meet its end.
    char byte;
    while (read(file, &byte, 1) == 1)
        ;
    close(file);
}

static void wake_open(uint64_t round) {
    (void)round;
    int file = check(open(path, O_WRONLY), path);
    put_byte(file);
    close(file);
}

static void wait_splice(uint64_t round) {
    (void)round;
    if (splice(data[0], NULL, other[1], NULL, 1, 0) != 1)
        fail("splice");
    take_byte(other[0]);
}

static void wait_sendfile(uint64_t round) {
    (void)round;
    off_t from = 0;
    if (sendfile(data[1], program, &from, PIECE) != PIECE)
        fail("sendfile");
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS read|write|fifo|open|splice|sendfile [PATH]";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    const char *how = argv[3];
    path = argc > 4 ? argv[4] : NULL;
    begin("pipe_waits");

    bool by_path = strcmp(how, "fifo") == 0 || strcmp(how, "open") == 0;
    if (by_path) {
        usage(argc, 4, text);
        unlink(path);
        check(mkfifo(path, 0600), path);
    } else {
        check(pipe(data), "pipe");
    }
    pair.wait = wait_read, pair.wake = wake_write, pair.call = SYS_read;
    pair.resource = (struct resource){.kind = "pipe", .fd = data[0], .path = by_path ? path : NULL};
    if (strcmp(how, "write") == 0 || strcmp(how, "sendfile") == 0) {
        fill();
        program = check(open("/proc/self/exe", O_RDONLY), "/proc/self/exe");
        pair.wait = *how == 'w' ? wait_write : wait_sendfile, pair.wake = wake_read;
        pair.resource.fd = data[1], pair.call = *how == 'w' ? SYS_write : SYS_sendfile;
    } else if (strcmp(how, "fifo") == 0) {
        pair.waiter_begins = open_reader, pair.waker_begins = open_writer;
    } else if (strcmp(how, "open") == 0) {
        pair.wait = wait_open, pair.wake = wake_open, pair.call = SYS_openat;
    } else if (strcmp(how, "splice") == 0) {
        check(pipe(other), "pipe");
        pair.wait = wait_splice, pair.call = SYS_splice;
    } else if (strcmp(how, "read") != 0) {
        usage(0, 0, text);
    }
    int result = run_pair();
    if (by_path)
        unlink(path);
    return result;
}
