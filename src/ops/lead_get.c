/* lead_get.c: one lead in the shape of seed 003, with what to do about it.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure.h"
#include "lead_offer.h"
#include "lead_view.h"
#include "record_view.h"
#include "task_view.h"

static void run(struct call *call);

const struct op op_lead_get = {.name = "lead_get", .auth = AUTH_READER, .run = run};

static void on_lead(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct reply *lead = reply_at(reply, 0);
    struct lead_offer offer;

    if (call_failed(call, err, reply))
        return;
    enum failure_reason reason = failure_reason_of(record_text(lead, "reason"));
    lead_etag(call, lead);
    lead_offer(call, lead, reply_at(reply, 2), &offer);
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    lead_print(call, lead, &w);
    jw_key(&w, "user_message");
    jw_string_or_null(&w, reason != FAILURE_NONE ? slice_of(failure_row(reason)->user_message)
                                                 : SLICE_NONE);
    lead_offer_print(&offer, &w);
    tasks_print(call, reply_at(reply, 1), &w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    lead_offer_load(call, on_lead);
}
