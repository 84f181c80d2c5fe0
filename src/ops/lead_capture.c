/* lead_capture.c: POST /api/leads: a failed booking (seed 003), or a lead of any other source.
 *
 * Everything that happens is one call of lua/lead_capture.lua. A failed booking of somebody who
 * cannot be reached is only counted.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_number.h"
#include "idempotency.h"
#include "identity_args.h"
#include "identity_notes.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "kvcrm/model/event.h"
#include "kvcrm/model/name.h"
#include "kvcrm/store/scripts.h"
#include "lead_input.h"
#include "lead_offer.h"
#include "lead_view.h"

#define TASK_DUE_MS INT64_C(3600000) /* seed 003: call within the hour */

static void run(struct call *call);
static void refused(const struct call *call);

const struct op op_lead_capture = {
    .name = "lead_capture",
    .auth = AUTH_WRITE,
    .input = lead_input_fields,
    .capture = true,
    .writes = true,
    .run = run,
    .failed = refused,
};

struct capture {
    struct lead_input lead;
    struct slice identity[IDENTITY_KINDS];
    struct contact_number contact;
    char id[ID_UUID_LEN + 1], activity[ID_UUID_LEN + 1];
    char task[ID_UUID_LEN + 1], alert[ID_UUID_LEN + 1];
};

/* Log -------------------------------------------------------------------------------------------
 */

/* Is, or was meant to be, the lead of a failed booking? */
static bool is_of_failure(const struct call *call)
{
    struct jr_value source;
    char text[32];

    if (!jr_member(call->in.body, SLICE("source"), &source) || source.type != JR_STRING)
        return true;
    struct arena arena;
    arena_init(&arena, text, sizeof text);
    struct slice slug = lead_source_slug(slice_trim(jr_text(source, &arena)), &arena);
    bool is = lead_source_of(slug) == LEAD_SOURCE_BOOKING_FAILED;
    arena_dispose(&arena);
    return is;
}

/* Seed 003's lines: a lead that is refused is a warning, our own failure an error. */
static void refused(const struct call *call)
{
    if (!is_of_failure(call))
        return;
    if (call->out.status >= 500)
        log_error("Error capturing failed booking lead", LOG_INT("status", call->out.status),
                  LOG_STR("request_id", call->in.request_id));
    else
        log_warn("Failed to capture booking failure lead", LOG_INT("status", call->out.status),
                 LOG_STR("request_id", call->in.request_id));
}

/* Answer ----------------------------------------------------------------------------------------
 */

static void put_user_message(struct jw *w, const struct lead_input *lead)
{
    if (lead->reason == FAILURE_NONE)
        return;
    jw_key(w, "user_message");
    jw_string(w, slice_of(failure_row(lead->reason)->user_message));
}

static void put_warnings(struct jw *w, const struct lead_input *lead)
{
    jw_key(w, "warnings");
    jw_array(w);
    for (unsigned i = 0; i < lead->warning_count; i++)
        jw_string(w, slice_of(lead->warnings[i]));
    jw_array_end(w);
}

static void on_counted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct capture *capture = call->state;

    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "id");
    jw_null(&w);
    jw_key(&w, "ignored");
    jw_string(&w, SLICE("no_contact"));
    put_user_message(&w, &capture->lead);
    put_warnings(&w, &capture->lead);
    jw_object_end(&w);
    call_ok(call, 202);
}

static void on_captured(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct capture *capture = call->state;
    const struct lead_input *lead = &capture->lead;
    struct lead_offer offer;

    contact_number_settle(call, &capture->contact, err,
                          reply_i64_at(reply, 0) == 0 && reply_i64_at(reply, 3) == 1);
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    bool created = reply_i64_at(reply, 2) == 1;
    if (lead->reason != FAILURE_NONE)
        log_info("Failed booking lead captured successfully",
                 LOG_STR("request_id", call->in.request_id));

    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "created");
    jw_bool(&w, created);
    lead_print(call, reply_at(reply, 6), &w);
    put_user_message(&w, lead);
    jw_key(&w, "task_id");
    jw_string_or_null(&w, reply_text_at(reply, 4));
    jw_key(&w, "alert_id");
    jw_string_or_null(&w, reply_text_at(reply, 5));
    if (lead->reason != FAILURE_NONE) {
        lead_offer(call, reply_at(reply, 6), reply_at(reply, 7), &offer);
        lead_offer_print(&offer, &w);
    }
    put_warnings(&w, lead);
    identity_notes_print(&(struct identity_notes){reply, 8}, &w);
    jw_object_end(&w);
    if (created)
        call->out.location =
            arena_join(&call->arena, 2, SLICE("/api/leads/"), reply_text_at(reply, 1));
    call_ok(call, created ? 201 : 200);
}

/* Arguments -------------------------------------------------------------------------------------
 */

/* The entry of the contact's timeline: {"i":id,"t":type,"d":what was wanted}. */
static struct slice timeline_member(struct call *call, const struct capture *capture)
{
    const struct lead_input *lead = &capture->lead;
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, slice_of(capture->activity));
    jw_key(&w, "t");
    jw_string(&w, lead->reason != FAILURE_NONE ? SLICE("booking.failed") : SLICE("lead.captured"));
    if (lead->occurred_ms != call->in.received_ms) {
        jw_key(&w, "r");
        jw_i64(&w, call->in.received_ms);
    }
    jw_key(&w, "d");
    jw_object(&w);
    jw_key(&w, "source");
    jw_string(&w, lead->source_word);
    if (lead->reason != FAILURE_NONE) {
        jw_key(&w, "failure_reason");
        jw_string(&w, slice_of(failure_row(lead->reason)->slug));
    }
    jw_key(&w, "context");
    jw_raw(&w, lead->context);
    if (lead->message.n > 0) {
        jw_key(&w, "message");
        jw_string(&w, lead->message);
    }
    jw_object_end(&w);
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

static struct slice last_action(struct call *call, const struct lead_input *lead)
{
    if (lead->reason == FAILURE_NONE)
        return arena_join(&call->arena, 2, SLICE("Lead: "), lead->source_word);
    return arena_join(&call->arena, 2, SLICE("Failed booking: "),
                      slice_of(failure_row(lead->reason)->slug));
}

static void add_lead(struct call *call, const struct capture *capture)
{
    const struct lead_input *lead = &capture->lead;
    struct slice phone = capture->identity[IDENTITY_PHONE];

    call_pair(call, "=name", lead->name);
    call_pair(call, "=phone", phone.n > 0 ? phone : lead->phone);
    call_pair(call, "=email", lead->email);
    call_pair(call, "=contacts", lead->contacts);
    call_pair(call, "=context", lead->context);
    if (lead->kind == LEAD_SOURCE_OTHER)
        call_pair(call, "=source_word", lead->source_word);
    if (lead->budget_minor >= 0)
        call_pair_i64(call, "=budget_cents", lead->budget_minor);
    call_pair(call, "=detail", lead->detail);
    call_pair(call, "=utm_source", lead->utm_source);
    call_pair(call, "=utm_medium", lead->utm_medium);
    call_pair(call, "=utm_campaign", lead->utm_campaign);
    call_pair(call, "=message", lead->message);
    call_pair(call, "=interaction_id", lead->interaction_id);
    call_pair(call, "=procedure_name", lead->procedure_name);
    call_pair(call, "=privacy_version", lead->privacy_version);
}

static void add_profile(struct call *call, const struct capture *capture)
{
    const struct lead_input *lead = &capture->lead;
    struct slice first, last;

    identity_split_name(lead->name, &first, &last);
    call_pair(call, "@first_name", first);
    call_pair(call, "@last_name", last);
    call_pair(call, "@search_first", name_fold(first, &call->arena));
    call_pair(call, "@search_last", name_fold(last, &call->arena));
    if (capture->identity[IDENTITY_EMAIL].n > 0 &&
        !slice_eq(lead->email, capture->identity[IDENTITY_EMAIL]))
        call_pair(call, "@email_typed", lead->email);
    if (!slice_eq(lead->phone, capture->identity[IDENTITY_PHONE]))
        call_pair(call, "@phone_typed", lead->phone);
    if (lead->budget_minor > 0)
        call_pair_i64(call, "@estimated_deal_value_cents", lead->budget_minor);
}

/* "2025-11-15" is 20251115. */
static struct slice day_number(struct call *call, struct slice date)
{
    struct slice year, month;

    if (!slice_cut(&date, '-', &year) || !slice_cut(&date, '-', &month))
        return SLICE_NONE;
    return arena_join(&call->arena, 3, year, month, date);
}

/* What a failed booking sets off: somebody calls within the hour, and hears of it at once. */
static void add_followup(struct call *call, struct capture *capture, struct slice today)
{
    const struct lead_input *lead = &capture->lead;
    struct slice reason = slice_of(failure_row(lead->reason)->slug);
    int64_t now = call->in.received_ms;

    if (lead->date.n > 0) {
        call_pair(call, "day", day_number(call, lead->date));
        call_pair(call, "today", today);
    }
    call_pair(call, "reason", reason);
    call_pair(call, "=refined", slice_of(failure_row(lead->refined)->slug));
    call_pair(call, "other", slice_of(failure_row(lead->other)->slug));
    call_pair(call, "task", slice_of(capture->task));
    call_pair(call, "task_kind", SLICE("failed_booking"));
    call_pair(call, "task_title", SLICE("Call or text - Failed Booking"));
    call_pair(call, "task_note", SLICE("Offer alternative dates or times"));
    call_pair(call, "task_priority", slice_of(task_priority_word(TASK_URGENT)));
    call_pair(call, "task_queue", SLICE("sales"));
    call_pair_i64(call, "task_rank", TASK_URGENT);
    call_pair_i64(call, "task_due", now + TASK_DUE_MS);
    call_pair(call, "alert", slice_of(capture->alert));
    call_pair(call, "alert_kind", SLICE("failed_booking"));
    call_pair(call, "alert_severity", SLICE("high"));
    call_pair(call, "alert_title", arena_join(&call->arena, 2, SLICE("Failed booking: "), reason));
    call_pair(call, "alert_due",
              arena_i64(&call->arena, now + call->env->settings.alert_escalation_s * 1000));
}

static int64_t floor_of(const struct settings *settings, enum lead_source source)
{
    return source == LEAD_SOURCE_BOOKING_FAILED  ? settings->floor_booking_failed
           : source == LEAD_SOURCE_FACE_ANALYSIS ? settings->floor_face_analysis
                                                 : settings->floor_lead;
}

static void send(struct call *call, struct capture *capture)
{
    const struct settings *settings = &call->env->settings;
    const struct lead_input *lead = &capture->lead;
    int64_t now = call->in.received_ms;
    char text[9];

    id_uuid7(now, capture->id);
    id_uuid7(now, capture->activity);
    id_uuid7(now, capture->task);
    id_uuid7(now, capture->alert);
    struct slice day = arena_copy(&call->arena, slice_of(clock_day(now, text)));
    call_script(call, &script_lead_capture, on_captured);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_STATS, day));
    identity_keys(call, capture->identity);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, now);
    call_arg_i64(call, settings->dedupe_window_s * 1000);
    call_arg(call, slice_of(settings->dedupe_window_mode));
    call_arg(call, day);
    call_arg(call, lead->source);
    call_arg(call, lead->source_word);
    call_arg(call, slice_of(capture->id));
    contact_number_args(call, &capture->contact);
    call_arg_i64(call, lead->occurred_ms);
    call_arg(call, timeline_member(call, capture));
    call_arg(call, last_action(call, lead));
    call_arg_i64(call, floor_of(settings, lead->kind));
    identity_args(call, capture->identity);
    add_lead(call, capture);
    add_profile(call, capture);
    call_pair(call, "preferred_date", lead->date);
    call_pair(call, "preferred_time", lead->time);
    if (lead->reason != FAILURE_NONE)
        add_followup(call, capture, day);
    if (lead->session.n > 0)
        call_pair(call, "session", key_safe(lead->session, &call->arena));
    call_pair_i64(call, "session_keep", settings->session_keep_s);
    identity_merge_args(call, IDENTITY_KINDS - 1);
    idempotency_args(call, lead->event_id);
    call_run_script(call);
}

/* Nobody to call: the failure is counted, and that is all. */
static void count_failure(struct call *call, const struct lead_input *lead)
{
    char text[9];
    struct slice day = arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, text)));

    call_script(call, &script_failure_count, on_counted);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, day);
    call_arg(call, slice_of(failure_row(lead->reason)->slug));
    call_arg(call, slice_of(failure_row(lead->other)->slug));
    call_arg(call, lead->date.n > 0 ? lead->date : SLICE(""));
    call_arg(call, lead->time.n > 0 ? lead->time : SLICE(""));
    idempotency_args(call, lead->event_id);
    call_run_script(call);
}

static void run(struct call *call)
{
    struct capture *capture = arena_zalloc(&call->arena, sizeof *capture);
    struct lead_input *lead = &capture->lead;

    call->state = capture;
    lead_input_read(call, lead);
    bool reachable = lead->phone.n > 0 || lead->email.n > 0;
    if (!reachable && lead->kind != LEAD_SOURCE_BOOKING_FAILED)
        fault_add(&call->faults, &call->arena, SLICE("contacts"), "required",
                  "Expected a phone number or an e-mail address");
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!reachable) {
        count_failure(call, lead);
        return;
    }
    struct slice typed[IDENTITY_KINDS] = {
        [IDENTITY_EMAIL] = lead->email, [IDENTITY_PHONE] = lead->phone};
    identity_read(typed, &call->env->settings.identity, &call->arena, capture->identity);
    if (!contact_number_take(call, &capture->contact))
        return;
    send(call, capture);
}
