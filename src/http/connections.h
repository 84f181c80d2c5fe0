/* connections.h: how many connections are open, in all and by client address.
 *
 * Counted in atomics that all workers share. By address: a fixed table of counters, an address
 * finds its own by a keyed hash; two addresses that meet there share the limit, which then bites
 * early, never late.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_CONNECTIONS_H
#define KVCRM_HTTP_CONNECTIONS_H

#include <sys/socket.h>

#include "kvcrm/http/server.h"

struct connections_slot {
    unsigned address; /* counter of the client's address */
};

/* False when a limit is reached: nothing is counted. */
bool connections_enter(struct connections *connections, const struct sockaddr *peer, socklen_t size,
                       struct connections_slot *slot);
void connections_leave(struct connections *connections, struct connections_slot slot);

#endif
