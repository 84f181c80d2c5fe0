/* listen.c: the listening sockets: one for each worker, on one address (SO_REUSEPORT).
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "kvcrm/http/server.h"

#define BACKLOG 1024

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:8080", "[::1]:0", "localhost:80": numbers only, but for localhost. */
static bool parse(const char *text, union address *address, socklen_t *size)
{
    struct slice all = slice_of(text), host, port;
    const char *colon = strrchr(text, ':');
    char name[INET6_ADDRSTRLEN];
    uint64_t number;

    if (colon == NULL)
        return false;
    host = (struct slice){text, (size_t)(colon - text)};
    port = (struct slice){colon + 1, all.n - host.n - 1};
    if (!slice_u64(port, 65535, &number))
        return false;
    if (slice_is(host, "localhost"))
        host = SLICE("127.0.0.1");
    bool bracketed = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracketed)
        host = (struct slice){host.p + 1, host.n - 2};
    if (host.n == 0 || host.n >= sizeof name)
        return false;
    memcpy(name, host.p, host.n);
    name[host.n] = '\0';
    memset(address, 0, sizeof *address);
    if (bracketed) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)number);
        *size = sizeof address->v6;
        return inet_pton(AF_INET6, name, &address->v6.sin6_addr) == 1;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)number);
    *size = sizeof address->v4;
    return inet_pton(AF_INET, name, &address->v4.sin_addr) == 1;
}

static bool is_loopback(const union address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static int open_one(union address *address, socklen_t size)
{
    int on = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(fd, &address->any, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, &address->any, &size) != 0) {
        int keep = errno;
        close(fd);
        errno = keep;
        return -1;
    }
    return fd;
}

/* SO_REUSEPORT lets a second process of this user share the port: find out first. */
static bool is_taken(union address address, socklen_t size)
{
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool taken = bind(fd, &address.any, size) != 0 && errno == EADDRINUSE;
    close(fd);
    return taken;
}

bool server_listen(const struct conf *conf, unsigned count, int *fds, char *text, size_t text_size,
                   char *error, size_t error_size)
{
    union address address;
    socklen_t size;
    char name[INET6_ADDRSTRLEN];

    if (!parse(conf->listen, &address, &size)) {
        snprintf(error, error_size,
                 "--listen: expected an address and a port, as in 127.0.0.1:8080");
        return false;
    }
    if (!is_loopback(&address)) {
        snprintf(error, error_size,
                 "--listen: %s is not a loopback address, and no API keys are configured: "
                 "everybody who can reach it would be owner",
                 conf->listen);
        return false;
    }
    if (is_taken(address, size)) {
        snprintf(error, error_size, "--listen: %s is in use by another program", conf->listen);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        fds[i] = open_one(&address, size); /* the first one settles port 0 */
        if (fds[i] < 0) {
            snprintf(error, error_size, "--listen: cannot listen on %s: %s", conf->listen,
                     strerror(errno));
            while (i-- > 0)
                close(fds[i]);
            return false;
        }
    }
    bool v6 = address.any.sa_family == AF_INET6;
    inet_ntop(address.any.sa_family,
              v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr, name, sizeof name);
    snprintf(text, text_size, v6 ? "[%s]:%u" : "%s:%u", name,
             ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port));
    return true;
}
