/* lead_offer.c: other dates and times for somebody whose booking failed.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_offer.h"

#include "kvcrm/model/failure.h"
#include "record_view.h"

void lead_offer(struct call *call, const struct reply *lead, struct lead_offer *offer)
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
            slot_alternatives(&failed, call->in.received_ms / 60000, &call->arena, offer->list);
}

void lead_offer_print(const struct lead_offer *offer, struct jw *w)
{
    jw_key(w, "alternatives");
    jw_array(w);
    for (unsigned i = 0; i < offer->count; i++) {
        const struct slot_alternative *one = &offer->list[i];
        jw_object(w);
        jw_key(w, "date");
        jw_string(w, one->date);
        jw_key(w, "time");
        jw_string_or_null(w, one->time);
        jw_key(w, "spots");
        if (one->confirmed)
            jw_i64(w, one->spots);
        else
            jw_null(w);
        jw_key(w, "confirmed");
        jw_bool(w, one->confirmed);
        jw_object_end(w);
    }
    jw_array_end(w);
}
