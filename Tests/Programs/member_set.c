// One thread waits for any of M members with the call of one's choice, N times X ms.  In each round another
// member ends the wait, and a line says which; or, for "timeout", none does and the call's own limit is X ms.
// Members are pipes, eventfds, timerfds, unix and TCP sockets in turn ("mixed"), or all of one kind.  The
// waker is another process, but a timerfd, which it only sets, ends the wait by itself.
#include "pair.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>

static const char *const kinds[] = {"pipe", "unix", "inet", "eventfd", "timerfd"};
enum kind { PIPE, UNIX, INET, EVENTFD, TIMERFD, KINDS };

struct member {
    enum kind kind;
    int file;   // that the waiter waits for
    int other;  // through which the waker ends it
};

static struct member *members;
static size_t count;
static const char *call;
static bool times_out;
static int epoll, inet_listener;
static struct pollfd *polled;

static int inet_connection(int *other) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (!inet_listener) {
        inet_listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        check(bind(inet_listener, (struct sockaddr *)&address, length), "bind");
        check(listen(inet_listener, 1), "listen");
    }
    check(getsockname(inet_listener, (struct sockaddr *)&address, &length), "getsockname");
    *other = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(*other, (struct sockaddr *)&address, length), "connect");
    return check(accept(inet_listener, NULL, NULL), "accept");
}

static void open_member(struct member *member) {
    int ends[2];
    switch (member->kind) {
    case PIPE:
        check(pipe(ends), "pipe");
        *member = (struct member){PIPE, ends[0], ends[1]};
        break;
    case UNIX:
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
        *member = (struct member){UNIX, ends[0], ends[1]};
        break;
    case INET: member->file = inet_connection(&member->other); break;
    case EVENTFD: member->file = member->other = check(eventfd(0, 0), "eventfd"); break;
    default: member->file = check(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
    }
}

// Far from each other in the set, and each kind in its turn.
static struct member *member_of(uint64_t round) { return &members[round * 7 % count]; }

// Who ended the wait is said after it.
static void conclude(uint64_t round) {
    struct member *member = member_of(round);
    if (times_out)
        return;
    struct resource resource = {
        .role = "member", .kind = kinds[member->kind], .fd = member->file,
        .waker_kind = member->kind == TIMERFD ? "timer" : NULL, .waker_tid = atomic_load(&pair_waker_tid)};
    say_resource(&resource);
}

static int wait_in_select(bool has_mask) {
    struct timeval limit = {
        .tv_sec = (time_t)(pair.wait_length / 1000000000ULL),
        .tv_usec = (long)(pair.wait_length % 1000000000ULL / 1000)};
    struct timespec exact = {.tv_sec = limit.tv_sec, .tv_nsec = limit.tv_usec * 1000};
    int largest = 0;
    fd_set set;
    FD_ZERO(&set);
    for (size_t i = 0; i < count; i++) {
        FD_SET(members[i].file, &set);
        largest = members[i].file > largest ? members[i].file : largest;
    }
    return has_mask ? pselect(largest + 1, &set, NULL, NULL, times_out ? &exact : NULL, NULL)
                    : select(largest + 1, &set, NULL, NULL, times_out ? &limit : NULL);
}

static int wait_in_call(void) {
    int milliseconds = times_out ? (int)(pair.wait_length / MS) : -1;
    struct timespec limit = {
        .tv_sec = (time_t)(pair.wait_length / 1000000000ULL),
        .tv_nsec = (long)(pair.wait_length % 1000000000ULL)};
    struct epoll_event event;
    if (strcmp(call, "epoll") == 0)
        return epoll_wait(epoll, &event, 1, milliseconds);
    if (strcmp(call, "poll") == 0)
        return poll(polled, count, milliseconds);
    if (strcmp(call, "ppoll") == 0)
        return ppoll(polled, count, times_out ? &limit : NULL, NULL);
    return wait_in_select(strcmp(call, "pselect") == 0);
}

static void wait_for_any(uint64_t round) {
    char data[8];
    if (check(wait_in_call(), call) != !times_out)
        fail("an event where none was due, or none");
    if (!times_out && read(member_of(round)->file, data, sizeof data) <= 0)
        fail("read");
}

static void wake(uint64_t round) {
    struct member *member = member_of(round);
    const struct itimerspec at_once = {.it_value.tv_nsec = 1};
    uint64_t one = 1;
    ssize_t size = member->kind == EVENTFD ? sizeof one : 1;
    if (member->kind == TIMERFD)
        check(timerfd_settime(member->file, 0, &at_once, NULL), "timerfd_settime");
    else if (write(member->other, &one, (size_t)size) != size)
        fail("write");
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS epoll|poll|ppoll|select|pselect MEMBERS"
                       " [mixed|pipe|unix|inet|eventfd|timerfd|timeout]";
    usage(argc, 4, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    call = argv[3];
    count = (size_t)number(argc, argv, 4, 0);
    int kind = -1;
    for (int i = 0; i < KINDS && argc > 5; i++)
        kind = strcmp(argv[5], kinds[i]) == 0 ? i : kind;
    times_out = argc > 5 && strcmp(argv[5], "timeout") == 0;
    bool known = strcmp(call, "epoll") == 0 || strstr(call, "poll") || strstr(call, "select");
    if (count == 0 || !known || (strstr(call, "select") && count > 400))
        usage(0, 0, text);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    begin("member_set");

    epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    members = calloc(count, sizeof *members);
    polled = calloc(count, sizeof *polled);
    for (size_t i = 0; i < count; i++) {
        members[i].kind = kind == -1 ? (enum kind)(i % KINDS) : (enum kind)kind;
        open_member(&members[i]);
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        check(epoll_ctl(epoll, EPOLL_CTL_ADD, members[i].file, &event), "epoll_ctl");
        polled[i] = (struct pollfd){.fd = members[i].file, .events = POLLIN};
    }
    bool is_epoll = strcmp(call, "epoll") == 0;
    pair.resource = (struct resource){
        .kind = is_epoll ? "epoll" : "poll", .fd = is_epoll ? epoll : 0,
        .waker_kind = times_out ? "timer" : NULL};
    pair.call = ANY_CALL, pair.wait = wait_for_any, pair.conclude = conclude;
    pair.wake = times_out ? NULL : wake;
    int result = run_pair();
    free(members);
    free(polled);
    return result;
}
