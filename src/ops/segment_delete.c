/* segment_delete.c: deletes a segment with its list of members.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "segment_view.h"

static void run(struct call *call);

const struct op op_segment_delete = {
    .name = "segment_delete", .auth = AUTH_ADMIN, .writes = true, .run = run};

static void on_deleted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct slice *id = call->state;

    if (call_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, *id);
    jw_key(&w, "deleted");
    jw_bool(&w, true);
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct slice *id = arena_alloc(&call->arena, sizeof *id);

    call->state = id;
    *id = segment_of_path(call);
    if (id->n == 0)
        return;
    call_script(call, &script_segment_delete, on_deleted);
    script_key(&call->script, call_key(call, KEY_SEGMENT, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WS, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, *id);
    call_arg(call, call_expected_version(call));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
