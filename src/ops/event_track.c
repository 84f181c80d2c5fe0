/* event_track.c: seed 001's call: an event of a customer known by id, e-mail or phone.
 *
 * An event without any of them is answered 202 and not stored at all (seed 001: no tracking of
 * logged-out users).
 *
 * SPDX-License-Identifier: MIT */
#include "event_read.h"

static void run(struct call *call);

static const struct field input[] = {EVENT_READ_FIELDS, {.name = NULL}};

const struct op op_event_track = {
    .name = "event_track",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .run = run,
};

static void answer_ignored(struct call *call)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "contact_id");
    jw_null(&w);
    jw_key(&w, "ignored");
    jw_string(&w, SLICE("anonymous"));
    jw_key(&w, "message");
    jw_string(&w, SLICE("Event ignored: anonymous visitor"));
    jw_object_end(&w);
    call_ok(call, 202);
}

static void on_captured(struct call *call, const struct event_result *result)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "contact_id");
    jw_string_or_null(&w, result->contact_id);
    jw_key(&w, "message");
    jw_string(&w, SLICE("Event tracked successfully"));
    jw_key(&w, "activity_id");
    jw_string(&w, result->activity_id);
    jw_key(&w, "event_id");
    jw_string(&w, result->event_id);
    jw_key(&w, "created");
    jw_bool(&w, result->created);
    jw_key(&w, "lead_status");
    jw_string_or_null(&w, slice_of(lead_status_word(result->status)));
    jw_key(&w, "score");
    jw_i64(&w, result->score);
    jw_key(&w, "quality");
    jw_string(&w, slice_of(score_quality(result->score)));
    if (result->task_id.n > 0) {
        jw_key(&w, "task_id");
        jw_string(&w, result->task_id);
    }
    identity_notes_print(&result->notes, &w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct event_input *event = arena_zalloc(&call->arena, sizeof *event);

    if (!event_read(call, input, NULL, 0, event))
        return;
    if (event->identified)
        event_capture(call, event, on_captured);
    else
        answer_ignored(call);
}
