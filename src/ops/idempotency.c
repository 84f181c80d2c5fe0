/* idempotency.c: keys and fingerprints of Idempotency-Key and of event ids.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"

#include <inttypes.h>

#include "kvcrm/base/crypto.h"

/* Not a secret: two bodies with one fingerprint only hurt the caller who makes them. */
static const uint8_t print_key[16] = "kvcrm-idempotent";

static struct slice hex_of(struct call *call, struct slice text)
{
    return arena_printf(&call->arena, "%016" PRIx64, crypto_siphash(print_key, text));
}

struct slice idempotency_key(struct call *call)
{
    struct slice key = call->in.idempotency_key;

    if (key.n == 0)
        return SLICE_NONE;
    struct slice scope = arena_join(&call->arena, 3, call->in.method, SLICE(" "), call->in.path);
    return call_key(call, KEY_SEEN,
                    arena_join(&call->arena, 4, SLICE("key:"), hex_of(call, scope), SLICE(":"),
                               key_safe(key, &call->arena)));
}

struct slice idempotency_print(struct call *call)
{
    return hex_of(call, call->in.body_text);
}

void idempotency_args(struct call *call, struct slice event_id)
{
    if (event_id.n > 0) {
        call_arg(call, SLICE("seen"));
        call_arg(call, call_key(call, KEY_SEEN,
                                arena_join(&call->arena, 2, SLICE("event:"),
                                           key_safe(event_id, &call->arena))));
        /* The same event id is the same event, whatever else has changed in it. */
        call_arg(call, SLICE("seen_print"));
        call_arg(call, SLICE("-"));
    }
    if (call->in.idempotency_key.n > 0) {
        call_arg(call, SLICE("again"));
        call_arg(call, idempotency_key(call));
        call_arg(call, SLICE("again_print"));
        call_arg(call, idempotency_print(call));
    }
}
