/* server.h: one worker's HTTP/1.1 server: listener, connections, their limits, the end.
 *
 * A server belongs to one loop. It accepts on its own SO_REUSEPORT socket, answers by the table of
 * routes, and closes what the packaged libh2o leaves open (ARCHITECTURE.md, "What libh2o leaves
 * open").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_SERVER_H
#define KVCRM_HTTP_SERVER_H

#include "kvcrm/base/conf.h"
#include "kvcrm/loop/loop.h"
#include "kvcrm/ops/env.h"

struct server;
struct connections; /* how many are open, in all and by address; shared by the workers, atomics only
                     */

/* Opens `count` listening sockets on conf->listen ("127.0.0.1:8080", "[::1]:0"); port 0 takes a
 * free port, the same for all. False and one clear sentence when that cannot be, or when the
 * address is not loopback: without API keys everybody would be owner. text becomes the address in
 * force. */
MUST_CHECK bool server_listen(const struct conf *conf, unsigned count, int *fds, char *text,
                              size_t text_size, char *error, size_t error_size);

/* Makes the counters of requests; once, before the threads start. */
void server_init(void);
/* Can --trusted-proxies be read? */
MUST_CHECK bool server_check_proxies(struct slice text);
struct connections *connections_new(const struct conf *conf);

/* Takes the socket over. */
struct server *server_start(struct loop *loop, struct env *env, int fd,
                            struct connections *connections);
/* No new connections; idle ones are closed at once, requests under way get their answer and
 * "Connection: close". From inside the loop's thread. */
void server_drain(struct server *server);
/* After server_drain: are all connections gone? */
bool server_is_drained(const struct server *server);
/* Cuts off what is left. The loop must turn once more before it is freed. */
void server_stop(struct server *server);
/* When the loop no longer turns. */
void server_free(struct server *server);

#endif
