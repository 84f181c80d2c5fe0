/* lead_input.c: the body of POST /api/leads, read (seed 003).
 *
 * SPDX-License-Identifier: MIT */
#include "lead_input.h"

#include "kvcrm/model/calendar.h"
#include "kvcrm/model/failure_text.h"
#include "kvcrm/model/money.h"
#include "kvcrm/model/place.h"

#define CONTACTS_MAX 10
#define HANDLE_MAX 254
#define CONTEXT_MAX 32768 /* bytes */
#define ERROR_MAX 65536
#define YEAR_2000_MS INT64_C(946684800000)

enum {
    IN_SOURCE,
    IN_CONTACTS,
    IN_CONTEXT,
    IN_ADULTS,
    IN_KIDS,
    IN_BUDGET,
    IN_ZIP,
    IN_SERVICE,
    IN_DATE,
    IN_TIME,
    IN_NOTES,
    IN_FORM,
    IN_FORM_NAME,
    IN_FORM_PHONE,
    IN_FORM_EMAIL,
    IN_FORM_DATE,
    IN_FORM_TIME,
    IN_FORM_GUESTS,
    IN_FORM_ADDRESS,
    IN_FORM_CITY,
    IN_FORM_STATE,
    IN_FORM_ZIP,
    IN_FORM_SERVICE,
    IN_ERROR,
    IN_ERROR_KIND,
    IN_REASON,
    IN_NAME,
    IN_MESSAGE,
    IN_INTERACTION,
    IN_PROCEDURE,
    IN_PRIVACY,
    IN_SESSION,
    IN_EVENT_ID,
    IN_OCCURRED_AT,
    IN_UTM_SOURCE,
    IN_UTM_MEDIUM,
    IN_UTM_CAMPAIGN
};

/* clang-format off */
const struct field lead_input_fields[] = {
    [IN_SOURCE]       = {.name = "source", .type = FIELD_LINE, .need = REQUIRED, .max = LEAD_SOURCE_MAX},
    [IN_CONTACTS]     = {.name = "contacts", .type = FIELD_ARRAY, .max = CONTACTS_MAX},
    [IN_CONTEXT]      = {.name = "context", .type = FIELD_OBJECT, .max = CONTEXT_MAX},
    [IN_ADULTS]       = {.name = "context.party_size_adults", .type = FIELD_INT, .max = FAILURE_GUESTS_MAX},
    [IN_KIDS]         = {.name = "context.party_size_kids", .type = FIELD_INT, .max = FAILURE_GUESTS_MAX},
    [IN_BUDGET]       = {.name = "context.estimated_budget_dollars", .type = FIELD_MONEY},
    [IN_ZIP]          = {.name = "context.zip_code", .type = FIELD_ID, .max = 20},
    [IN_SERVICE]      = {.name = "context.service_type", .type = FIELD_LINE, .max = 100},
    [IN_DATE]         = {.name = "context.preferred_date", .type = FIELD_LINE, .max = 40},
    [IN_TIME]         = {.name = "context.preferred_time", .type = FIELD_LINE, .max = 40},
    [IN_NOTES]        = {.name = "context.notes", .type = FIELD_TEXT, .max = 10000},
    [IN_FORM]         = {.name = "form", .type = FIELD_OBJECT, .max = CONTEXT_MAX},
    [IN_FORM_NAME]    = {.name = "form.name", .type = FIELD_LINE, .max = 255},
    [IN_FORM_PHONE]   = {.name = "form.phone", .type = FIELD_ID, .max = HANDLE_MAX},
    [IN_FORM_EMAIL]   = {.name = "form.email", .type = FIELD_LINE, .max = HANDLE_MAX},
    [IN_FORM_DATE]    = {.name = "form.preferred_date", .type = FIELD_LINE, .max = 40},
    [IN_FORM_TIME]    = {.name = "form.preferred_time", .type = FIELD_LINE, .max = 40},
    [IN_FORM_GUESTS]  = {.name = "form.guest_count", .type = FIELD_INT, .max = FAILURE_GUESTS_MAX},
    [IN_FORM_ADDRESS] = {.name = "form.address", .type = FIELD_LINE, .max = 500},
    [IN_FORM_CITY]    = {.name = "form.city", .type = FIELD_LINE, .max = 100},
    [IN_FORM_STATE]   = {.name = "form.state", .type = FIELD_LINE, .max = 100},
    [IN_FORM_ZIP]     = {.name = "form.zip_code", .type = FIELD_ID, .max = 20},
    [IN_FORM_SERVICE] = {.name = "form.service_type", .type = FIELD_LINE, .max = 100},
    [IN_ERROR]        = {.name = "error", .type = FIELD_JSON, .max = ERROR_MAX},
    [IN_ERROR_KIND]   = {.name = "error_kind", .type = FIELD_LINE, .max = 32},
    [IN_REASON]       = {.name = "failure_reason", .type = FIELD_LINE, .max = 64},
    [IN_NAME]         = {.name = "name", .type = FIELD_LINE, .max = 255},
    [IN_MESSAGE]      = {.name = "message", .type = FIELD_TEXT, .max = 65536},
    [IN_INTERACTION]  = {.name = "interaction_id", .type = FIELD_ID, .max = 128},
    [IN_PROCEDURE]    = {.name = "procedure_name", .type = FIELD_LINE, .max = 255},
    [IN_PRIVACY]      = {.name = "privacy_version", .type = FIELD_ID, .max = 64},
    [IN_SESSION]      = {.name = "session_id", .type = FIELD_ID, .max = 255},
    [IN_EVENT_ID]     = {.name = "event_id", .type = FIELD_ID, .max = 128},
    [IN_OCCURRED_AT]  = {.name = "occurred_at", .type = FIELD_TIME, .lenient = true},
    [IN_UTM_SOURCE]   = {.name = "utm_source", .type = FIELD_LINE, .max = 255},
    [IN_UTM_MEDIUM]   = {.name = "utm_medium", .type = FIELD_LINE, .max = 255},
    [IN_UTM_CAMPAIGN] = {.name = "utm_campaign", .type = FIELD_LINE, .max = 255},
    {.name = NULL},
};
/* clang-format on */

static const struct field_value *value_of(const struct call *call, unsigned field)
{
    return &call->fields.values[field];
}

static struct slice text_of(const struct call *call, unsigned field)
{
    return value_of(call, field)->present ? slice_trim(value_of(call, field)->text) : SLICE_NONE;
}

/* The first that was given, and which one it was. */
static struct slice either(const struct call *call, unsigned first, unsigned second, unsigned *from)
{
    *from = text_of(call, first).n > 0 ? first : second;
    return text_of(call, *from);
}

static void fault_at(struct call *call, unsigned field, const char *code, const char *expected)
{
    fault_add(&call->faults, &call->arena, slice_of(lead_input_fields[field].name), code, "%s",
              expected);
}

/* How the person is reached ---------------------------------------------------------------------
 */

static void print_contact(struct jw *w, struct slice channel, struct slice handle, bool verified)
{
    jw_object(w);
    jw_key(w, "channel");
    jw_string(w, channel);
    jw_key(w, "handle_or_address");
    jw_string(w, handle);
    jw_key(w, "verified");
    jw_bool(w, verified);
    jw_object_end(w);
}

static struct slice channel_of(struct slice word)
{
    static const char *const channels[] = {"SMS", "EMAIL", "PHONE", "WHATSAPP"};

    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        if (slice_ieq(word, slice_of(channels[i])))
            return slice_of(channels[i]);
    }
    return SLICE_NONE;
}

static struct slice member_text(struct call *call, struct jr_value object, const char *name)
{
    struct jr_value value;

    if (!jr_member(object, slice_of(name), &value))
        return SLICE_NONE;
    if (value.type == JR_NUMBER)
        return value.raw;
    return value.type == JR_STRING ? slice_trim(jr_text(value, &call->arena)) : SLICE_NONE;
}

static void contact_fault(struct call *call, unsigned i, const char *member, const char *expected)
{
    fault_add(&call->faults, &call->arena, arena_printf(&call->arena, "contacts.%u.%s", i, member),
              "format", "%s", expected);
}

/* The contacts of the structure: each is a channel and an address. */
static void read_contacts(struct call *call, struct lead_input *lead, struct jw *w)
{
    struct jr_iter it = jr_iter(value_of(call, IN_CONTACTS)->json);
    struct jr_value contact, verified;

    for (unsigned i = 0; jr_next(&it, NULL, &contact); i++) {
        struct slice channel = channel_of(member_text(call, contact, "channel"));
        struct slice handle = member_text(call, contact, "handle_or_address");
        if (channel.n == 0)
            contact_fault(call, i, "channel", "Expected SMS, EMAIL, PHONE or WHATSAPP");
        if (field_chars(handle) > HANDLE_MAX)
            contact_fault(call, i, "handle_or_address", "Expected at most 254 characters");
        if (channel.n == 0 || handle.n == 0)
            continue; /* a channel without an address reaches nobody */
        bool is_email = slice_is(channel, "EMAIL");
        struct slice *first = is_email ? &lead->email : &lead->phone;
        if (first->n == 0)
            *first = handle;
        print_contact(w, channel, handle,
                      jr_member(contact, SLICE("verified"), &verified) && verified.type == JR_TRUE);
    }
}

static void read_reach(struct call *call, struct lead_input *lead)
{
    struct jw w = jw_on(call_body(call));

    jw_array(&w);
    if (value_of(call, IN_CONTACTS)->present)
        read_contacts(call, lead, &w);
    if (lead->phone.n == 0 && lead->email.n == 0) {
        lead->phone = text_of(call, IN_FORM_PHONE);
        lead->email = text_of(call, IN_FORM_EMAIL);
        if (lead->phone.n > 0)
            print_contact(&w, SLICE("SMS"), lead->phone, false);
        if (lead->email.n > 0)
            print_contact(&w, SLICE("EMAIL"), lead->email, false);
    }
    jw_array_end(&w);
    lead->contacts = arena_copy(&call->arena, buf_slice(w.b));
}

/* What failed -----------------------------------------------------------------------------------
 */

static void read_failure(struct call *call, struct lead_input *lead)
{
    struct slice kind = text_of(call, IN_ERROR_KIND), given = text_of(call, IN_REASON);
    struct failure_facts said;
    struct jr_value none = {.type = JR_NULL};
    bool has_error = value_of(call, IN_ERROR)->present;

    if (lead->kind != LEAD_SOURCE_BOOKING_FAILED)
        return;
    if (kind.n > 0 && !slice_is(kind, "api") && !slice_is(kind, "exception"))
        fault_at(call, IN_ERROR_KIND, "enum", "Expected api or exception");
    failure_notes_read(text_of(call, IN_NOTES), &said);
    struct slice error =
        failure_error_text(has_error ? value_of(call, IN_ERROR)->json : none, &call->arena);
    if (!has_error && said.detail.n > 0)
        error = said.detail;
    bool is_exception = slice_is(kind, "exception");
    bool by_refined = slice_is(slice_of(call->env->settings.classifier), "refined");
    enum failure_reason literal = failure_classify(error, is_exception);
    lead->refined = failure_classify_refined(error, is_exception);
    lead->reason = by_refined ? lead->refined : literal;
    lead->other = by_refined ? literal : lead->refined;
    lead->detail = failure_detail(error, &call->arena);
    if (lead->name.n == 0)
        lead->name = said.name;
    /* A caller who only sends the structure says the reason in its notes. */
    if (given.n == 0 && !has_error && failure_reason_of(said.reason) != FAILURE_NONE)
        given = said.reason;
    if (given.n == 0)
        return;
    lead->reason = failure_reason_of(given);
    if (!has_error && said.detail.n == 0)
        lead->refined = lead->other = lead->reason; /* there is no text to judge */
    if (lead->reason == FAILURE_NONE) {
        fault_at(call, IN_REASON, "enum",
                 "Expected slot_unavailable, date_unavailable, booking_failed or booking_error");
        lead->reason = lead->refined; /* for what follows; the call is refused */
    }
}

/* What the person wants -------------------------------------------------------------------------
 */

static void read_when(struct call *call, struct lead_input *lead)
{
    unsigned date_field, time_field;
    int64_t day;

    lead->date = either(call, IN_DATE, IN_FORM_DATE, &date_field);
    lead->time = either(call, IN_TIME, IN_FORM_TIME, &time_field);
    if (lead->date.n > 0 && !calendar_read(lead->date, &day))
        fault_at(call, date_field, "format", "Expected a date of the calendar, YYYY-MM-DD");
    if (lead->time.n == 0 || slot_is_word(lead->time))
        return;
    if (call->env->settings.strict_fields)
        fault_at(call, time_field, "enum", "Expected 12PM, 3PM, 6PM or 9PM");
    lead->warnings[lead->warning_count++] = lead_input_fields[time_field].name;
}

static void put_number(struct jw *w, const char *key, bool known, int64_t number)
{
    jw_key(w, key);
    if (known)
        jw_i64(w, number);
    else
        jw_null(w);
}

static void put_text(struct jw *w, const char *key, struct slice text, bool always)
{
    if (text.n == 0 && !always)
        return;
    jw_key(w, key);
    jw_string_or_null(w, text);
}

/* Members of the context that the seed does not name are kept. */
static void put_extras(struct call *call, struct jw *w)
{
    for (unsigned i = 0; i < call->fields.extra_count; i++) {
        const struct field_extra *extra = &call->fields.extras[i];
        if (extra->in != &lead_input_fields[IN_CONTEXT])
            continue;
        jw_key_slice(w, jr_text(extra->name, &call->arena));
        jw_raw(w, extra->value.raw);
    }
}

static struct slice notes_of(struct call *call, const struct lead_input *lead,
                             const struct place *place)
{
    struct slice given =
        value_of(call, IN_NOTES)->present ? value_of(call, IN_NOTES)->text : SLICE_NONE;

    if (given.n > 0 || lead->kind != LEAD_SOURCE_BOOKING_FAILED)
        return given;
    struct failure_facts facts = {
        .name = lead->name,
        .reason = slice_of(failure_row(lead->reason)->slug),
        .date = lead->date,
        .time = lead->time,
        .address = place_full(place, &call->arena),
        .detail = lead->detail,
    };
    return failure_notes(&facts, &call->arena);
}

/* The context as seed 003 has it; of a failed booking with all its members. */
static void read_context(struct call *call, struct lead_input *lead)
{
    const struct settings *settings = &call->env->settings;
    const struct field_value *adults = value_of(call, IN_ADULTS), *kids = value_of(call, IN_KIDS);
    bool whole = lead->kind == LEAD_SOURCE_BOOKING_FAILED;
    struct slice budget = SLICE_NONE;
    unsigned from;

    if (!adults->present)
        adults = value_of(call, IN_FORM_GUESTS);
    struct place place = {text_of(call, IN_FORM_ADDRESS), text_of(call, IN_FORM_CITY),
                          text_of(call, IN_FORM_STATE), either(call, IN_ZIP, IN_FORM_ZIP, &from)};
    lead->zip_code = place.zip_code;
    lead->service_type = either(call, IN_SERVICE, IN_FORM_SERVICE, &from);
    if (lead->service_type.n == 0 && whole)
        lead->service_type = SLICE("hibachi_catering");
    lead->budget_minor =
        value_of(call, IN_BUDGET)->present ? value_of(call, IN_BUDGET)->number : -1;
    if (lead->budget_minor < 0 && whole && adults->present)
        budget = failure_budget((struct failure_party){adults->number, kids->number},
                                settings->kids_factor, settings->price_per_guest, 2, &call->arena);

    struct slice notes = notes_of(call, lead, &place);
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    if (whole || adults->present)
        put_number(&w, "party_size_adults", adults->present, adults->number);
    if (whole || kids->present)
        put_number(&w, "party_size_kids", true, kids->present ? kids->number : 0);
    if (whole || lead->budget_minor >= 0) {
        jw_key(&w, "estimated_budget_dollars");
        if (lead->budget_minor >= 0)
            jw_decimal(&w, lead->budget_minor, settings->decimals);
        else if (budget.n > 0)
            jw_raw(&w, budget);
        else
            jw_null(&w);
    }
    put_text(&w, "zip_code", lead->zip_code, whole);
    put_text(&w, "service_type", lead->service_type, whole);
    put_text(&w, "preferred_date", lead->date, whole);
    put_text(&w, "preferred_time", lead->time, whole);
    put_text(&w, "notes", notes, whole);
    put_text(&w, "address", place.address, false);
    put_text(&w, "city", place.city, false);
    put_text(&w, "state", place.state, false);
    put_extras(call, &w);
    jw_object_end(&w);
    lead->context = arena_copy(&call->arena, buf_slice(w.b));
    if (budget.n > 0 && !money_parse(budget, settings->decimals, &lead->budget_minor))
        lead->budget_minor = -1;
}

static struct slice preset(struct slice given, bool whole, const char *text)
{
    return given.n > 0 || !whole ? given : slice_of(text);
}

static void read_campaign(struct call *call, struct lead_input *lead)
{
    bool whole = lead->kind == LEAD_SOURCE_BOOKING_FAILED;

    lead->utm_source = preset(text_of(call, IN_UTM_SOURCE), whole, "website");
    lead->utm_medium = preset(text_of(call, IN_UTM_MEDIUM), whole, "booking_form");
    lead->utm_campaign = preset(text_of(call, IN_UTM_CAMPAIGN), whole, "failed_booking_recovery");
}

void lead_input_read(struct call *call, struct lead_input *lead)
{
    const struct field_value *occurred = value_of(call, IN_OCCURRED_AT);
    unsigned from;

    *lead = (struct lead_input){.source_word = text_of(call, IN_SOURCE), .budget_minor = -1};
    lead->source = lead_source_slug(lead->source_word, &call->arena);
    lead->kind = lead_source_of(lead->source);
    if (lead->source.n == 0)
        fault_at(call, IN_SOURCE, "format", "Expected a word");
    else if (lead->kind == LEAD_SOURCE_BOOKING_FORM || lead->kind == LEAD_SOURCE_WHATSAPP)
        fault_at(call, IN_SOURCE, "enum",
                 "Expected a source other than those that have paths of their own");
    if (lead->kind != LEAD_SOURCE_OTHER)
        lead->source_word = slice_of(lead_source_word(lead->kind));
    lead->name = either(call, IN_NAME, IN_FORM_NAME, &from);
    lead->message =
        value_of(call, IN_MESSAGE)->present ? value_of(call, IN_MESSAGE)->text : SLICE_NONE;
    lead->interaction_id = text_of(call, IN_INTERACTION);
    lead->procedure_name = text_of(call, IN_PROCEDURE);
    lead->privacy_version = text_of(call, IN_PRIVACY);
    lead->session = text_of(call, IN_SESSION);
    lead->event_id = text_of(call, IN_EVENT_ID);
    lead->occurred_ms = call->in.received_ms;
    if (occurred->present && occurred->number >= YEAR_2000_MS &&
        occurred->number < call->in.received_ms)
        lead->occurred_ms = occurred->number;
    read_reach(call, lead);
    read_failure(call, lead);
    read_when(call, lead);
    read_context(call, lead);
    read_campaign(call, lead);
}
