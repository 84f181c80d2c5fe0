/* slot_unhold.c: gives a held place back. The token may stand in the body or, since bodies of
 * DELETE get lost on some ways, as token= in the query.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "slot_place.h"

static void run(struct call *call);

static const struct field input[] = {
    {.name = "hold_token", .type = FIELD_LINE, .max = 64},
    {.name = NULL},
};

const struct op op_slot_unhold = {
    .name = "slot_unhold", .auth = AUTH_WRITE, .input = input, .writes = true, .run = run};

static void on_freed(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, slot_place_id(call->state, &call->arena));
    jw_key(&w, "free");
    jw_i64(&w, reply_i64_at(reply, 1));
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct slice token = call->fields.values[0].text;
    struct slot_place *place;

    if (token.n == 0)
        token = query_text(&call->query, "token");
    if (token.n == 0) {
        fault_add(&call->faults, &call->arena, SLICE("hold_token"), "required", "Required");
        call_invalid(call, &call->faults);
        return;
    }
    place = slot_of_path(call);
    if (place == NULL)
        return;
    call->state = place;
    slot_script(call, place, &script_slot_unhold, on_freed);
    slot_arguments(call, place);
    call_arg(call, token);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
