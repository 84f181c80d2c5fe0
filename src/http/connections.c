/* connections.c: how many connections are open, in all and by client address.
 *
 * SPDX-License-Identifier: MIT */
#include "connections.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "kvcrm/base/crypto.h"
#include "kvcrm/base/metric.h"

#define ADDRESSES 65536 /* a power of two */

struct connections {
    atomic_uint all;
    unsigned most, most_by_address; /* 0: no limit by address */
    uint8_t key[16];
    struct metric *open, *refused;
    atomic_uint by_address[ADDRESSES];
};

struct connections *connections_new(const struct conf *conf)
{
    struct connections *c = calloc(1, sizeof *c);

    if (c == NULL)
        abort();
    c->most = (unsigned)conf->max_connections;
    c->most_by_address = (unsigned)conf->max_per_ip;
    crypto_random(c->key, sizeof c->key);
    c->open = metric_new(METRIC_GAUGE, "kvcrm_http_connections", "Open connections", "", false);
    c->refused = metric_new(METRIC_COUNTER, "kvcrm_http_connections_refused_total",
                            "Connections closed at once because of a limit", "", false);
    return c;
}

static unsigned address_of(const struct connections *c, const struct sockaddr *peer, socklen_t size)
{
    struct slice address = SLICE_NONE;

    if (size > 0 && peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
        address = (struct slice){(const char *)&in->sin_addr, sizeof in->sin_addr};
    } else if (size > 0 && peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;
        address = (struct slice){(const char *)&in6->sin6_addr, 8}; /* a site has a /64 */
    }
    return (unsigned)crypto_siphash(c->key, address) & (ADDRESSES - 1);
}

bool connections_enter(struct connections *c, const struct sockaddr *peer, socklen_t size,
                       struct connections_slot *slot)
{
    slot->address = address_of(c, peer, size);
    unsigned all = atomic_fetch_add(&c->all, 1) + 1;
    unsigned mine = atomic_fetch_add(&c->by_address[slot->address], 1) + 1;

    if (all <= c->most && (c->most_by_address == 0 || mine <= c->most_by_address)) {
        metric_add(c->open, 1);
        return true;
    }
    atomic_fetch_sub(&c->all, 1);
    atomic_fetch_sub(&c->by_address[slot->address], 1);
    metric_add(c->refused, 1);
    return false;
}

void connections_leave(struct connections *c, struct connections_slot slot)
{
    atomic_fetch_sub(&c->all, 1);
    atomic_fetch_sub(&c->by_address[slot.address], 1);
    metric_add(c->open, -1);
}
