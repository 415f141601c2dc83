// What the test programs share: clocks, ways to pass time, and the truth that they print.
//
// Every program takes its durations as arguments, ends by itself, and prints JSON lines on stdout:
//
//   {"event":"start","program":NAME,"pid":PID}
//   {"event":"thread","role":ROLE,"pid":PID,"tid":TID,"start_ns":..,"end_ns":..,"on_cpu_ns":..,
//    "run_queue_ns":..,"run_queues":..,"voluntary":..,"involuntary":..,"rounds":..,"wait_ns":..,
//    "sleeps":..,"switches":..,"asleep_ns":..}
//   {"event":"end","pid":PID}
//
// start_ns and end_ns are CLOCK_BOOTTIME.  on_cpu_ns and run_queue_ns are the kernel's own account of the
// thread since it was created (/proc/thread-self/schedstat, brought up to date by reading the thread's
// CPU clock).  wait_ns is the time that the thread itself measured around the waits that the program is
// about: in so many of its rounds ("sleeps") it gave up its CPU, so many times in all ("switches").  asleep_ns is
// the least that it slept: from when another had the kernel's word that it did until that one began to wake it.
// Other events carry what only one program has to say.
//
// Newer programs also say what the wait of a role is on and who ends it; what does not apply is left out:
//
//   {"event":"resource","role":ROLE,"kind":KIND,"fd":..,"inode":..,"address":"0x..","path":..,
//    "local_port":..,"peer_port":..,"waker_kind":KIND,"waker_tid":..}
//
// The kinds are those of a recording: "futex", "pipe", "file_read"..., and "thread", "timer", "block"...
//
// With HOLD=1 in the environment a program prints its start line and then reads one byte from stdin
// before it does anything else, so that a test can begin to watch it first.
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL

static inline uint64_t read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static inline uint64_t now_ns(void) { return read_clock(CLOCK_BOOTTIME); }

__attribute__((noreturn)) static inline void fail(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    _exit(1);
}

// Ends the program when a call that cannot be gone without returned -1.
static inline int check(int result, const char *what) {
    if (result == -1)
        fail(what);
    return result;
}

// One line in one write, so that lines of several processes do not mix.
__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        _exit(1);
}

// Stops with the usage unless there are at least `needed` arguments.
static inline void usage(int argc, int needed, const char *text) {
    if (argc > needed)
        return;
    fprintf(stderr, "usage: %s %s\n", program_invocation_short_name, text);
    exit(2);
}

// A whole number from the command line, or `otherwise` where it was left out.
static inline long number(int argc, char **argv, int index, long otherwise) {
    if (index >= argc)
        return otherwise;
    char *end;
    long value = strtol(argv[index], &end, 10);
    if (*end != 0 || end == argv[index] || value < 0) {
        fprintf(stderr, "%s: not a whole number: %s\n", program_invocation_short_name, argv[index]);
        exit(2);
    }
    return value;
}

// Blocked in clock_nanosleep for this long.
static inline void sleep_ns(uint64_t length) {
    struct timespec t = {
        .tv_sec = (time_t)(length / 1000000000ULL), .tv_nsec = (long)(length % 1000000000ULL)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

// Busy, without a system call, until this much wall time is over.
static inline void spin_ns(uint64_t length) {
    for (uint64_t until = now_ns() + length; now_ns() < until;)
        ;
}

static inline void pin_to_cpu(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static inline sigset_t end_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    return set;
}

static inline void begin(const char *name) {
    say("{\"event\":\"start\",\"program\":\"%s\",\"pid\":%d}", name, getpid());
    char byte;
    if (getenv("LINGER")) {
        sigset_t set = end_signal();
        sigprocmask(SIG_BLOCK, &set, NULL);
    }
    if (getenv("HOLD") && read(STDIN_FILENO, &byte, 1) == -1)
        fail("read stdin");
}

// With LINGER in the environment it stays until it is sent SIGTERM: names of what it waited for are found while it is
// there.
static inline int end(void) {
    if (getenv("LINGER")) {
        sigset_t set = end_signal();
        int signal;
        sigwait(&set, &signal);
    }
    say("{\"event\":\"end\",\"pid\":%d}", getpid());
    return 0;
}

// What one thread knows about itself.
struct truth {
    const char *role;
    uint64_t start_ns, rounds, wait_ns, sleeps, switches, asleep_ns;
    uint64_t called_ns;  // of the wait that goes on
    long switches_before;
};

// It grows when the calling thread sleeps: whoever is kept from running until what it is about to wait for has happened
// does not sleep at all.
static inline long voluntary_switches(void) {
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

static inline struct truth truth_begin(const char *role) {
    return (struct truth){.role = role, .start_ns = now_ns()};
}

static inline void wait_begins(struct truth *truth) {
    truth->switches_before = voluntary_switches();
    truth->called_ns = now_ns();
}

static inline void wait_ends(struct truth *truth) {
    truth->wait_ns += now_ns() - truth->called_ns;
    uint64_t more = (uint64_t)(voluntary_switches() - truth->switches_before);
    truth->switches += more;
    truth->sleeps += more > 0;
}

#define ANY_CALL (-1)

// Whether the kernel says that a thread sleeps in this system call, the first argument of which lies in these bytes
// unless `place` is NULL.  It says so only when the thread has left its CPU.
static inline bool is_asleep(pid_t tid, int call, const void *place, size_t size) {
    char path[32], line[256], *end;
    snprintf(path, sizeof path, "/proc/%d/syscall", tid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1)
        return false;
    ssize_t length = read(file, line, sizeof line - 1);
    close(file);
    if (length <= 0)
        return false;
    line[length] = 0;
    long found = strtol(line, &end, 10);  // "running", or -1 outside of system calls
    if (end == line || found < 0 || (call != ANY_CALL && found != call))
        return false;
    uintptr_t argument = (uintptr_t)strtoull(end, NULL, 16), least = (uintptr_t)place;
    return !place || (argument >= least && argument < least + size);
}

// Waits until it is so; returns when it was.
static inline uint64_t follow_sleep_at(pid_t tid, int call, const void *place, size_t size) {
    while (!is_asleep(tid, call, place, size))
        sleep_ns(50000);
    return now_ns();
}

static inline uint64_t follow_sleep(pid_t tid, int call) { return follow_sleep_at(tid, call, NULL, 0); }

static inline void truth_end(const struct truth *truth) {
    unsigned long long run = 0, delay = 0, stays = 0;
    struct rusage usage;
    read_clock(CLOCK_THREAD_CPUTIME_ID);  // settles the running interval in schedstat
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    if (!file || fscanf(file, "%llu %llu %llu", &run, &delay, &stays) != 3)
        fail("/proc/thread-self/schedstat");
    fclose(file);
    getrusage(RUSAGE_THREAD, &usage);
    say("{\"event\":\"thread\",\"role\":\"%s\",\"pid\":%d,\"tid\":%d,\"start_ns\":%llu,\"end_ns\":%llu,"
        "\"on_cpu_ns\":%llu,\"run_queue_ns\":%llu,\"run_queues\":%llu,\"voluntary\":%ld,\"involuntary\":%ld,\"rounds\":%llu,"
        "\"wait_ns\":%llu,\"sleeps\":%llu,\"switches\":%llu,\"asleep_ns\":%llu}",
        truth->role, getpid(), gettid(), (unsigned long long)truth->start_ns, (unsigned long long)now_ns(),
        run, delay, stays, usage.ru_nvcsw, usage.ru_nivcsw, (unsigned long long)truth->rounds,
        (unsigned long long)truth->wait_ns, (unsigned long long)truth->sleeps,
        (unsigned long long)truth->switches, (unsigned long long)truth->asleep_ns);
}

static inline pthread_t start_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    errno = pthread_create(&thread, &attributes, body, argument);
    if (errno)
        fail("pthread_create");
    pthread_attr_destroy(&attributes);
    return thread;
}

static inline void wait_child(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s: child %d failed\n", program_invocation_short_name, child);
        exit(1);
    }
}
