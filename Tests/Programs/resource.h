// The line that says what the waits of a role are on and who ends them.
#pragma once
#include "program.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

// What is 0 or NULL does not apply.
struct resource {
    const char *role, *kind;
    int fd;               // inode, ports and a unix socket's path follow from it
    const void *address;  // of a futex, in the waiter
    const char *path;
    int peer_port;           // where no socket says it
    const char *waker_kind;  // "thread" unless given
    pid_t waker_tid;
};

static inline unsigned long long inode_of(int file) {
    struct stat status;
    check(fstat(file, &status), "fstat");
    return status.st_ino;
}

// The port of one end of an inet socket, 0 for anything else.
static inline int port_of(int file, bool peer) {
    struct sockaddr_in6 address = {0};  // the port is at the same place for IPv4
    socklen_t length = sizeof address;
    if ((peer ? getpeername : getsockname)(file, (struct sockaddr *)&address, &length) == -1)
        return 0;
    bool inet = address.sin6_family == AF_INET || address.sin6_family == AF_INET6;
    return inet ? ntohs(address.sin6_port) : 0;
}

static inline void say_resource(const struct resource *resource) {
    char line[512], *end = line;
    char *const limit = line + sizeof line;
#define ADD(...) end += snprintf(end, (size_t)(limit - end), __VA_ARGS__)
    ADD("\"role\":\"%s\",\"kind\":\"%s\"", resource->role ? resource->role : "waiter", resource->kind);
    if (resource->fd > 0) {
        ADD(",\"fd\":%d,\"inode\":%llu", resource->fd, inode_of(resource->fd));
        int local = port_of(resource->fd, false);
        if (local)
            ADD(",\"local_port\":%d", local);
    }
    int peer = resource->peer_port;
    if (!peer && resource->fd > 0)
        peer = port_of(resource->fd, true);
    if (peer)
        ADD(",\"peer_port\":%d", peer);
    if (resource->address)
        ADD(",\"address\":\"%p\"", resource->address);
    if (resource->path)
        ADD(",\"path\":\"%s\"", resource->path);
    ADD(",\"waker_kind\":\"%s\"", resource->waker_kind ? resource->waker_kind : "thread");
    if (!resource->waker_kind && resource->waker_tid)
        ADD(",\"waker_tid\":%d", resource->waker_tid);
#undef ADD
    say("{\"event\":\"resource\",%s}", line);
}
