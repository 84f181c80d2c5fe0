/* event_add.c: an event of anybody, known or not (API.md, "Events").
 *
 * SPDX-License-Identifier: MIT */
#include "event_read.h"
#include "event_view.h"
#include "visitor_capture.h"

#define UTM_MAX 2048 /* bytes of JSON */
#define CONTEXT_MAX ((int64_t)16 * 1024)

static void run(struct call *call);

enum {
    IN_UTM = EVENT_READ_ROWS,
    IN_UTM_SOURCE,
    IN_UTM_MEDIUM,
    IN_UTM_CAMPAIGN,
    IN_UTM_TERM,
    IN_UTM_CONTENT,
    IN_CONTEXT,
    IN_CONSENT,
    IN_SOURCE,
    IN_LEAD_ID
};

static const struct field input[] = {
    EVENT_READ_FIELDS,
    [IN_UTM] = {.name = "utm", .type = FIELD_OBJECT, .max = UTM_MAX},
    [IN_UTM_SOURCE] = {.name = "utm.source", .type = FIELD_LINE, .max = 255},
    [IN_UTM_MEDIUM] = {.name = "utm.medium", .type = FIELD_LINE, .max = 255},
    [IN_UTM_CAMPAIGN] = {.name = "utm.campaign", .type = FIELD_LINE, .max = 255},
    [IN_UTM_TERM] = {.name = "utm.term", .type = FIELD_LINE, .max = 255},
    [IN_UTM_CONTENT] = {.name = "utm.content", .type = FIELD_LINE, .max = 255},
    [IN_CONTEXT] = {.name = "context", .type = FIELD_OBJECT, .max = CONTEXT_MAX},
    [IN_CONSENT] = {.name = "consent", .type = FIELD_LINE, .max = 16},
    [IN_SOURCE] = {.name = "source", .type = FIELD_LINE, .max = 50},
    [IN_LEAD_ID] = {.name = "lead_id", .type = FIELD_ID, .max = 128},
    {.name = NULL},
};

const struct op op_event_add = {
    .name = "event_add",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .visitor = true,
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
    event_result_print(result, &w);
    jw_key(&w, "session_id");
    jw_string_or_null(&w, result->session_id);
    jw_key(&w, "prompt");
    jw_null(&w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct event_input *event = arena_zalloc(&call->arena, sizeof *event);
    const struct field_value *values = call->fields.values;
    const struct event_kept kept[] = {
        {"utm", values[IN_UTM].json.raw},         {"context", values[IN_CONTEXT].json.raw},
        {"consent", values[IN_CONSENT].json.raw}, {"source", values[IN_SOURCE].json.raw},
        {"lead_id", values[IN_LEAD_ID].json.raw},
    };
    enum consent consent;

    event->utm = values[IN_UTM].json.raw;
    event->consent = values[IN_CONSENT].text;
    if (event->consent.n > 0 && !consent_parse(event->consent, &consent))
        fault_add(&call->faults, &call->arena, SLICE("consent"), "enum",
                  "Expected off, session or full");
    if (event_read(call, input, kept, sizeof kept / sizeof kept[0], event))
        visitor_capture(call, event, on_captured);
}
