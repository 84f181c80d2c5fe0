/* interaction_add.c: seed 002's call: what a visitor did with a form or a call to action.
 *
 * The same capture as that of an event, in other words: the interaction's type is the activity's.
 *
 * SPDX-License-Identifier: MIT */
#include "event_read.h"
#include "interaction_view.h"
#include "kvcrm/model/utf8.h"
#include "visitor.h"
#include "visitor_capture.h"

#define TYPE_MAX 50
#define PAGE_MAX 100                      /* characters; more are cut off */
#define PAGE_JSON_MAX 800                 /* bytes, escapes and quotes included */
#define PAGE_TAKEN ((int64_t)1024 * 1024) /* more than any body */

static void run(struct call *call);

enum {
    IN_TYPE,
    IN_SESSION_TEXT,
    IN_USER_ID,
    IN_SOURCE_PAGE,
    IN_DATA,
    IN_NAME,
    IN_PHONE,
    IN_PHONE_NUMBER,
    IN_EMAIL,
    IN_ID,
    IN_OCCURRED
};

/* clang-format off */
static const struct field input[] = {
    [IN_TYPE]         = {.name = "interaction_type", .type = FIELD_LINE, .need = REQUIRED, .max = TYPE_MAX},
    [IN_SESSION_TEXT] = {.name = "session_id", .type = FIELD_ID, .max = 255},
    [IN_USER_ID]      = {.name = "user_id", .type = FIELD_ID, .max = 128},
    [IN_SOURCE_PAGE]  = {.name = "source_page", .type = FIELD_LINE, .max = PAGE_TAKEN},
    [IN_DATA]         = {.name = "data", .type = FIELD_JSON, .max = EVENT_DATA_MAX},
    [IN_NAME]         = {.name = "name", .type = FIELD_LINE, .max = 255},
    [IN_PHONE]        = {.name = "phone", .type = FIELD_ID, .max = 64},
    [IN_PHONE_NUMBER] = {.name = "phone_number", .type = FIELD_ID, .max = 64},
    [IN_EMAIL]        = {.name = "email", .type = FIELD_LINE, .max = 254},
    [IN_ID]           = {.name = "event_id", .type = FIELD_ID, .max = 128},
    [IN_OCCURRED]     = {.name = "occurred_at", .type = FIELD_TIME, .lenient = true},
    {.name = NULL},
};
/* clang-format on */

const struct op op_interaction_add = {
    .name = "interaction_add",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .visitor = true,
    .run = run,
};

static struct slice text_of(const struct call *call, unsigned field)
{
    return call->fields.values[field].text;
}

/* The page it happened on, as JSON: the caller's word, else the path that the browser came from. */
static struct slice source_page(struct call *call)
{
    struct slice page = text_of(call, IN_SOURCE_PAGE);
    struct buf json;
    size_t n = 0;

    if (page.n == 0)
        page = visitor_page(call);
    if (page.n == 0 || !utf8_is_valid(page))
        return SLICE_NONE;
    for (unsigned chars = 0; n < page.n; n++) {
        if ((page.p[n] & 0xC0) != 0x80 && chars++ == PAGE_MAX)
            break;
    }
    buf_init(&json, PAGE_JSON_MAX);
    buf_json_string(&json, (struct slice){page.p, n});
    page = arena_copy(&call->arena, buf_slice(&json));
    buf_dispose(&json);
    return page;
}

static void on_captured(struct call *call, const struct event_result *result)
{
    const struct field_value *values = call->fields.values;
    struct interaction interaction = {
        .id = result->activity_id,
        .session_id = result->session_id,
        .type = values[IN_TYPE].text,
        .user_id = values[IN_USER_ID].json.raw,
        .source_page = source_page(call),
        .data = values[IN_DATA].json.raw,
        .created_ms = id_uuid7_ms(result->activity_id), /* the same when it is asked again */
    };
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    interaction_print_members(&interaction, &w);
    jw_key(&w, "contact_id");
    jw_string_or_null(&w, result->contact_id);
    identity_notes_print(&result->notes, &w);
    jw_object_end(&w);
    call_ok(call, 201);
}

/* False: the call is answered. */
static bool read_contact(struct call *call, struct event_input *event)
{
    bool has_phone = text_of(call, IN_PHONE).n > 0;
    const char *const names[IDENTITY_KINDS] = {NULL, "email", has_phone ? "phone" : "phone_number"};
    struct slice name = text_of(call, IN_NAME);

    event->typed[IDENTITY_EMAIL] = text_of(call, IN_EMAIL);
    event->typed[IDENTITY_PHONE] = text_of(call, has_phone ? IN_PHONE : IN_PHONE_NUMBER);
    event_read_identities(call, event, names);
    if (name.n > 0)
        identity_split_name(name, &event->first_name, &event->last_name);
    if (call->faults.count > 0)
        call_invalid(call, &call->faults);
    return call->faults.count == 0;
}

static void run(struct call *call)
{
    struct event_input *event = arena_zalloc(&call->arena, sizeof *event);
    const struct field_value *values = call->fields.values;
    const struct event_kept kept[] = {
        {"source_page", source_page(call)},
        {"user_id", values[IN_USER_ID].json.raw},
    };

    event->rule = event_rule_of(values[IN_TYPE].text);
    event->type = event->rule != NULL ? slice_of(event->rule->type) : values[IN_TYPE].text;
    event->data = values[IN_DATA].json;
    event->data_field = SLICE("data");
    if (!read_contact(call, event))
        return;
    event->occurred_ms = event_read_time(call, values[IN_OCCURRED].number);
    event->event_id = values[IN_ID].text;
    struct slice session_id = identity_ext(values[IN_SESSION_TEXT].text);
    if (session_id.n > 0)
        event_put_session(call, event, session_id);
    event_read_extras(call, NULL, kept, sizeof kept / sizeof kept[0], event);
    visitor_capture(call, event, on_captured);
}
