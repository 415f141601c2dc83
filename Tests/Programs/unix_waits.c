// Waits on unix sockets between two processes, N waits of X ms.  The kind of the socket:
//   stream | seqpacket | datagram   bound to PATH (the waiter's end)
//   abstract                        a stream with the name PATH without a file
//   pair                            an unnamed pair of streams
// and what is waited for:
//   read      for a message
//   write     for room: the waker takes all that is there
//   accept    for a connection
//   connect   for room in the queue of connections that are not accepted yet
// The waiter is the server for read and accept, and the client for write and connect.
#include "pair.h"

#include <stddef.h>
#include <sys/ioctl.h>

#define PIECE 4096

static struct sockaddr_un name = {.sun_family = AF_UNIX};
static socklen_t name_length;
static int type = SOCK_STREAM, listener = -1, data = -1, ends[2] = {-1, -1};
static char piece[PIECE];

static int new_socket(void) { return check(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "socket"); }

static int connected(void) {
    int file = new_socket();
    check(connect(file, (struct sockaddr *)&name, name_length), "connect");
    return file;
}

static void bind_name(int file) {
    if (name.sun_path[0])
        unlink(name.sun_path);
    check(bind(file, (struct sockaddr *)&name, name_length), "bind");
}

// A datagram socket has no connections: the server's is bound, the client's is connected to it.
static void be_server(void) {
    if (ends[0] != -1)
        data = ends[0];
    else
        data = type == SOCK_DGRAM ? listener : check(accept(listener, NULL, NULL), "accept");
}

static void be_client(void) { data = ends[1] != -1 ? ends[1] : connected(); }

static void serve_waiter(void) { be_server(), pair.resource.fd = data; }
static void serve_client(void) { be_client(), pair.resource.fd = data; }

static void wait_read(uint64_t round) {
    (void)round;
    if (recv(data, piece, PIECE, 0) != 1)
        fail("recv");
}

static void wake_write(uint64_t round) {
    (void)round;
    if (send(data, "x", 1, 0) != 1)
        fail("send");
}

static void fill(uint64_t round) {
    (void)round;
    while (send(data, piece, PIECE, MSG_DONTWAIT) > 0)
        ;
}

static void wait_write(uint64_t round) {
    (void)round;
    if (send(data, piece, PIECE, 0) <= 0)
        fail("send");
}

// One datagram makes room in a full queue.  A stream or seqpacket has room when most of the queue is read:
// all that is there now, and not what the waiter sends once there is room.
static void wake_read(uint64_t round) {
    (void)round;
    int there = 1;
    if (type != SOCK_DGRAM)
        check(ioctl(data, FIONREAD, &there), "FIONREAD");
    for (ssize_t count; there > 0; there -= (int)count)
        count = check((int)recv(data, piece, PIECE, 0), "recv");
}

static void wait_accept(uint64_t round) {
    (void)round;
    close(check(accept(listener, NULL, NULL), "accept"));
}

static void wake_connect(uint64_t round) {
    (void)round;
    close(connected());
}

static void wait_connect(uint64_t round) { wake_connect(round); }

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS stream|seqpacket|datagram|abstract|pair"
                       " read|write|accept|connect [PATH]";
    usage(argc, 4, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    const char *kind = argv[3], *how = argv[4];
    bool is_abstract = strcmp(kind, "abstract") == 0;
    if (strcmp(kind, "seqpacket") == 0)
        type = SOCK_SEQPACKET;
    else if (strcmp(kind, "datagram") == 0)
        type = SOCK_DGRAM;
    begin("unix_waits");

    if (strcmp(kind, "pair") == 0) {
        check(socketpair(AF_UNIX, type, 0, ends), "socketpair");
    } else {
        usage(argc, 5, text);
        size_t length = strlen(argv[5]);
        if (length + is_abstract >= sizeof name.sun_path)
            usage(0, 0, text);
        memcpy(name.sun_path + is_abstract, argv[5], length);
        name_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + is_abstract + length);
        listener = new_socket();
        bind_name(listener);
        if (type != SOCK_DGRAM)
            check(listen(listener, 0), "listen");
    }

    char shown[sizeof name.sun_path + 1];
    snprintf(shown, sizeof shown, "%s%s", is_abstract ? "@" : "", argc > 5 ? argv[5] : "");
    pair.resource = (struct resource){.kind = "unix", .path = listener == -1 ? NULL : shown};
    bool has_queue = listener != -1 && type != SOCK_DGRAM;
    pair.call = *how == 'r' ? SYS_recvfrom : *how == 'w' ? SYS_sendto : *how == 'a' ? SYS_accept : SYS_connect;
    if (strcmp(how, "read") == 0) {
        pair.waiter_begins = serve_waiter, pair.waker_begins = be_client;
        pair.wait = wait_read, pair.wake = wake_write;
    } else if (strcmp(how, "write") == 0) {
        pair.waiter_begins = serve_client, pair.waker_begins = be_server;
        pair.prepare = fill, pair.wait = wait_write, pair.wake = wake_read;
    } else if (strcmp(how, "accept") == 0 && has_queue) {
        pair.resource.kind = "accept", pair.resource.fd = listener;
        pair.wait = wait_accept, pair.wake = wake_connect;
    } else if (strcmp(how, "connect") == 0 && has_queue) {
        connected();  // fills the queue
        pair.resource.kind = "connect", pair.resource.fd = listener;
        pair.wait = wait_connect, pair.wake = wait_accept;
    } else {
        usage(0, 0, text);
    }
    int result = run_pair();
    if (name.sun_path[0])
        unlink(name.sun_path);
    return result;
}
