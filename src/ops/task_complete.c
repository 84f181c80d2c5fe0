/* task_complete.c: a person has done a task.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "lead_work.h"
#include "task_view.h"

static void run(struct call *call);

enum { IN_OUTCOME, IN_NOTE, IN_AGENT };

static const struct field input[] = {
    [IN_OUTCOME] = {.name = "outcome", .type = FIELD_LINE, .max = 32},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = LEAD_NOTE_MAX},
    [IN_AGENT] = {.name = "agent", .type = FIELD_LINE, .max = LEAD_AGENT_MAX},
    {.name = NULL},
};

const struct op op_task_complete = {
    .name = "task_complete", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run};

static void on_completed(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply)) {
        call->out.replayed = reply_i64_at(reply, 0) == 1;
        task_answer(call, reply_at(reply, 1));
    }
}

static bool is_outcome(struct slice text)
{
    static const char *const outcomes[] = {"reached", "no_answer", "declined", "done"};

    for (unsigned i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (slice_is(text, outcomes[i]))
            return true;
    }
    return false;
}

static struct slice or_empty(struct slice text)
{
    return text.n > 0 ? text : SLICE("");
}

static void run(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct slice outcome = values[IN_OUTCOME].text, id = call->in.params[0];
    struct slice note = values[IN_NOTE].text, agent = values[IN_AGENT].text;
    char activity[ID_UUID_LEN + 1];

    if (outcome.n == 0)
        outcome = SLICE("done");
    if (!is_outcome(outcome)) {
        fault_add(&call->faults, &call->arena, SLICE("outcome"), "enum",
                  "Expected reached, no_answer, declined or done");
        call_invalid(call, &call->faults);
        return;
    }
    if (!id_is_uuid(id)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    id_uuid7(call->in.received_ms, activity);
    call_script(call, &script_task_complete, on_completed);
    script_key(&call->script, call_key(call, KEY_TASK, id));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, id);
    call_arg(call, outcome);
    call_arg(call, or_empty(note));
    call_arg(call, or_empty(agent));
    call_arg(call, arena_copy(&call->arena, slice_of(activity)));
    const struct lead_detail details[] = {{"task_id", id}, {"note", note}, {"agent", agent}};
    call_arg(call, lead_data(call, details, 3));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
