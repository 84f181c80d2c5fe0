/* slot_delete.c: takes a slot out of the inventory.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "slot_place.h"

static void run(struct call *call);

const struct op op_slot_delete = {
    .name = "slot_delete", .auth = AUTH_ADMIN, .writes = true, .run = run};

static void on_deleted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, slot_place_id(call->state, &call->arena));
    jw_key(&w, "deleted");
    jw_bool(&w, true);
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct slot_place *place = slot_of_path(call);

    if (place == NULL)
        return;
    call->state = place;
    call_script(call, &script_slot_delete, on_deleted);
    script_key(&call->script, slot_day_key(call, place));
    script_key(&call->script, slot_hold_key(call, place));
    script_key(&call->script, call_key(call, KEY_SLOT_DAY, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, place->date);
    call_arg(call, place->time);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
