/* lead_admin_view.c: a lead as admins see it: the members of seed 004, and those of the lead's own
 * dialect.
 *
 * SPDX-License-Identifier: MIT */
#include "booking_form.h"
#include "kvcrm/model/lead.h"
#include "lead_view.h"
#include "record_view.h"

/* 1, 2, 3 or "submitted": how far the visitor came. */
static void print_step(struct jw *w, const struct reply *lead)
{
    jw_key(w, "step");
    if (record_i64(lead, "submitted_at") > 0)
        jw_string(w, SLICE("submitted"));
    else
        jw_i64(w, record_i64(lead, "step"));
}

/* [{"id":"gold","name":"Gold","at":ms}] in the record; times are texts here. */
static void print_packs(struct call *call, struct jw *w, const struct reply *lead)
{
    struct jr_value packs, pack, value;
    struct jr_fault fault;

    jw_key(w, "viewed_packs");
    jw_array(w);
    if (jr_parse(record_text(lead, "packs"), &packs, &fault) == OK && packs.type == JR_ARRAY) {
        struct jr_iter it = jr_iter(packs);
        while (jr_next(&it, NULL, &pack)) {
            int64_t at = 0;
            jw_object(w);
            jw_key(w, "id");
            jw_string(w, jr_member(pack, SLICE("id"), &value) ? jr_text(value, &call->arena)
                                                              : SLICE_NONE);
            jw_key(w, "name");
            jw_string_or_null(w, jr_member(pack, SLICE("name"), &value)
                                     ? jr_text(value, &call->arena)
                                     : SLICE_NONE);
            jw_key(w, "at");
            if (jr_member(pack, SLICE("at"), &value) && value.type == JR_STRING)
                value = (struct jr_value){.raw = jr_text(value, &call->arena), .type = JR_NUMBER};
            if (!jr_i64(value, &at))
                at = 0;
            jw_time(w, at);
            jw_object_end(w);
        }
    }
    jw_array_end(w);
}

static void print_form(struct call *call, struct jw *w, const struct reply *lead)
{
    for (unsigned i = 0; booking_form_fields[i] != NULL; i++) {
        const char *name = booking_form_fields[i];
        if (strcmp(name, "selectedPackId") == 0)
            record_put_json(w, name, lead, name);
        else
            record_put_text(w, name, lead, name);
    }
    print_step(w, lead);
    print_packs(call, w, lead);
    record_put_time(w, "submitted_at", lead, "submitted_at");
    record_put_text(w, "note", lead, "note");
}

static void print_failure(struct jw *w, const struct reply *lead)
{
    record_put_json(w, "contacts", lead, "contacts");
    record_put_json(w, "context", lead, "context");
    record_put_text(w, "failure_reason", lead, "reason");
    record_put_text(w, "failure_reason_refined", lead, "refined");
    record_put_i64(w, "attempts", lead, "attempts");
}

static void print_seed_004(struct jw *w, const struct reply *lead)
{
    record_put_text(w, "phone_number", lead, "phone");
    jw_key(w, "sender_name");
    jw_string_or_null(w, lead_name(lead));
    record_put_text(w, "first_message", lead, "first_message");
    record_put_text(w, "last_message", lead, "last_message");
    record_put_i64(w, "message_count", lead, "message_count");
    record_put_flag(w, "is_active", lead, "is_active");
    jw_key(w, "converted_to_student");
    jw_bool(w, lead_is_converted(lead_word_of(record_text(lead, "status"))));
    record_put_json(w, "student_id", lead, "student_id");
    record_put_time(w, "created_at", lead, "created_at");
    record_put_time(w, "updated_at", lead, "updated_at");
    record_put_time(w, "last_message_time", lead, "last_message_at");
}

void lead_admin_print(struct call *call, const struct reply *lead, struct jw *w)
{
    enum lead_source source = lead_source_of(record_text(lead, "source"));

    record_put_i64(w, "id", lead, "no");
    record_put_text(w, "uuid", lead, "id");
    lead_put_head(call, lead, w);
    record_put_text(w, "assignee", lead, "assignee");
    print_seed_004(w, lead);
    if (source == LEAD_SOURCE_BOOKING_FORM)
        print_form(call, w, lead);
    else if (source != LEAD_SOURCE_WHATSAPP)
        print_failure(w, lead);
    record_put_text(w, "utm_source", lead, "utm_source");
    record_put_text(w, "utm_medium", lead, "utm_medium");
    record_put_text(w, "utm_campaign", lead, "utm_campaign");
    record_put_time(w, "first_contact_at", lead, "first_contact_at");
    record_put_time(w, "converted_at", lead, "converted_at");
    record_put_time(w, "recovered_at", lead, "recovered_at");
    record_put_i64(w, "version", lead, "v");
}
