/* lead_delete.c: a lead is put aside; with hard=true it is gone.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "lead_work.h"
#include "record_view.h"

static void run(struct call *call);

const struct op op_lead_delete = {
    .name = "lead_delete", .auth = AUTH_AGENT, .writes = true, .run = run};

static void answer(struct call *call, struct slice uuid, struct slice number, bool hard)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    lead_put_id(call, uuid, number, &w);
    jw_key(&w, hard ? "deleted" : "is_active");
    jw_bool(&w, hard);
    jw_key(&w, "message");
    jw_string(&w, hard ? SLICE("Lead deleted") : SLICE("Lead deactivated"));
    jw_object_end(&w);
    call_ok(call, 200);
}

static void on_put_aside(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct reply *lead = reply_at(reply, 1);

    if (lead_failed(call, err, reply, LEAD_NONE))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    answer(call, record_text(lead, "id"), record_text(lead, "no"), false);
}

static void on_deleted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    answer(call, reply_text_at(reply, 1), reply_text_at(reply, 2), true);
}

void lead_delete_begin(struct call *call, const struct lead_id *lead,
                       void (*done)(struct script_call *, enum err, const struct reply *))
{
    call_script(call, &script_lead_delete, done);
    script_key(&call->script, lead_id_key(call, lead));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(lead));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
}

static void run(struct call *call)
{
    struct slice hard = query_text(&call->query, "hard");
    struct lead_id lead;

    if (hard.n > 0 && !slice_ieq(hard, SLICE("true")) && !slice_ieq(hard, SLICE("false"))) {
        fault_add(&call->faults, &call->arena, SLICE("hard"), "enum", "Expected true or false");
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    if (slice_ieq(hard, SLICE("true"))) {
        lead_delete_begin(call, &lead, on_deleted);
    } else {
        lead_update(call, &lead, SLICE(""), on_put_aside);
        call_pair(call, "=is_active", SLICE("0"));
    }
    lead_expect_version(call);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
