// Waits for other processes and for signals, N waits of X ms:
//   wait4     for a child to end; each round has a child of its own, and a line that says which
//   vfork     for a child that shares the memory to end, likewise
//   signal    sigwaitinfo, ended by kill() from another process
//   pause     pause(), likewise
#include "pair.h"

#include <signal.h>

static void ignore(int signal) { (void)signal; }

static pid_t child, waiter;

static void say_child(const char *kind, pid_t pid) {
    struct resource resource = {.kind = kind, .waker_tid = pid};
    say_resource(&resource);
}

static void start_child(uint64_t round) {
    child = check(fork(), "fork");
    if (child == 0) {
        follow_prepared(round + 1);
        follow_waiter(SYS_wait4);
        _exit(0);
    }
    say_child("child", child);
}

static void wait_for_child(uint64_t round) {
    (void)round;
    wait_child(child);
}

static void wait_in_vfork(uint64_t round) {
    (void)round;
    pid_t pid = check(vfork(), "vfork");
    if (pid == 0) {
        follow_waiter(SYS_vfork);
        _exit(0);
    }
    say_child("vfork", pid);
    wait_child(pid);  // it has ended
}

static void wait_for_signal(uint64_t round) {
    (void)round;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    while (sigwaitinfo(&set, NULL) != SIGUSR1)
        ;
}

static void wait_in_pause(uint64_t round) {
    (void)round;
    pause();
}

static void send_signal(uint64_t round) {
    (void)round;
    check(kill(waiter, SIGUSR1), "kill");
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS wait4|vfork|signal|pause";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    waiter = getpid();
    begin("process_waits");

    if (strcmp(argv[3], "wait4") == 0) {
        pair.prepare = start_child, pair.wait = wait_for_child;
    } else if (strcmp(argv[3], "vfork") == 0) {
        pair.wait = wait_in_vfork;
    } else if (strcmp(argv[3], "signal") == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, NULL);
        pair.resource.kind = "signal";
        pair.wait = wait_for_signal, pair.wake = send_signal, pair.call = SYS_rt_sigtimedwait;
    } else if (strcmp(argv[3], "pause") == 0) {
        struct sigaction action = {.sa_handler = ignore};
        sigaction(SIGUSR1, &action, NULL);
        pair.resource.kind = "signal";
        pair.wait = wait_in_pause, pair.wake = send_signal, pair.call = SYS_pause;
    } else {
        usage(0, 0, text);
    }
    return run_pair();
}
