/* server.c: one worker's HTTP server: accepting, caps, the sweep, the end.
 *
 * What the packaged libh2o leaves open and this file closes: a head that never ends (swept every
 * 100 ms), a reader that never reads (TCP_USER_TIMEOUT), too many connections (caps at accept),
 * memory kept after a burst (malloc_trim), idle connections that outlive a drain (SHUT_RD). What it
 * leaves open in the head itself is head.c's business; HTTP/2 is off.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/http/server.h"

#include <errno.h>
#include <h2o.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "connections.h"
#include "exchange.h"
#include "head.h"
#include "kvcrm/base/log.h"
#include "library_error.h"
#include "respond.h"

#define ACCEPTS_PER_WAKE 64
#define TRIM_LEAST 1000 /* connections in a burst that is worth a malloc_trim */

struct server {
    struct loop *loop;
    struct env *env;
    struct connections *connections;
    struct router *router;
    struct exchange_context exchanges;
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener;
    struct loop_timer sweep_timer;
    unsigned open, peak; /* connections of this worker, and the most since the last trim */
    bool draining;
};

/* What hangs on a connection from accept to close. */
struct guest {
    struct server *server;
    struct connections_slot slot;
};

struct request_handler {
    h2o_handler_t super;
    struct server *server;
};

bool server_check_proxies(struct slice text)
{
    struct client_proxies proxies;

    return client_proxies_parse(text, &proxies);
}

void server_init(void)
{
    respond_init();
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    struct server *server = ((struct request_handler *)handler)->server;

    if (server->draining)
        req->http1_is_persistent = 0;
    exchange_start(&server->exchanges, req);
    return 0;
}

/* Accepting
 * ---------------------------------------------------------------------------------------- */

static void on_connection_closed(void *data)
{
    struct guest *guest = data;

    guest->server->open--;
    connections_leave(guest->server->connections, guest->slot);
    free(guest);
}

static void on_acceptable(h2o_socket_t *listener, const char *err)
{
    struct server *server = listener->data;

    if (err != NULL)
        return;
    for (unsigned i = 0; i < ACCEPTS_PER_WAKE; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (sock == NULL)
            return;
        struct guest *guest = malloc(sizeof *guest);
        if (guest == NULL)
            abort();
        struct sockaddr_storage peer;
        socklen_t size = h2o_socket_getpeername(sock, (struct sockaddr *)&peer);
        if (!connections_enter(server->connections, (struct sockaddr *)&peer, size, &guest->slot)) {
            free(guest);
            h2o_socket_close(sock);
            continue;
        }
        guest->server = server;
        unsigned unread_ms = (unsigned)server->env->conf->write_timeout * 1000;
        setsockopt(h2o_socket_get_fd(sock), IPPROTO_TCP, TCP_USER_TIMEOUT, &unread_ms,
                   sizeof unread_ms);
        sock->on_close.cb = on_connection_closed;
        sock->on_close.data = guest;
        server->open++;
        if (server->peak < server->open)
            server->peak = server->open;
        h2o_accept(&server->accept, sock);
    }
}

/* The sweep
 * ------------------------------------------------------------------------------------------ */

struct sweep {
    size_t unfinished; /* bytes of input that no request has consumed yet, of this worker */
    size_t largest;
    h2o_socket_t *largest_sock;
};

/* libh2o frees the connection itself when it sees the end of file; closing it here would free it
 * twice. */
static void cut_off(h2o_socket_t *sock)
{
    shutdown(h2o_socket_get_fd(sock), SHUT_RDWR);
}

static int sweep_one(h2o_req_t *req, void *data)
{
    struct sweep *sweep = data;
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    size_t size = sock->input->size;

    /* version 0: the head is not complete. */
    if (req->version == 0 && size > HEAD_MAX) {
        cut_off(sock);
        return 0;
    }
    sweep->unfinished += size;
    if (size > sweep->largest) {
        sweep->largest = size;
        sweep->largest_sock = sock;
    }
    return 0;
}

static int drain_one(h2o_req_t *req, void *data)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);

    (void)data;
    if (req->version != 0)
        req->http1_is_persistent = 0; /* gets its answer, then "Connection: close" */
    else if (sock->input->size == 0)
        shutdown(h2o_socket_get_fd(sock), SHUT_RD); /* idle: it sees the end of file at once */
    return 0;
}

static void each_request(struct server *server, int (*visit)(h2o_req_t *, void *), void *data)
{
    server->config.http1.callbacks.foreach_request(&server->context, visit, data);
}

static void on_sweep(struct loop_timer *timer)
{
    struct server *server = timer->data;
    struct sweep sweep = {0};
    size_t most = (size_t)server->env->conf->max_input_mb << 20;

    each_request(server, sweep_one, &sweep);
    if (sweep.largest_sock != NULL && sweep.largest > HEAD_MAX &&
        sweep.unfinished * server->env->peer_count > most)
        cut_off(sweep.largest_sock);
    if (server->draining)
        each_request(server, drain_one, NULL);
    if (server->peak > TRIM_LEAST && server->open < server->peak / 2) {
        malloc_trim(0);
        server->peak = server->open;
    }
    loop_timer_set(server->loop, timer, LOOP_TICK_100MS);
}

/* Life
 * -----------------------------------------------------------------------------------------------
 */

static void configure(struct server *server)
{
    const struct conf *conf = server->env->conf;

    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(H2O_STRLIT("kvcrm"));
    server->config.max_request_entity_size = EXCHANGE_ENTITY_MAX;
    server->config.http1.req_timeout = (uint64_t)conf->request_timeout * 1000;
    server->config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct request_handler *handler =
        (struct request_handler *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->server = server;
    library_error_filter(&host->fallback_path, server->env);
}

struct server *server_start(struct loop *loop, struct env *env, int fd,
                            struct connections *connections)
{
    struct server *server = calloc(1, sizeof *server);

    if (server == NULL)
        abort();
    server->loop = loop;
    server->env = env;
    server->connections = connections;
    server->router = router_new(env->conf->function_name);
    server->exchanges =
        (struct exchange_context){.env = env, .router = server->router, .inflater = inflater_new()};
    if (!client_proxies_parse(slice_of(env->conf->trusted_proxies), &server->exchanges.proxies))
        abort(); /* main has looked at it */
    configure(server);
    h2o_context_init(&server->context, loop_h2o(loop), &server->config);
    server->accept.ctx = &server->context;
    server->accept.hosts = server->config.hosts;
    server->listener = h2o_evloop_socket_create(loop_h2o(loop), fd, H2O_SOCKET_FLAG_DONT_READ);
    server->listener->data = server;
    h2o_socket_read_start(server->listener, on_acceptable);
    loop_timer_init(&server->sweep_timer, on_sweep, server);
    loop_timer_set(loop, &server->sweep_timer, LOOP_TICK_100MS);
    return server;
}

void server_drain(struct server *server)
{
    server->draining = true;
    h2o_socket_read_stop(server->listener);
    h2o_socket_close(server->listener);
    server->listener = NULL;
    /* Not h2o_context_request_shutdown: it arms HTTP/2's timers, which outlive us. */
    server->context.shutdown_requested = 1;
    each_request(server, drain_one, NULL);
}

bool server_is_drained(const struct server *server)
{
    return server->open == 0;
}

static int stop_one(h2o_req_t *req, void *data)
{
    (void)data;
    cut_off(req->conn->callbacks->get_socket(req->conn));
    return 0;
}

void server_stop(struct server *server)
{
    each_request(server, stop_one, NULL);
    loop_timer_clear(&server->sweep_timer);
}

void server_free(struct server *server)
{
    h2o_context_dispose(&server->context);
    h2o_config_dispose(&server->config);
    inflater_free(server->exchanges.inflater);
    router_free(server->router);
    free(server);
}
