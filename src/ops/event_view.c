/* event_view.c: what is answered to an event, in the parts that the dialects share.
 *
 * SPDX-License-Identifier: MIT */
#include "event_view.h"

static void print_standing(const struct event_result *result, struct jw *w)
{
    bool known = result->contact_id.n > 0;

    jw_key(w, "lead_status");
    jw_string_or_null(w, slice_of(lead_status_word(result->status)));
    jw_key(w, "score");
    if (known)
        jw_i64(w, result->score);
    else
        jw_null(w);
    jw_key(w, "quality");
    jw_string_or_null(w, known ? slice_of(score_quality(result->score)) : SLICE_NONE);
}

void event_result_print(const struct event_result *result, struct jw *w)
{
    jw_key(w, "activity_id");
    jw_string(w, result->activity_id);
    jw_key(w, "event_id");
    jw_string(w, result->event_id);
    jw_key(w, "created");
    jw_bool(w, result->created);
    print_standing(result, w);
    if (result->task_id.n > 0) {
        jw_key(w, "task_id");
        jw_string(w, result->task_id);
    }
    identity_notes_print(&result->notes, w);
}

void event_ignore(struct call *call, const char *why, const char *message)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "contact_id");
    jw_null(&w);
    jw_key(&w, "ignored");
    jw_string(&w, slice_of(why));
    jw_key(&w, "message");
    jw_string(&w, slice_of(message));
    jw_object_end(&w);
    call_ok(call, 202);
}
