/* lead_view.c: a lead as admins see it.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_view.h"

#include "booking_form.h"
#include "kvcrm/model/lead.h"
#include "lead_id.h"
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
    record_put_text(w, "utm_source", lead, "utm_source");
    record_put_text(w, "utm_medium", lead, "utm_medium");
    record_put_text(w, "utm_campaign", lead, "utm_campaign");
}

static void print_seed_004(struct jw *w, const struct reply *lead)
{
    record_put_text(w, "phone_number", lead, "phone");
    record_put_text(w, "sender_name", lead, "clientName");
    record_put_text(w, "first_message", lead, "first_message");
    record_put_text(w, "last_message", lead, "last_message");
    record_put_i64(w, "message_count", lead, "message_count");
    record_put_flag(w, "is_active", lead, "is_active");
    record_put_flag(w, "converted_to_student", lead, "converted");
    record_put_json(w, "student_id", lead, "student_id");
    record_put_time(w, "created_at", lead, "created_at");
    record_put_time(w, "updated_at", lead, "updated_at");
    record_put_time(w, "last_message_time", lead, "last_message_at");
}

void lead_print(struct call *call, const struct reply *lead, struct jw *w)
{
    struct slice status = record_text(lead, "status");
    bool has_contact = slice_is(record_text(lead, "has_contact"), "1");
    bool is_active = slice_is(record_text(lead, "is_active"), "1");
    int64_t score = lead_score(status, has_contact, is_active);

    jw_object(w);
    record_put_i64(w, "id", lead, "no");
    record_put_text(w, "uuid", lead, "id");
    jw_key(w, "reference");
    jw_string(w, lead_reference((uint64_t)record_i64(lead, "no"), &call->arena));
    jw_key(w, "source");
    jw_string(w, SLICE("Booking Form"));
    record_put_text(w, "status", lead, "status");
    jw_key(w, "stage");
    jw_string(w, slice_of(lead_stage(status, has_contact, is_active, score)));
    jw_key(w, "quality");
    jw_string(w, slice_of(score_quality(score)));
    jw_key(w, "score");
    jw_i64(w, score);
    record_put_text(w, "contact_id", lead, "contact_id");
    jw_key(w, "has_contact");
    jw_bool(w, has_contact);
    print_seed_004(w, lead);
    print_form(call, w, lead);
    record_put_time(w, "converted_at", lead, "converted_at");
    record_put_time(w, "recovered_at", lead, "recovered_at");
    record_put_i64(w, "version", lead, "v");
    jw_object_end(w);
}

void lead_answer(struct call *call, const struct reply *lead)
{
    call->out.etag = arena_printf(&call->arena, "\"v%.*s\"", SLICE_ARGS(record_text(lead, "v")));
    call->out.cache_private = true;
    if (call_etag_matches(call->in.if_none_match, call->out.etag)) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    lead_print(call, lead, &w);
    call_ok(call, 200);
}
