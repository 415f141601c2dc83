// Waits on TCP and UDP sockets between two processes, N waits of X ms:
//   accept    for a connection
//   connect   to a listener whose queue is full.  TCP tries again after 1 s, 3 s, ..., so that is how long it
//             takes, and it is the kernel's timer that sends what ends it
//   read      for a byte
//   write     for room in a full buffer: the waker takes all that is there
//   udp       for a datagram
// The waiter is the server for accept, read and udp, and the client for connect and write.
//
// ADDRESS (IPv4 or IPv6, 127.0.0.1 unless given) and PORT are the server's.  The last argument makes the
// program be one side only, so that the two can run in different network namespaces.  The client tries until
// the server is there; the server for udp must be there first.
#include "pair.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>

#define PIECE 4096
#define BUFFER 16384

static struct sockaddr_storage server;
static socklen_t server_length;
static int listener = -1, data = -1;
static bool is_udp;
static char piece[PIECE];

static int new_socket(void) {
    int file = check(socket(server.ss_family, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0), "socket");
    // Small and of a fixed size, so that they are full soon; inherited by what is accepted.
    int size = BUFFER, on = 1;
    setsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!is_udp)
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return file;
}

static void open_server(void) {
    listener = new_socket();
    check(bind(listener, (struct sockaddr *)&server, server_length), "bind");
    check(getsockname(listener, (struct sockaddr *)&server, &server_length), "getsockname");
    if (!is_udp)
        check(listen(listener, 0), "listen");
}

static int connected(void) {
    for (int attempts = 0;; attempts++) {
        int file = new_socket();
        if (connect(file, (struct sockaddr *)&server, server_length) == 0)
            return file;
        if (errno != ECONNREFUSED || attempts == 100)
            fail("connect");
        close(file);
        sleep_ns(50 * MS);
    }
}

static void accept_data(void) {
    data = is_udp ? listener : check(accept(listener, NULL, NULL), "accept");
    pair.resource.fd = data;
}

static void connect_data(void) {
    // A waiter that serves listens when it is there.
    while (pair_progress && !atomic_load(&pair_progress->waiter_tid))
        sleep_ns(MS);
    pair.resource.fd = data = connected();
}

static void wait_read(uint64_t round) {
    (void)round;
    // One alone: where the two are not in step, the next may be there already.
    if (recv(data, piece, 1, 0) != 1)
        fail("recv");
}

static void wake_write(uint64_t round) {
    (void)round;
    if (send(data, "x", 1, 0) != 1)
        fail("send");
}

static void fill(uint64_t round) {
    (void)round;
    // What is on its way to the other end makes room for a little more.
    for (int quiet = 0; quiet < 3; quiet++) {
        while (send(data, piece, PIECE, MSG_DONTWAIT) > 0)
            quiet = 0;
        sleep_ns(MS);
    }
}

static void wait_write(uint64_t round) {
    (void)round;
    if (send(data, piece, 1, 0) != 1)
        fail("send");
}

// Until the waiter goes on, because its buffer gets room only as acknowledgements reach it; where that cannot
// be seen from here, for 20 ms.
static void wake_read(uint64_t round) {
    for (int i = 0; pair_progress ? atomic_load(&pair_progress->waited) <= round : i < 20; i++) {
        while (recv(data, piece, PIECE, MSG_DONTWAIT) > 0)
            ;
        sleep_ns(MS);
    }
}

static void wait_accept(uint64_t round) {
    (void)round;
    close(check(accept(listener, NULL, NULL), "accept"));
}

static void wake_connect(uint64_t round) {
    (void)round;
    close(connected());
}

static void fill_queue(void) {
    connected();
    pair.resource.peer_port = ntohs(((struct sockaddr_in *)&server)->sin_port);  // the same place for IPv6
}

// What a server that is one side only does when its rounds are over: it stays until the client is through.
static void linger(void) {
    if (pair.wake == wait_accept)
        wait_accept(0);
    while (pair.wake == wake_read && recv(data, piece, PIECE, 0) > 0)
        ;
}

static void parse_address(const char *text, long port) {
    struct sockaddr_in *four = (struct sockaddr_in *)&server;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&server;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET, four->sin_port = htons((uint16_t)port), server_length = sizeof *four;
    } else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6, six->sin6_port = htons((uint16_t)port), server_length = sizeof *six;
    } else {
        fprintf(stderr, "%s: not an address: %s\n", program_invocation_short_name, text);
        exit(2);
    }
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS accept|connect|read|write|udp [ADDRESS [PORT server|client]]";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    const char *how = argv[3], *side = argc > 6 ? argv[6] : "both";
    parse_address(argc > 4 ? argv[4] : "127.0.0.1", number(argc, argv, 5, 0));
    is_udp = strcmp(how, "udp") == 0;
    begin("inet_waits");

    bool waiter_serves = true;
    pair.call = SYS_recvfrom;
    pair.resource.kind = "inet";
    pair.wait = wait_read, pair.wake = wake_write;
    pair.waiter_begins = accept_data, pair.waker_begins = connect_data;
    if (strcmp(how, "accept") == 0) {
        pair.waiter_begins = pair.waker_begins = NULL;
        pair.wait = wait_accept, pair.wake = wake_connect;
        pair.resource.kind = "accept", pair.call = SYS_accept;
    } else if (strcmp(how, "connect") == 0) {
        waiter_serves = false;
        pair.waiter_begins = fill_queue, pair.waker_begins = NULL;
        pair.wait = wake_connect, pair.wake = wait_accept;
        pair.resource.kind = "connect", pair.resource.waker_kind = "timer", pair.call = SYS_connect;
    } else if (strcmp(how, "write") == 0) {
        waiter_serves = false;
        pair.waiter_begins = connect_data, pair.waker_begins = accept_data;
        pair.prepare = fill, pair.wait = wait_write, pair.wake = wake_read;
        pair.call = SYS_sendto;
    } else if (strcmp(how, "read") != 0 && !is_udp) {
        usage(0, 0, text);
    }

    if (strcmp(side, "client") != 0) {
        open_server();
        say("{\"event\":\"listening\",\"fd\":%d,\"inode\":%llu,\"local_port\":%d}", listener,
            inode_of(listener), port_of(listener, false));
        if (pair.wait == wait_accept)
            pair.resource.fd = listener;
    }
    if (strcmp(side, "both") == 0)
        return run_pair();
    if (getenv("PAIR_FILE"))
        share_progress(getenv("PAIR_FILE"));
    // If the other side never comes, this one ends all the same.
    alarm((unsigned)(pair.rounds * (pair.wait_length / MS + 4000) / 1000 + 30));
    if ((strcmp(side, "server") == 0) == waiter_serves) {
        be_waiter();
    } else {
        be_waker(NULL);
        linger();
    }
    return end();
}
