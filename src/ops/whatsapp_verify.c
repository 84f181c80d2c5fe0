/* whatsapp_verify.c: Meta asks, once, whether the webhook's owner wants its posts.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/crypto.h"
#include "kvcrm/ops/call.h"

static void run(struct call *call);

const struct op op_whatsapp_verify = {.name = "whatsapp_verify", .auth = AUTH_OPEN, .run = run};

static void run(struct call *call)
{
    struct slice token = slice_of(call->env->conf->meta_verify_token);
    bool fits = crypto_equal(query_text(&call->query, "hub.verify_token"), token);

    if (token.n == 0 || !fits || !slice_is(query_text(&call->query, "hub.mode"), "subscribe")) {
        call_fail(call, ERR_FORBIDDEN, NULL);
        return;
    }
    buf_add(call_body(call), query_text(&call->query, "hub.challenge"));
    call->out.content_type = "text/plain";
    call_ok(call, 200);
}
