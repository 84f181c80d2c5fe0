/* waitlist_add.c: a lead waits for a place of a slot.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "lead_id.h"
#include "waitlist_view.h"

static void run(struct call *call);

enum { IN_LEAD, IN_DATE, IN_TIME };

static const struct field input[] = {
    [IN_LEAD] = {.name = "lead_id", .type = FIELD_ID, .need = REQUIRED, .max = 64},
    [IN_DATE] = {.name = "date", .type = FIELD_LINE, .need = REQUIRED},
    [IN_TIME] = {.name = "time", .type = FIELD_LINE, .need = REQUIRED, .max = SLOT_TIME_MAX},
    {.name = NULL},
};

const struct op op_waitlist_add = {
    .name = "waitlist_add", .auth = AUTH_WRITE, .input = input, .writes = true, .run = run};

static void on_added(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (err == ERR_VALIDATION) {
        bool is_closed = slice_is(reply_error(reply), "INVALID closed");
        fault_add(&call->faults, &call->arena, SLICE("lead_id"),
                  is_closed ? "closed" : "no_contact",
                  is_closed ? "Expected a lead that is still open"
                            : "Expected a lead with contact details");
        call_invalid(call, &call->faults);
        return;
    }
    if (call_failed(call, err, reply))
        return;
    struct waitlist_entry entry = {
        .lead = reply_text_at(reply, 2),
        .contact = reply_text_at(reply, 3),
        .date = call->fields.values[IN_DATE].text,
        .time = call->fields.values[IN_TIME].text,
        .status = reply_text_at(reply, 4),
        .position = reply_i64_at(reply, 5),
    };
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    waitlist_print(call, &entry, &w);
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, reply_i64_at(reply, 1) == 1 ? 201 : 200);
}

static void run(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct lead_id lead;

    slot_date_check(call, SLICE("date"), values[IN_DATE].text);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, values[IN_LEAD].text, &lead))
        return;
    struct slot_place place =
        slot_place_of(values[IN_DATE].text, values[IN_TIME].text, &call->arena);
    slot_script(call, &place, &script_waitlist_add, on_added);
    script_key(&call->script, lead_id_key(call, &lead));
    slot_arguments(call, &place);
    call_arg(call, lead_id_kind(&lead));
    call_arg(call, slot_day_score(place.date, &call->arena));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
