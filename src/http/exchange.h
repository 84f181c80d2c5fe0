/* exchange.h: one HTTP exchange: from a parsed request to a call of an operation.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_EXCHANGE_H
#define KVCRM_HTTP_EXCHANGE_H

#include <h2o.h>

#include "client.h"
#include "inflate.h"
#include "kvcrm/ops/env.h"
#include "router.h"

struct exchange_context { /* of a worker */
    struct env *env;
    const struct router *router;
    struct inflater *inflater;
    struct client_proxies proxies; /* that are trusted */
};

/* libh2o's own limit: beyond ours, for it counts the framing of chunks as well, and its refusal
 * knows neither path nor style. */
#define EXCHANGE_ENTITY_MAX (OP_BODY_LARGEST + (size_t)64 * 1024)

/* Answers req, now or when the operation does. Everything hangs on the request's pool: when the
 * request goes away first, the call is cancelled. */
void exchange_start(struct exchange_context *context, h2o_req_t *req);

#endif
