/* activity_add.c: somebody notes what happened between them and a contact: a call, a mail, a visit.
 *
 * SPDX-License-Identifier: MIT */
#include "activity_view.h"
#include "contact_view.h"
#include "event_read.h"
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "lead_id.h"

#define TEXT_MAX 65536

static void run(struct call *call);

enum { IN_TYPE, IN_TEXT, IN_DIRECTION, IN_LEAD, IN_OCCURRED };

static const struct field input[] = {
    [IN_TYPE] = {.name = "type", .type = FIELD_LINE, .need = REQUIRED, .max = 32},
    [IN_TEXT] = {.name = "text", .type = FIELD_TEXT, .max = TEXT_MAX},
    [IN_DIRECTION] = {.name = "direction", .type = FIELD_LINE, .max = 8},
    [IN_LEAD] = {.name = "lead_id", .type = FIELD_ID, .max = 64},
    [IN_OCCURRED] = {.name = "occurred_at", .type = FIELD_TIME},
    {.name = NULL},
};

const struct op op_activity_add = {
    .name = "activity_add", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run};

static const struct kind {
    const char *word;
    bool reaches; /* the contact is reached by it, when it goes out */
} kinds[] = {{"note", false}, {"call", true}, {"email", true}, {"sms", true}, {"meeting", false}};

static const struct kind *kind_of(struct slice word)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (slice_is(word, kinds[i].word))
            return &kinds[i];
    }
    return NULL;
}

/* Who has called is said by "in"; people note what they have done themselves. */
static struct slice direction_of(const struct call *call, const struct kind *kind)
{
    struct slice typed = call->fields.values[IN_DIRECTION].text;

    if (typed.n > 0)
        return typed;
    return kind->reaches ? SLICE("out") : SLICE_NONE;
}

/* {"i":id,"t":"call","r":received,"d":{"text":…,"direction":"out"},"l":lead}; the script adds the
 * lead, whose UUID it finds, so "lead" is only given to show it again. */
static struct slice member_of(struct call *call, struct slice id, int64_t at, struct slice lead)
{
    const struct field_value *values = call->fields.values;
    const struct kind *kind = kind_of(values[IN_TYPE].text);
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, id);
    jw_key(&w, "t");
    jw_string(&w, slice_of(kind->word));
    if (at != id_uuid7_ms(id)) {
        jw_key(&w, "r");
        jw_i64(&w, id_uuid7_ms(id));
    }
    jw_key(&w, "d");
    jw_object(&w);
    jw_key(&w, "text");
    jw_string_or_null(&w, values[IN_TEXT].text);
    jw_key(&w, "direction");
    jw_string_or_null(&w, direction_of(call, kind));
    jw_object_end(&w);
    if (lead.n > 0) {
        jw_key(&w, "l");
        jw_string(&w, lead);
    }
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

static void on_added(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct slice lead = reply_text_at(reply, 4);

    if (err == ERR_VALIDATION) {
        fault_add(&call->faults, &call->arena, SLICE("lead_id"), "format",
                  "Expected a lead of this contact");
        call_invalid(call, &call->faults);
        return;
    }
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    contact_locate(call, reply_text_at(reply, 3));
    int64_t at = reply_i64_at(reply, 2);
    struct slice member =
        member_of(call, reply_text_at(reply, 1), at, slice_is(lead, "-") ? SLICE_NONE : lead);
    struct jw w = jw_on(call_body(call));
    activity_print(call, member, at, &w);
    call_ok(call, 201);
}

/* Faults in the body. *lead is only set when one is named. */
static void check(struct call *call, struct lead_id *lead)
{
    const struct field_value *values = call->fields.values;
    struct slice direction = values[IN_DIRECTION].text, name = values[IN_LEAD].text;

    if (kind_of(values[IN_TYPE].text) == NULL)
        fault_add(&call->faults, &call->arena, SLICE("type"), "enum",
                  "Expected note, call, email, sms or meeting");
    if (direction.n > 0 && !slice_is(direction, "in") && !slice_is(direction, "out"))
        fault_add(&call->faults, &call->arena, SLICE("direction"), "enum", "Expected in or out");
    if (name.n > 0 && !lead_id_read(call, name, lead))
        fault_add(&call->faults, &call->arena, SLICE("lead_id"), "format",
                  "Expected the id, number or reference of a lead");
}

static void run(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct lead_id lead = {.text = SLICE_NONE};
    char id[ID_UUID_LEN + 1];
    struct slice c;

    check(call, &lead);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!contact_id_parse(call->in.params[0], &c)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    const struct kind *kind = kind_of(values[IN_TYPE].text);
    bool reaches = kind->reaches && slice_is(direction_of(call, kind), "out");
    int64_t at = event_read_time(call, values[IN_OCCURRED].number);
    id_uuid7(call->in.received_ms, id);
    struct slice activity = arena_copy(&call->arena, slice_of(id));
    call_script(call, &script_activity_add, on_added);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script,
               lead.text.n > 0 ? lead_id_key(call, &lead) : call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, c);
    call_arg_i64(call, at);
    call_arg(call, activity);
    call_arg(call, member_of(call, activity, at, SLICE_NONE));
    call_arg(call, lead.text.n > 0 ? lead_id_kind(&lead) : SLICE(""));
    call_arg(call, reaches ? SLICE("1") : SLICE("0"));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
