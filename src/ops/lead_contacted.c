/* lead_contacted.c: somebody was in touch with the person of a lead, or tried to be.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "lead_view.h"
#include "lead_work.h"

static void run(struct call *call);

enum { IN_CHANNEL, IN_NOTE, IN_AGENT };

static const struct field input[] = {
    [IN_CHANNEL] = {.name = "channel", .type = FIELD_LINE, .max = 32},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = LEAD_NOTE_MAX},
    [IN_AGENT] = {.name = "agent", .type = FIELD_LINE, .max = LEAD_AGENT_MAX},
    {.name = NULL},
};

const struct op op_lead_contacted = {
    .name = "lead_contacted", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run};

static void on_contacted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (lead_failed(call, err, reply, LEAD_NONE))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    lead_answer(call, reply_at(reply, 1), lead_print);
}

static bool is_channel(struct slice text)
{
    static const char *const channels[] = {"call", "sms", "email", "whatsapp"};

    for (unsigned i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        if (slice_is(text, channels[i]))
            return true;
    }
    return false;
}

static void run(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct slice channel = values[IN_CHANNEL].text, agent = values[IN_AGENT].text;
    struct lead_id lead;

    if (channel.n > 0 && !is_channel(channel)) {
        fault_add(&call->faults, &call->arena, SLICE("channel"), "enum",
                  "Expected call, sms, email or whatsapp");
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    const struct lead_detail details[] = {
        {"channel", channel}, {"note", values[IN_NOTE].text}, {"agent", agent}};
    lead_update(call, &lead, lead_data(call, details, 3), on_contacted);
    call_pair(call, "contacted", agent.n > 0 ? agent : SLICE("api"));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
