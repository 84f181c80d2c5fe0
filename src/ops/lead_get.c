/* lead_get.c: one lead, by its number, UUID or reference.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/scripts.h"
#include "lead_id.h"
#include "lead_view.h"

static void run(struct call *call);

const struct op op_lead_get = {.name = "lead_get", .auth = AUTH_READER, .run = run};

static void on_lead(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        lead_answer(call, reply, lead_admin_print);
}

static void run(struct call *call)
{
    struct lead_id id;

    if (!lead_id_parse(call, call->in.params[0], &id))
        return;
    call_script(call, &script_lead_get, on_lead);
    script_key(&call->script, lead_id_key(call, &id));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(&id));
    call_run_script(call);
}
