/* ping.c: one round trip to Redis: the least that a request which needs the store can cost.
 * Monitors use it, and bench/run, as the floor that an event is compared with.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/call.h"

static void run(struct call *call);

const struct op op_ping = {.name = "ping", .auth = AUTH_READER, .run = run};

static void build(struct cmd *cmd, struct store *store)
{
    (void)cmd;
    store_args(store, 1);
    store_arg(store, SLICE("PING"));
}

static void on_pong(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    struct call *call = ((struct script_call *)(void *)cmd)->data;

    if (outcome != OUTCOME_REPLY) {
        call_fail(call, ERR_REDIS_UNAVAILABLE, NULL);
    } else if (reply_error(reply).n > 0) {
        call_fail(call, err_of_reply(reply_error(reply)), NULL);
    } else {
        buf_str(call_body(call), "{\"status\":\"ok\"}");
        call_ok(call, 200);
    }
}

static void run(struct call *call)
{
    call->script.cmd = (struct cmd){.build = build, .done = on_pong};
    call->script.data = call;
    enum err err = store_submit(call->env->store, &call->script.cmd);
    if (err != OK)
        call_fail(call, err, NULL);
}
