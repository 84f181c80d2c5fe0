/* event_track.c: seed 001's call: an event of a customer known by id, e-mail or phone.
 *
 * An event without any of them is answered 202 and not stored at all (seed 001: no tracking of
 * logged-out users).
 *
 * SPDX-License-Identifier: MIT */
#include "event_capture.h"
#include "kvcrm/base/clock.h"

#define YEAR_2000_MS 946684800000LL

static void run(struct call *call);

enum {
    IN_EVENT_TYPE,
    IN_CUSTOMER,
    IN_CUSTOMER_ID,
    IN_CUSTOMER_EMAIL,
    IN_CUSTOMER_NAME,
    IN_CUSTOMER_PHONE,
    IN_CUSTOMER_FIRST_NAME,
    IN_CUSTOMER_LAST_NAME,
    IN_EVENT_DATA,
    IN_SESSION,
    IN_SESSION_ID,
    IN_EVENT_ID,
    IN_OCCURRED_AT,
    IN_TIMESTAMP
};

/* clang-format off */
static const struct field input[] = {
    [IN_EVENT_TYPE]          = {.name = "event_type", .type = FIELD_LINE, .need = REQUIRED, .max = EVENT_TYPE_MAX},
    [IN_CUSTOMER]            = {.name = "customer", .type = FIELD_OBJECT},
    [IN_CUSTOMER_ID]         = {.name = "customer.id", .type = FIELD_ID, .max = 128},
    [IN_CUSTOMER_EMAIL]      = {.name = "customer.email", .type = FIELD_LINE, .max = 254},
    [IN_CUSTOMER_NAME]       = {.name = "customer.name", .type = FIELD_LINE, .max = 255},
    [IN_CUSTOMER_PHONE]      = {.name = "customer.phone", .type = FIELD_ID, .max = 64},
    [IN_CUSTOMER_FIRST_NAME] = {.name = "customer.first_name", .type = FIELD_LINE, .max = 255},
    [IN_CUSTOMER_LAST_NAME]  = {.name = "customer.last_name", .type = FIELD_LINE, .max = 255},
    [IN_EVENT_DATA]          = {.name = "event_data", .type = FIELD_OBJECT, .max = EVENT_DATA_MAX},
    [IN_SESSION]             = {.name = "session", .type = FIELD_OBJECT, .max = EVENT_DATA_MAX},
    [IN_SESSION_ID]          = {.name = "session.session_id", .type = FIELD_ID, .max = 255},
    [IN_EVENT_ID]            = {.name = "event_id", .type = FIELD_ID, .max = 128},
    [IN_OCCURRED_AT]         = {.name = "occurred_at", .type = FIELD_TIME, .lenient = true},
    [IN_TIMESTAMP]           = {.name = "timestamp", .type = FIELD_TIME, .lenient = true},
    {.name = NULL},
};
/* clang-format on */

const struct op op_event_track = {
    .name = "event_track",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .run = run,
};

static struct slice text_of(const struct call *call, unsigned field)
{
    return call->fields.values[field].text;
}

static void read_type(struct call *call, struct event_input *event)
{
    event->name = text_of(call, IN_EVENT_TYPE);
    event->rule = event_rule_of(event->name);
    if (event->rule != NULL)
        return;
    if (!event_type_is_well_formed(event->name))
        fault_add(&call->faults, &call->arena, SLICE("event_type"), "format",
                  "Expected a letter, then letters, digits, blanks or _ . : -, 64 at most");
    else if (call->env->settings.strict_events)
        fault_add(&call->faults, &call->arena, SLICE("event_type"), "unknown_event_type",
                  "Expected one of the built-in event types");
}

/* Returns whether anything was given as an identity at all. */
static bool read_identities(struct call *call, struct event_input *event)
{
    static const unsigned fields[IDENTITY_KINDS] = {IN_CUSTOMER_ID, IN_CUSTOMER_EMAIL,
                                                    IN_CUSTOMER_PHONE};
    const struct identity_rules *rules = &call->env->settings.identity;
    bool identified = false, given = false;

    for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
        event->typed[kind] = text_of(call, fields[kind]);
        event->identity[kind] = identity_of(kind, event->typed[kind], rules, &call->arena);
        identified = identified || event->identity[kind].n > 0;
        given = given || (kind != IDENTITY_EXT && event->typed[kind].n > 0);
    }
    if (identified || !given)
        return identified;
    /* Something was typed that is neither an address nor a number: say so, rather than lose it. */
    if (event->typed[IDENTITY_EMAIL].n > 0)
        fault_add(&call->faults, &call->arena, SLICE("customer.email"), "email",
                  "Expected an e-mail address");
    if (event->typed[IDENTITY_PHONE].n > 0)
        fault_add(&call->faults, &call->arena, SLICE("customer.phone"), "phone",
                  "Expected a phone number of 7 to 15 digits");
    return false;
}

static void read_names(struct call *call, struct event_input *event)
{
    struct slice name = text_of(call, IN_CUSTOMER_NAME);

    /* The real caller falls back to the e-mail address when it knows no name. */
    if (name.n > 0 && !slice_ieq(name, event->typed[IDENTITY_EMAIL]))
        identity_split_name(name, &event->first_name, &event->last_name);
    if (text_of(call, IN_CUSTOMER_FIRST_NAME).n > 0)
        event->first_name = text_of(call, IN_CUSTOMER_FIRST_NAME);
    if (text_of(call, IN_CUSTOMER_LAST_NAME).n > 0)
        event->last_name = text_of(call, IN_CUSTOMER_LAST_NAME);
}

static struct slice member_text(struct call *call, struct jr_value object, const char *name)
{
    return event_data_text(object, name, &call->arena, NULL);
}

/* customer.updated brings its changes as customer.* or as event_data.updates.*; the latter wins. */
static void read_updates(struct call *call, struct event_input *event)
{
    const struct identity_rules *rules = &call->env->settings.identity;
    struct jr_value updates = {.type = JR_NULL};

    if (event->rule == NULL || !event->rule->updates_profile)
        return;
    memcpy(event->new_identity, event->identity, sizeof event->new_identity);
    if (!jr_member(event->data, SLICE("updates"), &updates) || updates.type != JR_OBJECT)
        return;
    for (int kind = IDENTITY_EMAIL; kind < IDENTITY_KINDS; kind++) {
        struct slice typed = member_text(call, updates, identity_word(kind));
        struct slice fresh = identity_of(kind, typed, rules, &call->arena);
        if (fresh.n > 0) {
            event->new_identity[kind] = fresh;
            event->typed[kind] = typed;
        }
    }
    struct slice name = member_text(call, updates, "name");
    if (name.n > 0)
        identity_split_name(name, &event->first_name, &event->last_name);
    struct slice first = member_text(call, updates, "first_name");
    struct slice last = member_text(call, updates, "last_name");
    event->first_name = first.n > 0 ? first : event->first_name;
    event->last_name = last.n > 0 ? last : event->last_name;
}

static void read_occurred(struct call *call, struct event_input *event)
{
    int64_t at = 0;
    struct jr_value value;

    if (call->fields.values[IN_OCCURRED_AT].present) {
        at = call->fields.values[IN_OCCURRED_AT].number;
    } else if (call->fields.values[IN_TIMESTAMP].present) {
        at = call->fields.values[IN_TIMESTAMP].number;
    } else if (jr_member(event->data, SLICE("timestamp"), &value)) {
        bool read = value.type == JR_STRING ? clock_parse(jr_text(value, &call->arena), &at)
                                            : jr_i64(value, &at);
        at = read ? at : 0;
    }
    if (at < YEAR_2000_MS || at > call->in.received_ms)
        at = call->in.received_ms;
    event->occurred_ms = at;
}

/* The session as it was sent; without ip_address, which is not ours to keep (API.md). */
static void read_session(struct call *call, struct event_input *event)
{
    struct jr_value session = call->fields.values[IN_SESSION].json, address, name, value;

    if (!call->fields.values[IN_SESSION].present)
        return;
    event->session = session.raw;
    event->session_id = text_of(call, IN_SESSION_ID);
    if (!jr_member(session, SLICE("ip_address"), &address))
        return;
    struct jw w = jw_on(call_body(call));
    struct jr_iter it = jr_iter(session);
    jw_object(&w);
    while (jr_next(&it, &name, &value)) {
        if (jr_string_is(name, SLICE("ip_address")))
            continue;
        jw_key_slice(&w, jr_text(name, &call->arena));
        jw_raw(&w, value.raw);
    }
    jw_object_end(&w);
    event->session = arena_copy(&call->arena, buf_slice(w.b));
}

/* Members nobody asked for: of the body, and under "customer" those of the customer, which are the
 * contact's traits too. */
static void read_extras(struct call *call, struct event_input *event)
{
    const struct field_extra *extras = call->fields.extras;
    const struct field *customer = &input[IN_CUSTOMER];
    struct field_extra *traits =
        arena_alloc(&call->arena, (call->fields.extra_count + 1) * sizeof *traits);
    unsigned others = 0;

    for (unsigned i = 0; i < call->fields.extra_count; i++) {
        if (extras[i].in == customer)
            traits[event->trait_count++] = extras[i];
        else if (extras[i].in == NULL)
            others++;
    }
    event->traits = traits;
    if (others + event->trait_count == 0)
        return;

    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    for (unsigned i = 0; i < call->fields.extra_count; i++) {
        if (extras[i].in != NULL)
            continue;
        jw_key_slice(&w, jr_text(extras[i].name, &call->arena));
        jw_raw(&w, extras[i].value.raw);
    }
    if (event->trait_count > 0) {
        jw_key(&w, "customer");
        jw_object(&w);
        for (unsigned i = 0; i < event->trait_count; i++) {
            jw_key_slice(&w, jr_text(traits[i].name, &call->arena));
            jw_raw(&w, traits[i].value.raw);
        }
        jw_object_end(&w);
    }
    jw_object_end(&w);
    event->extra = arena_copy(&call->arena, buf_slice(w.b));
}

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
    jw_string(&w, result->contact_id);
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

    read_type(call, event);
    event->data = call->fields.values[IN_EVENT_DATA].json;
    event->data_field = SLICE("event_data");
    bool identified = read_identities(call, event);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!identified) {
        answer_ignored(call);
        return;
    }
    read_names(call, event);
    read_updates(call, event);
    read_occurred(call, event);
    read_session(call, event);
    read_extras(call, event);
    event->event_id = text_of(call, IN_EVENT_ID);
    event_capture(call, event, on_captured);
}
