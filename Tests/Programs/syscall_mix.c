// Makes system calls whose numbers, results and bytes are known, and says what they were:
//
//   {"event":"calls","role":CALL,"rounds":CALLS,"errors":..}
//   {"event":"moved","role":read|write,"inode":..,"rounds":CALLS,"bytes":..}
//
//   {"event":"wakes","rounds":CALLS,"someone":..,"nobody":..}
//
// all of them in a thread "caller", beside a thread "sleeper" that is woken by it.  The caller sleeps once, for MS, in a
// single call.
#include "program.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { ROUNDS = 300, WAKES = 20, EMPTY_WAKES = 50, PIECE = 1000, MESSAGES = 5 };

static uint32_t word, go;
static _Atomic int waiting;
static uint64_t sleep_length;

static long futex(uint32_t *place, int operation, uint32_t value) {
    return syscall(SYS_futex, place, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static unsigned long inode(int fd) {
    struct stat status;
    check(fstat(fd, &status), "fstat");
    return status.st_ino;
}

static void tell_calls(const char *name, int calls, int errors) {
    say("{\"event\":\"calls\",\"role\":\"%s\",\"rounds\":%d,\"errors\":%d}", name, calls, errors);
}

static void tell_moved(const char *direction, int fd, int calls, long bytes) {
    say("{\"event\":\"moved\",\"role\":\"%s\",\"inode\":%lu,\"rounds\":%d,\"bytes\":%ld}", direction, inode(fd), calls,
        bytes);
}

// Each wait ends by a wake: what a thread finds changed before it sleeps is an error of the call.
static void *sleeper(void *unused) {
    for (uint32_t round = 0; round < WAKES; round++) {
        atomic_store(&waiting, 1);
        while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == round)
            futex(&word, FUTEX_WAIT, round);
    }
    return unused;
}

// Once it sleeps there is somebody to wake; `futex` says so by its result.
static void wake_sleeper(void) {
    int woken = 0, nobody = 0;
    for (int round = 0; round < WAKES; round++) {
        while (!atomic_exchange(&waiting, 0))
            sched_yield();
        sleep_ns(MS);
        __atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
        long result = futex(&word, FUTEX_WAKE, 1);
        woken += result > 0;
        nobody += result == 0;
    }
    for (int round = 0; round < EMPTY_WAKES; round++)
        nobody += futex(&go, FUTEX_WAKE, 1) == 0;
    say("{\"event\":\"wakes\",\"rounds\":%d,\"someone\":%d,\"nobody\":%d}", WAKES + EMPTY_WAKES, woken, nobody);
}

static void use_pipes(void) {
    char data[PIECE] = {};
    int from[2], to[2], file = check(open("/proc/self/exe", O_RDONLY), "/proc/self/exe");
    check(pipe(from), "pipe");
    check(pipe(to), "pipe");
    for (int i = 0; i < ROUNDS; i++) {
        if (write(from[1], data, PIECE) != PIECE || splice(from[0], NULL, to[1], NULL, PIECE, 0) != PIECE)
            fail("splice");
        if (read(to[0], data, PIECE) != PIECE)
            fail("read");
    }
    off_t place = 0;
    if (sendfile(to[1], file, &place, PIECE) != PIECE || tee(to[0], from[1], PIECE, 0) != PIECE)
        fail("tee");
    tell_calls("splice", ROUNDS, 0);
    tell_calls("sendfile", 1, 0);
    tell_calls("tee", 1, 0);
    tell_moved("write", from[1], ROUNDS + 1, (ROUNDS + 1) * PIECE);
    tell_moved("read", from[0], ROUNDS, ROUNDS * PIECE);
    tell_moved("write", to[1], ROUNDS + 1, (ROUNDS + 1) * PIECE);
    tell_moved("read", to[0], ROUNDS, ROUNDS * PIECE);
}

static void use_sockets(void) {
    char data[PIECE] = {};
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), "socketpair");
    struct mmsghdr messages[MESSAGES] = {};
    struct iovec pieces[MESSAGES];
    for (int i = 0; i < MESSAGES; i++) {
        pieces[i] = (struct iovec){.iov_base = data, .iov_len = 10 * (size_t)(i + 1)};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    if (sendmmsg(ends[0], messages, MESSAGES, 0) != MESSAGES)
        fail("sendmmsg");
    for (int i = 0; i < MESSAGES; i++)
        pieces[i].iov_len = PIECE;
    if (recvmmsg(ends[1], messages, MESSAGES, 0, NULL) != MESSAGES)
        fail("recvmmsg");
    for (int i = 0; i < ROUNDS; i++) {
        if (send(ends[0], data, PIECE, 0) != PIECE || recv(ends[1], data, PIECE, MSG_PEEK) != PIECE)
            fail("send");
        if (recv(ends[1], data, PIECE, 0) != PIECE)
            fail("recv");
        if (recv(ends[1], data, PIECE, MSG_DONTWAIT) != -1)
            fail("recv of nothing");
    }
    long sum = 10 * MESSAGES * (MESSAGES + 1) / 2 + ROUNDS * PIECE;
    tell_calls("sendmmsg", 1, 0);
    tell_calls("recvmmsg", 1, 0);
    tell_calls("sendto", ROUNDS, 0);
    tell_calls("recvfrom", 3 * ROUNDS, ROUNDS);
    tell_moved("write", ends[0], ROUNDS + 1, sum);
    tell_moved("read", ends[1], ROUNDS + 1, sum);
}

static void *caller(void *unused) {
    struct truth truth = truth_begin("caller");
    for (int i = 0; i < ROUNDS; i++) {
        syscall(SYS_getppid);
        syscall(SYS_fchdir, -1);
    }
    tell_calls("getppid", ROUNDS, 0);
    tell_calls("fchdir", ROUNDS, ROUNDS);
    use_pipes();
    use_sockets();
    wake_sleeper();
    struct timespec length = {.tv_sec = (time_t)(sleep_length / 1000000000), .tv_nsec = (long)(sleep_length % 1000000000)};
    uint64_t before = now_ns();
    check((int)syscall(SYS_nanosleep, &length, NULL), "nanosleep");
    truth.wait_ns = now_ns() - before;
    tell_calls("nanosleep", 1, 0);
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 1, "SLEEP_MS");
    sleep_length = (uint64_t)number(argc, argv, 1, 0) * MS;
    begin("syscall_mix");
    pthread_t first = start_thread(sleeper, NULL), second = start_thread(caller, NULL);
    pthread_join(second, NULL);
    pthread_join(first, NULL);
    return end();
}
