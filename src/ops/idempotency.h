/* idempotency.h: the ids that make a repeated request harmless (API.md, "Idempotency").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_IDEMPOTENCY_H
#define KVCRM_OPS_IDEMPOTENCY_H

#include "kvcrm/ops/call.h"

/* crm_seen_key:<method and path>:<Idempotency-Key>, SLICE_NONE when the caller sent none. */
struct slice idempotency_key(struct call *call);
/* 16 hex digits that stand for the request's body. */
struct slice idempotency_print(struct call *call);

/* For scripts that take pairs of name and value: seen, seen_print for event_id (may be empty),
 * again, again_print for the Idempotency-Key. */
void idempotency_args(struct call *call, struct slice event_id);

#endif
