/* script.c: one call of a script, and what its error word means.
 *
 * A server that has forgotten the script (restart, SCRIPT FLUSH) says NOSCRIPT and has run nothing:
 * then the text goes out again and the same command behind it, in one pipeline; several times, for
 * a long text takes Redis more than one turn to read, and a flush may come between.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/script.h"

#include <assert.h>

#include "internal.h"

#define RETRIES_MOST 5

static void build_load(struct cmd *cmd, struct store *store)
{
    const struct script *script = ((struct script_call *)cmd)->script;
    store_args(store, 3);
    store_arg(store, SLICE("SCRIPT"));
    store_arg(store, SLICE("LOAD"));
    store_arg(store, (struct slice){script->text, script->length});
}

static void build_call(struct cmd *cmd, struct store *store)
{
    const struct script_call *call = (const struct script_call *)cmd;
    store_args(store, call->count + 3);
    store_arg(store, SLICE("EVALSHA"));
    store_arg(store, slice_of(call->script->sha1));
    store_arg_i64(store, call->keys);
    for (unsigned i = 0; i < call->count; i++)
        store_arg(store, call->args[i]);
}

static enum err run_again(struct script_call *call)
{
    struct store *store = call->cmd.store;
    call->retries++;
    call->cmd.build = build_load;
    enum err err = store_send_unheard(store, &call->cmd);
    call->cmd.build = build_call;
    return err == OK ? store_submit(store, &call->cmd) : err;
}

static void on_reply(struct script_call *call, const struct reply *reply)
{
    struct slice error = reply_error(reply);
    enum err err = OK;
    if (slice_starts(error, SLICE("NOSCRIPT "))) {
        if (call->retries < RETRIES_MOST && run_again(call) == OK)
            return;
        err = ERR_REDIS_UNAVAILABLE;
    } else if (error.p != NULL) {
        err = err_of_reply(error);
    }
    call->done(call, err, reply);
}

static void on_done(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    struct script_call *call = (struct script_call *)cmd;
    switch (outcome) {
    case OUTCOME_REPLY:
        on_reply(call, reply);
        break;
    case OUTCOME_NOT_SENT:
        call->done(call, ERR_REDIS_UNAVAILABLE, NULL);
        break;
    case OUTCOME_UNKNOWN:
    case OUTCOME_DEADLINE:
        call->done(call, ERR_OUTCOME_UNKNOWN, NULL);
        break;
    }
}

void script_begin(struct script_call *call, const struct script *script,
                  void (*done)(struct script_call *, enum err, const struct reply *), void *data)
{
    /* Field by field: args are large, and only count of them are ever read. */
    call->cmd = (struct cmd){.build = build_call, .done = on_done};
    call->script = script;
    call->keys = call->count = 0;
    call->done = done;
    call->data = data;
    call->retries = 0;
}

void script_key(struct script_call *call, struct slice key)
{
    assert(call->keys == call->count); /* keys first */
    call->keys++;
    script_arg(call, key);
}

void script_arg(struct script_call *call, struct slice arg)
{
    assert(call->count < SCRIPT_MAX_ARGS);
    call->args[call->count++] = arg;
}

enum err script_run(struct store *store, struct script_call *call)
{
    assert(call->keys >= (unsigned)call->script->keys);
    return store_submit(store, &call->cmd);
}
