/* dial.c: from a Redis URL to an open socket.
 *
 * lookup -> connect -> (TLS) -> done; a fault of connect or TLS goes on to the next address. We
 * connect by hand rather than by h2o_socket_connect, which forgets errno: "Connection refused" and
 * "No such file or directory" are what the operator needs to read.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include <h2o/hostinfo.h>
#include <h2o/socket.h>

#include "dial.h"
#include "kvcrm/base/clock.h"

/* A name lookup runs in a thread that cannot be interrupted, so it outlives a dial that has given
 * up. */
struct lookup {
    struct loop *loop;
    struct dial *dial; /* NULL: given up */
};

static void dial_next(struct dial *dial);

static void finish(struct dial *dial, h2o_socket_t *sock, const char *why)
{
    dial->sock = NULL;
    dial->count = dial->next = 0;
    dial->on_done(dial->owner, sock, why);
}

static void address_failed(struct dial *dial, const char *why)
{
    snprintf(dial->why, sizeof(dial->why), "%s", why);
    if (dial->sock != NULL) {
        dial->sock->data = NULL;
        h2o_socket_close(dial->sock);
        dial->sock = NULL;
    }
    dial_next(dial);
}

static void on_handshake(h2o_socket_t *sock, const char *err)
{
    struct dial *dial = sock->data;
    if (dial == NULL)
        return;
    /* h2o's own name check knows no addresses. OpenSSL has checked name or address before (tls.c),
     * so exactly this objection is void. */
    if (err != NULL && err != h2o_socket_error_ssl_cert_name_mismatch) {
        char why[120];
        snprintf(why, sizeof(why), "TLS: %s", err);
        address_failed(dial, why);
        return;
    }
    finish(dial, sock, NULL);
}

static void on_connected(h2o_socket_t *sock, const char *err)
{
    struct dial *dial = sock->data;
    int fault = 0;
    socklen_t size = sizeof(fault);
    if (dial == NULL)
        return;
    if (getsockopt(h2o_socket_get_fd(sock), SOL_SOCKET, SO_ERROR, &fault, &size) != 0)
        fault = errno;
    if (fault != 0 || err != NULL)
        address_failed(dial, fault != 0 ? strerror(fault) : err);
    else if (dial->url->tls != NULL)
        h2o_socket_ssl_handshake(sock, dial->url->tls, dial->url->host, on_handshake);
    else
        finish(dial, sock, NULL);
}

/* A peer that vanished without a word is noticed by the kernel, too, when nothing is under way. */
static void tune_tcp(int fd)
{
    int on = 1, idle_s = 15, interval_s = 5, probes = 3, unacked_ms = 10000;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
}

/* The descriptor of a connect under way, or -1 and errno. */
static int connect_begin(const struct sockaddr_storage *address, socklen_t length)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return -1;
    if (address->ss_family != AF_UNIX)
        tune_tcp(fd);
    if (connect(fd, (const struct sockaddr *)address, length) == 0 || errno == EINPROGRESS)
        return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

static void dial_next(struct dial *dial)
{
    while (dial->next < dial->count) {
        unsigned i = dial->next++;
        int fd = connect_begin(&dial->addresses[i], dial->lengths[i]);
        if (fd != -1) {
            dial->step_us = clock_mono_us();
            dial->sock = h2o_evloop_socket_create(loop_h2o(dial->loop), fd, 0);
            dial->sock->data = dial;
            h2o_socket_notify_write(dial->sock, on_connected);
            return;
        }
        snprintf(dial->why, sizeof(dial->why), "%s", strerror(errno));
    }
    finish(dial, NULL, dial->why);
}

static void on_lookup(h2o_hostinfo_getaddr_req_t *req, const char *error, struct addrinfo *found,
                      void *data)
{
    struct lookup *lookup = data;
    struct dial *dial = lookup->dial;
    (void)req;
    loop_release(lookup->loop);
    free(lookup);
    if (dial == NULL)
        return;
    dial->lookup = NULL;
    if (error != NULL) {
        snprintf(dial->why, sizeof(dial->why), "host name: %s", error);
        finish(dial, NULL, dial->why);
        return;
    }
    for (; found != NULL && dial->count < DIAL_ADDRESSES; found = found->ai_next) {
        memcpy(&dial->addresses[dial->count], found->ai_addr, found->ai_addrlen);
        dial->lengths[dial->count++] = found->ai_addrlen;
    }
    dial_next(dial);
}

static void lookup_start(struct dial *dial)
{
    struct lookup *lookup = h2o_mem_alloc(sizeof(*lookup));
    *lookup = (struct lookup){dial->loop, dial};
    dial->lookup = lookup;
    loop_hold(dial->loop);
    h2o_hostinfo_getaddr(loop_resolver(dial->loop),
                         h2o_iovec_init(dial->url->host, strlen(dial->url->host)),
                         h2o_iovec_init(dial->url->port, strlen(dial->url->port)), AF_UNSPEC,
                         SOCK_STREAM, IPPROTO_TCP, AI_NUMERICSERV, on_lookup, lookup);
}

void dial_start(struct dial *dial)
{
    dial_stop(dial);
    dial->step_us = clock_mono_us();
    if (dial->url->path == NULL) {
        lookup_start(dial);
        return;
    }
    struct sockaddr_un *address = (struct sockaddr_un *)&dial->addresses[0];
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, dial->url->path, strlen(dial->url->path)); /* fits: url.c */
    dial->lengths[0] = sizeof(*address);
    dial->count = 1;
    dial_next(dial);
}

void dial_tick(struct dial *dial, int64_t now_us)
{
    if (now_us - dial->step_us < DIAL_TIMEOUT_US)
        return;
    if (dial->sock != NULL) {
        address_failed(dial, "connect timed out");
    } else if (dial->lookup != NULL) {
        dial_stop(dial);
        finish(dial, NULL, "host name: lookup timed out");
    }
}

void dial_stop(struct dial *dial)
{
    if (dial->lookup != NULL)
        dial->lookup->dial = NULL;
    dial->lookup = NULL;
    if (dial->sock != NULL) {
        dial->sock->data = NULL;
        h2o_socket_close(dial->sock);
        dial->sock = NULL;
    }
    dial->count = dial->next = 0;
}
