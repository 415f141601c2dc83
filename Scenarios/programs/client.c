// Asks a service over TCP and measures how long the answers take:
//
//   client HOST PORT CONNECTIONS PAUSE_US REQUEST END
//
// Each connection has a thread that sends REQUEST, reads until the answer ends with END, waits PAUSE_US, and so on.
// In REQUEST and END, \r and \n are what they are in C.  Prints what service.h describes.
#include "service.h"

static struct sockaddr_in address;
static char request[1024], ending[64];
static uint64_t pause_ns;

static void unescape(const char *from, char *to, size_t size) {
    size_t length = 0;
    for (; *from && length + 1 < size; from++) {
        if (from[0] == '\\' && (from[1] == 'n' || from[1] == 'r'))
            to[length++] = *++from == 'n' ? '\n' : '\r';
        else
            to[length++] = *from;
    }
    to[length] = 0;
}

static void *ask(void *argument) {
    static _Thread_local char answer[1 << 18];
    int one = 1, connection = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    (void)argument;
    check(connect(connection, (struct sockaddr *)&address, sizeof address), "connect");
    check(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
    size_t asked = strlen(request), last = strlen(ending);
    for (;;) {
        uint64_t begin = read_clock(CLOCK_MONOTONIC);
        if (write(connection, request, asked) != (ssize_t)asked)
            fail("write");
        for (size_t length = 0;;) {
            ssize_t more = read(connection, answer + length, sizeof answer - length);
            if (more <= 0)
                fail("read");
            length += (size_t)more;
            if (length >= last && memcmp(answer + length - last, ending, last) == 0)
                break;
            if (length == sizeof answer)
                length = 0;
        }
        completed(read_clock(CLOCK_MONOTONIC) - begin);
        if (pause_ns)
            sleep_ns(pause_ns);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: client HOST PORT CONNECTIONS PAUSE_US REQUEST END\n");
        return 2;
    }
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
        fprintf(stderr, "client: %s is not an IPv4 address\n", argv[1]);
        return 2;
    }
    pause_ns = (uint64_t)atoll(argv[4]) * 1000;
    unescape(argv[5], request, sizeof request);
    unescape(argv[6], ending, sizeof ending);
    for (int i = 0; i < atoi(argv[3]); i++)
        start_thread(ask, NULL);
    print_units();
}
