/* dial.h: from a Redis URL to an open socket: name lookup, connect, TLS.
 *
 * All addresses of a name are tried in turn, each with its own time. Reports once per dial_start,
 * possibly from inside it; never after dial_stop. Belongs to one loop, used inside its callbacks.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_DIAL_H
#define KVCRM_STORE_DIAL_H

#include <sys/socket.h>

#include "kvcrm/loop/loop.h"
#include "url.h"

#define DIAL_TIMEOUT_US 2000000 /* of the lookup, and of each address */
#define DIAL_ADDRESSES 8

struct st_h2o_socket_t;
struct lookup;

struct dial {
    struct loop *loop;
    const struct store_url *url;
    /* sock is open and its peer verified, the owner's from here on; or NULL and the reason. */
    void (*on_done)(void *owner, struct st_h2o_socket_t *sock, const char *why);
    void *owner;
    /* private */
    struct lookup *lookup;
    struct st_h2o_socket_t *sock;
    struct sockaddr_storage addresses[DIAL_ADDRESSES];
    socklen_t lengths[DIAL_ADDRESSES];
    unsigned count, next;
    int64_t step_us; /* when the lookup or the connect under way began */
    char why[160];   /* the last address's fault */
};

void dial_start(struct dial *dial);
/* Every tick: ends what takes too long. */
void dial_tick(struct dial *dial, int64_t now_us);
void dial_stop(struct dial *dial);

#endif
