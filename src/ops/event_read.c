/* event_read.c: an event as track-event's body spells it, read into struct event_input.
 *
 * SPDX-License-Identifier: MIT */
#include "event_read.h"

#include "identity_args.h"
#include "kvcrm/base/clock.h"

#define YEAR_2000_MS 946684800000LL
#define SESSION_WORD_MAX 64 /* bytes of a device or a browser that is remembered */

static struct slice text_of(const struct call *call, unsigned field)
{
    return call->fields.values[field].text;
}

static void read_type(struct call *call, struct event_input *event)
{
    struct slice name = text_of(call, IN_EVENT_TYPE);

    event->rule = event_rule_of(name);
    event->type = event_type_stored(event->rule, name, &call->arena);
    if (event->rule != NULL)
        return;
    if (!event_type_is_well_formed(name))
        fault_add(&call->faults, &call->arena, SLICE("event_type"), "format",
                  "Expected a letter, then letters, digits, blanks or _ . : -, 64 at most");
    else if (call->env->settings.strict_events)
        fault_add(&call->faults, &call->arena, SLICE("event_type"), "unknown_event_type",
                  "Expected one of the built-in event types");
}

void event_read_identities(struct call *call, struct event_input *event,
                           const char *const names[IDENTITY_KINDS])
{
    const struct identity_rules *rules = &call->env->settings.identity;
    struct slice email = event->typed[IDENTITY_EMAIL], phone = event->typed[IDENTITY_PHONE];

    identity_read(event->typed, rules, &call->arena, event->identity);
    event->identified = identity_count(event->identity) > 0;
    if (event->identified)
        return;
    /* Something was typed that is neither an address nor a number: say so, rather than lose it. */
    if (email.n > 0)
        fault_add(&call->faults, &call->arena, slice_of(names[IDENTITY_EMAIL]), "email",
                  "Expected an e-mail address");
    if (phone.n > 0)
        fault_add(&call->faults, &call->arena, slice_of(names[IDENTITY_PHONE]), "phone",
                  "Expected a phone number of 7 to 15 digits");
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
    for (int kind = IDENTITY_EMAIL; kind <= IDENTITY_PHONE; kind++) {
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

int64_t event_read_time(const struct call *call, int64_t at)
{
    return at < YEAR_2000_MS || at > call->in.received_ms ? call->in.received_ms : at;
}

static int64_t occurred_ms(struct call *call, struct jr_value data)
{
    int64_t at = 0;
    struct jr_value value;

    if (call->fields.values[IN_OCCURRED_AT].present)
        return call->fields.values[IN_OCCURRED_AT].number;
    if (call->fields.values[IN_TIMESTAMP].present)
        return call->fields.values[IN_TIMESTAMP].number;
    if (!jr_member(data, SLICE("timestamp"), &value))
        return 0;
    bool read = value.type == JR_STRING ? clock_parse(jr_text(value, &call->arena), &at)
                                        : jr_i64(value, &at);
    return read ? at : 0;
}

/* Writes the object anew: without ip_address, which is not ours to keep (API.md), and with the
 * session's id spelled plainly, so that a script finds it in there (lua/session_get.lua). */
static void write_session(struct call *call, struct event_input *event, struct jr_value session)
{
    struct jw w = jw_on(call_body(call));
    struct jr_iter it = jr_iter(session);
    struct jr_value name, value;
    bool has_id = event->session_id.n == 0;

    jw_object(&w);
    while (session.type == JR_OBJECT && jr_next(&it, &name, &value)) {
        bool is_id = jr_string_is(name, SLICE("session_id")) && event->session_id.n > 0;
        if (jr_string_is(name, SLICE("ip_address")))
            continue;
        jw_key_slice(&w, jr_text(name, &call->arena));
        if (is_id && value.type != JR_NUMBER)
            jw_string(&w, event->session_id);
        else
            jw_raw(&w, value.raw);
        has_id = has_id || is_id;
    }
    if (!has_id) {
        jw_key(&w, "session_id");
        jw_string(&w, event->session_id);
    }
    jw_object_end(&w);
    event->session = arena_copy(&call->arena, buf_slice(w.b));
}

static struct slice session_word(struct call *call, struct jr_value session, const char *name)
{
    struct slice word = member_text(call, session, name);

    return word.n <= SESSION_WORD_MAX ? word : SLICE_NONE; /* it stays readable in the activity */
}

static bool is_plain(struct jr_value id, struct slice text)
{
    return id.type != JR_STRING || (!id.escaped && id.raw.n == text.n + 2);
}

static void read_session(struct call *call, struct event_input *event)
{
    struct jr_value session = call->fields.values[IN_SESSION].json, id, address;

    if (!call->fields.values[IN_SESSION].present)
        return;
    event->session = session.raw;
    event->session_id = identity_ext(text_of(call, IN_SESSION_ID));
    event->device = session_word(call, session, "device");
    event->browser = session_word(call, session, "browser");
    bool spelled_otherwise =
        jr_member(session, SLICE("session_id"), &id) && !is_plain(id, event->session_id);
    if (spelled_otherwise || jr_member(session, SLICE("ip_address"), &address))
        write_session(call, event, session);
}

void event_put_session(struct call *call, struct event_input *event, struct slice session_id)
{
    struct jr_value session = {.type = JR_NULL};
    struct jr_fault fault;

    event->session_id = session_id;
    if (event->session.n > 0 && jr_parse(event->session, &session, &fault) != OK)
        session.type = JR_NULL; /* cannot be: it was read a moment ago */
    write_session(call, event, session);
}

static void write_traits(struct call *call, const struct event_input *event, struct jw *w)
{
    if (event->trait_count == 0)
        return;
    jw_key(w, "customer");
    jw_object(w);
    for (unsigned i = 0; i < event->trait_count; i++) {
        jw_key_slice(w, jr_text(event->traits[i].name, &call->arena));
        jw_raw(w, event->traits[i].value.raw);
    }
    jw_object_end(w);
}

void event_read_extras(struct call *call, const struct field *customer,
                       const struct event_kept *kept, unsigned kept_count,
                       struct event_input *event)
{
    const struct field_extra *extras = call->fields.extras;
    struct field_extra *traits =
        arena_alloc(&call->arena, (call->fields.extra_count + 1) * sizeof *traits);
    unsigned others = 0;

    for (unsigned i = 0; i < call->fields.extra_count; i++) {
        if (extras[i].in == NULL)
            others++;
        else if (extras[i].in == customer)
            traits[event->trait_count++] = extras[i];
    }
    event->traits = traits;
    for (unsigned i = 0; i < kept_count; i++)
        others += kept[i].json.n > 0;
    if (others + event->trait_count == 0)
        return;

    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    for (unsigned i = 0; i < kept_count; i++) {
        if (kept[i].json.n == 0)
            continue;
        jw_key(&w, kept[i].name);
        jw_raw(&w, kept[i].json);
    }
    for (unsigned i = 0; i < call->fields.extra_count; i++) {
        if (extras[i].in != NULL)
            continue;
        jw_key_slice(&w, jr_text(extras[i].name, &call->arena));
        jw_raw(&w, extras[i].value.raw);
    }
    write_traits(call, event, &w);
    jw_object_end(&w);
    event->extra = arena_copy(&call->arena, buf_slice(w.b));
}

bool event_read(struct call *call, const struct field *table, const struct event_kept *kept,
                unsigned kept_count, struct event_input *event)
{
    static const char *const names[IDENTITY_KINDS] = {"customer.id", "customer.email",
                                                      "customer.phone"};

    read_type(call, event);
    event->data = call->fields.values[IN_EVENT_DATA].json;
    event->data_field = SLICE("event_data");
    event->typed[IDENTITY_EXT] = text_of(call, IN_CUSTOMER_ID);
    event->typed[IDENTITY_EMAIL] = text_of(call, IN_CUSTOMER_EMAIL);
    event->typed[IDENTITY_PHONE] = text_of(call, IN_CUSTOMER_PHONE);
    event_read_identities(call, event, names);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return false;
    }
    read_names(call, event);
    read_updates(call, event);
    event->occurred_ms = event_read_time(call, occurred_ms(call, event->data));
    read_session(call, event);
    event_read_extras(call, &table[IN_CUSTOMER], kept, kept_count, event);
    event->event_id = text_of(call, IN_EVENT_ID);
    return true;
}
