/* lead_offer.c: other dates and times for somebody whose booking failed.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_offer.h"

#include "kvcrm/base/clock.h"
#include "kvcrm/model/failure.h"
#include "kvcrm/store/scripts.h"
#include "lead_id.h"
#include "record_view.h"
#include "slot_offer.h"

void lead_offer(struct call *call, const struct reply *lead, const struct reply *slots,
                struct lead_offer *offer)
{
    enum failure_reason reason = failure_reason_of(record_text(lead, "reason"));
    struct slot_failed failed = {
        .date = record_text(lead, "preferred_date"),
        .time = record_text(lead, "preferred_time"),
        .is_day_full = reason == FAILURE_DATE_UNAVAILABLE,
    };

    offer->count = 0;
    if (reason != FAILURE_NONE)
        offer->count =
            slot_offer(slots, 0, &failed, call->in.received_ms / 60000, &call->arena, offer->list);
}

void lead_offer_print(const struct lead_offer *offer, struct jw *w)
{
    jw_key(w, "alternatives");
    slot_alternatives_print(offer->list, offer->count, w);
}

void lead_offer_load(struct call *call,
                     void (*done)(struct script_call *, enum err, const struct reply *))
{
    struct lead_id id;
    char today[9];

    if (!lead_id_parse(call, call->in.params[0], &id))
        return;
    call_script(call, &script_lead_get, done);
    script_key(&call->script, lead_id_key(call, &id));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(&id));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, today))));
    call_run_script(call);
}
