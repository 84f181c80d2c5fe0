/* booking_decide.c: an admin approves or rejects a request of the booking form.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "lead_view.h"
#include "lead_work.h"

static void run(struct call *call);

enum { IN_STATUS, IN_NOTE };

static const struct field input[] = {
    [IN_STATUS] = {.name = "status", .type = FIELD_LINE, .need = REQUIRED, .max = 32},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = LEAD_NOTE_MAX},
    {.name = NULL},
};

const struct op op_booking_decide = {
    .name = "booking_decide",
    .auth = AUTH_AGENT,
    .input = input,
    .writes = true,
    .run = run,
};

static void on_decided(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (lead_failed(call, err, reply, LEAD_NONE))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    lead_answer(call, reply_at(reply, 1), lead_admin_print);
}

static void run(struct call *call)
{
    enum lead_word status = lead_word_of(call->fields.values[IN_STATUS].text);
    const struct field_value *note = &call->fields.values[IN_NOTE];
    struct lead_id lead;

    if (!lead_is_of_form(status)) {
        lead_wrong_word(call, LEAD_NEW);
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    lead_update(call, &lead, lead_data(call, &(struct lead_detail){"note", note->text}, 1),
                on_decided);
    call_pair(call, "source", SLICE("booking_form"));
    lead_to(call, status);
    if (note->text.n > 0)
        lead_put(call, "note", note);
    lead_expect_version(call);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
