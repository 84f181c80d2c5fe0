/* merge_undo.c: two contacts that were merged are two again.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "merge_view.h"

static void run(struct call *call);

static const struct field input[] = {
    {.name = NULL}, /* no members */
};

const struct op op_merge_undo = {
    .name = "merge_undo", .auth = AUTH_ADMIN, .input = input, .writes = true, .run = run};

static void on_undone(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (merge_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, reply_text_at(reply, 1));
    jw_key(&w, "winner");
    jw_string(&w, reply_text_at(reply, 2));
    jw_key(&w, "loser");
    jw_string(&w, reply_text_at(reply, 3));
    jw_key(&w, "undone");
    jw_bool(&w, true);
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 200);
}

static void run(struct call *call)
{
    if (!id_is_uuid(call->in.params[0])) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    merge_script(call, &script_merge_undo, on_undone);
    call_arg(call, call->in.params[0]);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
