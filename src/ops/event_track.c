/* event_track.c: seed 001's call: an event of a customer known by id, e-mail or phone.
 *
 * An event without any of them is answered 202 and not stored at all (seed 001: no tracking of
 * logged-out users).
 *
 * SPDX-License-Identifier: MIT */
#include "event_read.h"
#include "event_view.h"

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
    event_result_print(result, &w);
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
        event_ignore(call, "anonymous", "Event ignored: anonymous visitor");
}
