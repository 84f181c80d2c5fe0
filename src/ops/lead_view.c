/* lead_view.c: a lead in the shape of seed 003, and what both views share.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_view.h"

#include "kvcrm/model/lead.h"
#include "lead_id.h"
#include "record_view.h"

struct slice lead_name(const struct reply *lead)
{
    struct slice name = record_text(lead, "name");

    return name.n > 0 ? name : record_text(lead, "clientName");
}

static void print_handle(struct jw *w, const char *channel, struct slice handle)
{
    if (handle.n == 0)
        return;
    jw_object(w);
    jw_key(w, "channel");
    jw_string(w, slice_of(channel));
    jw_key(w, "handle_or_address");
    jw_string(w, handle);
    jw_key(w, "verified");
    jw_bool(w, false);
    jw_object_end(w);
}

/* As they were captured; of other sources what is known. */
static void print_contacts(struct jw *w, const struct reply *lead)
{
    enum lead_source source = lead_source_of(record_text(lead, "source"));
    struct slice given = record_text(lead, "contacts"), email = record_text(lead, "email");

    jw_key(w, "contacts");
    if (given.n > 0) {
        jw_raw(w, given);
        return;
    }
    jw_array(w);
    print_handle(w, source == LEAD_SOURCE_WHATSAPP ? "WHATSAPP" : "SMS",
                 record_text(lead, "phone"));
    print_handle(w, "EMAIL", email.n > 0 ? email : record_text(lead, "clientEmail"));
    jw_array_end(w);
}

/* What the person wants; of the booking form in the words of seed 003. */
static void print_context(struct jw *w, const struct reply *lead)
{
    static const struct {
        const char *name, *field;
    } form[] = {{"service_type", "eventType"},
                {"preferred_date", "eventDate"},
                {"preferred_time", "timeSlot"},
                {"notes", "message"}};
    struct slice context = record_text(lead, "context");

    jw_key(w, "context");
    if (context.n > 0) {
        jw_raw(w, context);
        return;
    }
    jw_object(w);
    if (lead_source_of(record_text(lead, "source")) == LEAD_SOURCE_BOOKING_FORM) {
        for (size_t i = 0; i < sizeof form / sizeof form[0]; i++)
            record_put_text(w, form[i].name, lead, form[i].field);
    }
    jw_object_end(w);
}

void lead_print(struct call *call, const struct reply *lead, struct jw *w)
{
    record_put_text(w, "id", lead, "id");
    record_put_i64(w, "lead_no", lead, "no");
    lead_put_head(call, lead, w);
    jw_key(w, "name");
    jw_string_or_null(w, lead_name(lead));
    print_contacts(w, lead);
    print_context(w, lead);
    record_put_text(w, "failure_reason", lead, "reason");
    record_put_text(w, "failure_reason_refined", lead, "refined");
    record_put_text(w, "error_detail", lead, "detail");
    jw_key(w, "attempts");
    jw_i64(w, record_text(lead, "attempts").n > 0 ? record_i64(lead, "attempts") : 1);
    record_put_text(w, "utm_source", lead, "utm_source");
    record_put_text(w, "utm_medium", lead, "utm_medium");
    record_put_text(w, "utm_campaign", lead, "utm_campaign");
    record_put_text(w, "procedure_name", lead, "procedure_name");
    record_put_text(w, "message", lead, "message");
    record_put_text(w, "interaction_id", lead, "interaction_id");
    record_put_text(w, "assignee", lead, "assignee");
    record_put_flag(w, "is_active", lead, "is_active");
    record_put_json(w, "student_id", lead, "student_id");
    record_put_json(w, "satisfaction", lead, "satisfaction");
    record_put_text(w, "privacy_version", lead, "privacy_version");
    record_put_time(w, "first_contact_at", lead, "first_contact_at");
    record_put_time(w, "recovered_at", lead, "recovered_at");
    record_put_time(w, "converted_at", lead, "converted_at");
    record_put_time(w, "created_at", lead, "created_at");
    record_put_time(w, "updated_at", lead, "updated_at");
    record_put_i64(w, "version", lead, "v");
}

void lead_put_head(struct call *call, const struct reply *lead, struct jw *w)
{
    struct slice slug = record_text(lead, "source"), word = record_text(lead, "source_word");
    enum lead_source source = lead_source_of(slug);
    struct lead_facts facts = {
        .status = lead_word_of(record_text(lead, "status")),
        .has_contact = slice_is(record_text(lead, "has_contact"), "1"),
        .is_active = slice_is(record_text(lead, "is_active"), "1"),
        .score = record_i64(lead, "score"),
    };

    jw_key(w, "reference");
    jw_string(w, lead_reference((uint64_t)record_i64(lead, "no"), &call->arena));
    jw_key(w, "source");
    jw_string(w, word.n > 0 ? word : slice_of(lead_source_word(source)));
    jw_key(w, "status");
    jw_string(w, slice_of(lead_word(facts.status)));
    jw_key(w, "stage");
    jw_string(w, slice_of(lead_stage(facts)));
    jw_key(w, "quality");
    jw_string(w, slice_of(score_quality(facts.score)));
    jw_key(w, "score");
    jw_i64(w, facts.score);
    record_put_text(w, "contact_id", lead, "contact_id");
    jw_key(w, "has_contact");
    jw_bool(w, facts.has_contact);
}

void lead_etag(struct call *call, const struct reply *lead)
{
    call->out.etag = arena_printf(&call->arena, "\"v%.*s\"", SLICE_ARGS(record_text(lead, "v")));
    call->out.cache_private = true;
}

void lead_answer(struct call *call, const struct reply *lead,
                 void (*print)(struct call *call, const struct reply *lead, struct jw *w))
{
    lead_etag(call, lead);
    if (call_etag_matches(call->in.if_none_match, call->out.etag)) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    print(call, lead, &w);
    jw_object_end(&w);
    call_ok(call, 200);
}
