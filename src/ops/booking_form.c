/* booking_form.c: the calls of a booking form (seed 000): what has been typed so far, and the
 * submit.
 *
 * A lead exists as soon as name and phone are there; before that the visitor's steps are an
 * anonymous record. Which lead a call belongs to, and what it may still change, is
 * lua/lead_booking.lua's to say.
 *
 * SPDX-License-Identifier: MIT */
#include "booking_form.h"

#include "contact_number.h"
#include "idempotency.h"
#include "identity_args.h"
#include "identity_notes.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/model/name.h"
#include "kvcrm/store/scripts.h"
#include "visitor.h"

#define PACKS_MAX 50
#define PACK_ID_MAX 128
#define PACK_NAME_MAX 255

static void run_tracking(struct call *call);
static void run_submit(struct call *call);

enum {
    IN_EVENT_TYPE,
    IN_EVENT_NAME,
    IN_EVENT_DATE,
    IN_PACK_ID,
    IN_PACK_NAME,
    IN_TIME_SLOT,
    IN_NAME,
    IN_PHONE,
    IN_EMAIL,
    IN_MESSAGE,
    IN_FIELDS, /* those above are the document's ten */
    IN_SESSION = IN_FIELDS,
    IN_STEP,
    IN_PACKS,
    IN_SUBMIT,
    IN_UTM_SOURCE,
    IN_UTM_MEDIUM,
    IN_UTM_CAMPAIGN,
    IN_EVENT_ID
};

/* clang-format off */
static const struct field input[] = {
    [IN_EVENT_TYPE]   = {.name = "eventType", .type = FIELD_LINE, .max = 100},
    [IN_EVENT_NAME]   = {.name = "eventName", .type = FIELD_LINE, .max = 255},
    [IN_EVENT_DATE]   = {.name = "eventDate", .type = FIELD_LINE, .max = 40},
    [IN_PACK_ID]      = {.name = "selectedPackId", .type = FIELD_ID, .max = 128},
    [IN_PACK_NAME]    = {.name = "packName", .type = FIELD_LINE, .max = 255},
    [IN_TIME_SLOT]    = {.name = "timeSlot", .type = FIELD_LINE, .max = 100},
    [IN_NAME]         = {.name = "clientName", .type = FIELD_LINE, .max = 255},
    [IN_PHONE]        = {.name = "clientPhone", .type = FIELD_ID, .max = 32},
    [IN_EMAIL]        = {.name = "clientEmail", .type = FIELD_LINE, .max = 254},
    [IN_MESSAGE]      = {.name = "message", .type = FIELD_TEXT, .max = 65536},
    [IN_SESSION]      = {.name = "sessionId", .type = FIELD_ID, .max = 255},
    [IN_STEP]         = {.name = "step", .type = FIELD_INT, .least = 1, .max = 3},
    [IN_PACKS]        = {.name = "viewedPacks", .type = FIELD_ARRAY, .max = PACKS_MAX},
    [IN_SUBMIT]       = {.name = "submit", .type = FIELD_BOOL},
    [IN_UTM_SOURCE]   = {.name = "utm_source", .type = FIELD_LINE, .max = 255},
    [IN_UTM_MEDIUM]   = {.name = "utm_medium", .type = FIELD_LINE, .max = 255},
    [IN_UTM_CAMPAIGN] = {.name = "utm_campaign", .type = FIELD_LINE, .max = 255},
    [IN_EVENT_ID]     = {.name = "event_id", .type = FIELD_ID, .max = 128},
    {.name = NULL},
};
/* clang-format on */

const struct op op_booking_tracking = {
    .name = "booking_tracking",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .visitor = true,
    .run = run_tracking,
};

const struct op op_booking_submit = {
    .name = "booking_submit",
    .auth = AUTH_WRITE,
    .input = input,
    .capture = true,
    .writes = true,
    .visitor = true,
    .run = run_submit,
};

const char *const booking_form_fields[] = {
    "eventType",   "eventName",   "eventDate", "selectedPackId", "packName", "clientName",
    "clientPhone", "clientEmail", "timeSlot",  "message",        NULL};

struct form {
    struct contact_number contact;
    char lead[ID_UUID_LEN + 1];
    char activities[2][ID_UUID_LEN + 1]; /* tracked, submitted */
    bool submits, gives_contact;
    struct slice identity[IDENTITY_KINDS];
};

static const struct field_value *value_of(const struct call *call, unsigned field)
{
    return &call->fields.values[field];
}

static struct slice text_of(const struct call *call, unsigned field)
{
    return value_of(call, field)->present ? value_of(call, field)->text : SLICE_NONE;
}

/* Is there more than blanks in it? */
static bool is_given(const struct call *call, unsigned field)
{
    return slice_trim(text_of(call, field)).n > 0;
}

/* The answer ----------------------------------------------------------------------------------- */

static void answer_ignored(struct call *call, const char *why)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "id");
    jw_null(&w);
    jw_key(&w, "ignored");
    jw_string(&w, slice_of(why));
    jw_object_end(&w);
    call_ok(call, 202);
}

static void put_step(struct jw *w, struct slice step)
{
    jw_key(w, "step");
    if (slice_is(step, "submitted"))
        jw_string(w, step);
    else
        jw_raw(w, step);
}

static void answer(struct call *call, const struct reply *reply)
{
    struct slice number = reply_text_at(reply, 2);
    bool created = reply_i64_at(reply, 4) == 1;
    struct jw w = jw_on(call_body(call));

    if (number.n == 0)
        number = arena_i64(&call->arena, reply_i64_at(reply, 2));
    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "id");
    jw_raw(&w, number);
    jw_key(&w, "uuid");
    jw_string(&w, reply_text_at(reply, 1));
    jw_key(&w, "status");
    jw_string(&w, reply_text_at(reply, 3));
    jw_key(&w, "created");
    jw_bool(&w, created);
    jw_key(&w, "has_contact");
    jw_bool(&w, reply_i64_at(reply, 5) == 1);
    put_step(&w, reply_text_at(reply, 6));
    jw_key(&w, "contact_id");
    jw_string_or_null(&w, reply_text_at(reply, 7));
    identity_notes_print(&(struct identity_notes){reply, 9}, &w);
    jw_object_end(&w);
    if (created)
        call->out.location = arena_join(&call->arena, 2, SLICE("/api/admin/bookings/"), number);
    call_ok(call, created ? 201 : 200);
}

static void on_captured(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct form *form = call->state;

    contact_number_settle(call, &form->contact, err,
                          reply_i64_at(reply, 0) == 0 && reply_i64_at(reply, 8) == 1);
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    if (reply_text_at(reply, 1).n == 0)
        answer_ignored(call, "incomplete");
    else
        answer(call, reply);
}

/* Arguments ------------------------------------------------------------------------------------ */

/* 1 event, 2 a pack, 3 name and phone; or further, when the form says so. */
static int64_t step_of(const struct call *call, const struct form *form)
{
    int64_t step = form->gives_contact ? 3
                   : is_given(call, IN_PACK_ID) || is_given(call, IN_PACK_NAME) ||
                           value_of(call, IN_PACKS)->present
                       ? 2
                       : 1;

    if (value_of(call, IN_STEP)->present && value_of(call, IN_STEP)->number > step)
        step = value_of(call, IN_STEP)->number;
    return step;
}

static void put_pack(struct jw *w, struct slice id, struct slice name)
{
    jw_object(w);
    jw_key(w, "id");
    jw_string(w, id);
    if (name.n > 0) {
        jw_key(w, "name");
        jw_string(w, name);
    }
    jw_object_end(w);
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

/* What the visitor has looked at: viewedPacks, then the selected one. Empty when there is nothing.
 */
static struct slice packs_seen(struct call *call)
{
    struct slice id = slice_trim(text_of(call, IN_PACK_ID));
    struct jw w = jw_on(call_body(call));
    unsigned count = 0;

    jw_array(&w);
    if (value_of(call, IN_PACKS)->present) {
        struct jr_iter it = jr_iter(value_of(call, IN_PACKS)->json);
        struct jr_value pack;
        for (unsigned i = 0; jr_next(&it, NULL, &pack); i++) {
            struct slice one = pack.type == JR_OBJECT ? member_text(call, pack, "id") : SLICE_NONE;
            struct slice name =
                pack.type == JR_OBJECT ? member_text(call, pack, "name") : SLICE_NONE;
            if (one.n == 0 || one.n > PACK_ID_MAX || name.n > PACK_NAME_MAX) {
                fault_add(&call->faults, &call->arena,
                          arena_printf(&call->arena, "viewedPacks.%u", i), "type",
                          "Expected an object with id and name, at most %d and %d bytes",
                          PACK_ID_MAX, PACK_NAME_MAX);
                return SLICE_NONE;
            }
            put_pack(&w, one, name);
            count++;
        }
    }
    if (id.n > 0) {
        put_pack(&w, id, slice_trim(text_of(call, IN_PACK_NAME)));
        count++;
    }
    jw_array_end(&w);
    return count > 0 ? arena_copy(&call->arena, buf_slice(w.b)) : SLICE("");
}

/* selectedPackId as JSON: a number stays one. */
static struct slice pack_id(struct call *call)
{
    if (value_of(call, IN_PACK_ID)->json.type == JR_NUMBER)
        return value_of(call, IN_PACK_ID)->json.raw;
    struct jw w = jw_on(call_body(call));
    jw_string(&w, text_of(call, IN_PACK_ID));
    return arena_copy(&call->arena, buf_slice(w.b));
}

/* The entry of the contact's timeline: {"i":id,"t":type,"d":what the form says}. */
static struct slice timeline_member(struct call *call, const char *type, char id[ID_UUID_LEN + 1])
{
    struct slice pack = value_of(call, IN_PACK_ID)->present ? pack_id(call) : SLICE_NONE;
    struct jw w = jw_on(call_body(call));

    id_uuid7(call->in.received_ms, id);
    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, (struct slice){id, ID_UUID_LEN});
    jw_key(&w, "t");
    jw_string(&w, slice_of(type));
    jw_key(&w, "d");
    jw_object(&w);
    for (unsigned field = 0; field < IN_FIELDS; field++) {
        if (!value_of(call, field)->present)
            continue;
        jw_key(&w, input[field].name);
        if (field == IN_PACK_ID)
            jw_raw(&w, pack);
        else
            jw_string(&w, text_of(call, field));
    }
    jw_object_end(&w);
    if (call->fields.extra_count > 0) {
        jw_key(&w, "x");
        jw_object(&w);
        for (unsigned i = 0; i < call->fields.extra_count; i++) {
            jw_key_slice(&w, jr_text(call->fields.extras[i].name, &call->arena));
            jw_raw(&w, call->fields.extras[i].value.raw);
        }
        jw_object_end(&w);
    }
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

/* What the lead gets: "=" the steps, "!" what is a person's and needs name and phone beside it. */
static void add_fields(struct call *call)
{
    for (unsigned field = 0; field < IN_FIELDS; field++) {
        bool personal = field >= IN_NAME;
        struct slice value = text_of(call, field);
        if (!is_given(call, field))
            continue;
        if (field == IN_PACK_ID)
            value = pack_id(call);
        call_arg(call, arena_join(&call->arena, 2, personal ? SLICE("!") : SLICE("="),
                                  slice_of(input[field].name)));
        call_arg(call, value);
    }
    call_pair(call, "=utm_source", text_of(call, IN_UTM_SOURCE));
    call_pair(call, "=utm_medium", text_of(call, IN_UTM_MEDIUM));
    call_pair(call, "=utm_campaign", text_of(call, IN_UTM_CAMPAIGN));
}

/* What the contact gets. */
static void add_profile(struct call *call, const struct form *form)
{
    struct slice first, last, email = slice_trim(text_of(call, IN_EMAIL));
    struct slice phone = slice_trim(text_of(call, IN_PHONE));

    identity_split_name(text_of(call, IN_NAME), &first, &last);
    call_pair(call, "@first_name", first);
    call_pair(call, "@last_name", last);
    call_pair(call, "@search_first", name_fold(first, &call->arena));
    call_pair(call, "@search_last", name_fold(last, &call->arena));
    if (form->identity[IDENTITY_EMAIL].n > 0 && !slice_eq(email, form->identity[IDENTITY_EMAIL]))
        call_pair(call, "@email_typed", email);
    if (!slice_eq(phone, form->identity[IDENTITY_PHONE]))
        call_pair(call, "@phone_typed", phone);
}

static void add_identities(struct call *call, const struct form *form)
{
    identity_args(call, form->identity);
}

static void read_identities(struct call *call, struct form *form)
{
    struct slice typed[IDENTITY_KINDS] = {
        [IDENTITY_EMAIL] = text_of(call, IN_EMAIL), [IDENTITY_PHONE] = text_of(call, IN_PHONE)};

    identity_read(typed, &call->env->settings.identity, &call->arena, form->identity);
}

static void capture(struct call *call, struct form *form, struct slice packs)
{
    const struct settings *settings = &call->env->settings;
    struct slice session = slice_trim(text_of(call, IN_SESSION));
    struct slice phone = form->identity[IDENTITY_PHONE], day;
    char text[9];

    id_uuid7(call->in.received_ms, form->lead);
    day = arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, text)));
    call_script(call, &script_lead_booking, on_captured);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_STATS, day));
    identity_keys(call, form->identity);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg_i64(call, settings->dedupe_window_s * 1000);
    call_arg(call, slice_of(settings->dedupe_window_mode));
    call_arg(call, form->submits ? SLICE("submit") : SLICE("track"));
    call_arg(call, slice_of(form->lead));
    contact_number_args(call, &form->contact);
    call_arg(call, day);
    call_arg_i64(call, step_of(call, form));
    call_arg(call, form->gives_contact ? SLICE("1") : SLICE("0"));
    call_arg(call, form->gives_contact && phone.n > 0 ? phone : SLICE(""));
    call_arg(call, session.n > 0 ? key_safe(session, &call->arena) : SLICE(""));
    call_arg(call, env_hash(call->env, call->in.visitor.address, &call->arena));
    call_arg(call, packs);
    call_arg(call, timeline_member(call, "booking_form.tracked", form->activities[0]));
    call_arg(call, timeline_member(call, "booking_form.submitted", form->activities[1]));
    add_identities(call, form);
    add_fields(call);
    add_profile(call, form);
    identity_merge_args(call, IDENTITY_KINDS - 1);
    call_pair_i64(call, "floor", settings->floor_lead);
    call_pair_i64(call, "session_keep", settings->session_keep_s);
    idempotency_args(call, text_of(call, IN_EVENT_ID));
    call_run_script(call);
}

static void run(struct call *call, bool submits)
{
    struct form *form = arena_zalloc(&call->arena, sizeof *form);

    call->state = form;
    form->submits = submits;
    form->gives_contact = is_given(call, IN_NAME) && is_given(call, IN_PHONE);
    if (submits && !is_given(call, IN_NAME))
        fault_add(&call->faults, &call->arena, SLICE("clientName"), "required", "Required");
    if (submits && !is_given(call, IN_PHONE))
        fault_add(&call->faults, &call->arena, SLICE("clientPhone"), "required", "Required");
    struct slice packs = packs_seen(call);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!form->gives_contact && visitor_consent(call, SLICE_NONE) == CONSENT_OFF) {
        answer_ignored(call, "consent");
        return;
    }
    read_identities(call, form);
    if (!contact_number_take(call, &form->contact))
        return;
    capture(call, form, packs);
}

static void run_tracking(struct call *call)
{
    run(call, value_of(call, IN_SUBMIT)->present && value_of(call, IN_SUBMIT)->number == 1);
}

static void run_submit(struct call *call)
{
    run(call, true);
}
