/* booking_decide.c: an admin approves or rejects a request of the booking form.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/model/lead.h"
#include "kvcrm/store/scripts.h"
#include "lead_id.h"
#include "lead_view.h"

#define NOTE_MAX 2000

static void run(struct call *call);

enum { IN_STATUS, IN_NOTE };

static const struct field input[] = {
    [IN_STATUS] = {.name = "status", .type = FIELD_LINE, .need = REQUIRED, .max = 32},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = NOTE_MAX},
    {.name = NULL},
};

const struct op op_booking_decide = {
    .name = "booking_decide",
    .auth = AUTH_AGENT,
    .input = input,
    .writes = true,
    .run = run,
};

/* "from":"approved","allowed":[…] of the answer to a move that may not be. */
static struct slice illegal_members(struct call *call, struct slice from)
{
    enum lead_word now = lead_word_of(from);
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "from");
    jw_string(&w, from);
    jw_key(&w, "allowed");
    jw_array(&w);
    for (int to = LEAD_TRACKING; to <= LEAD_REJECTED; to++) {
        if (lead_may(now, to))
            jw_string(&w, slice_of(lead_slug(to)));
    }
    jw_array_end(&w);
    jw_object_end(&w);
    struct slice object = buf_slice(w.b);
    return arena_copy(&call->arena, (struct slice){object.p + 1, object.n - 2});
}

static void on_decided(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (err == ERR_ILLEGAL_TRANSITION) {
        struct slice from = reply_error(reply), word;
        slice_cut(&from, ' ', &word);
        call->out.members = illegal_members(call, from);
    }
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    lead_answer(call, reply_at(reply, 1), lead_admin_print);
}

/* The statuses that `to` may follow, with blanks between them. */
static struct slice allowed_before(struct call *call, enum lead_word to)
{
    struct slice list = SLICE("");

    for (int from = LEAD_TRACKING; from <= LEAD_REJECTED; from++) {
        if (lead_may(from, to))
            list = arena_join(&call->arena, 3, list, slice_of(lead_slug(from)), SLICE(" "));
    }
    return list;
}

/* {"i":id,"t":"booking_form.approved","d":{"note":…}} */
static struct slice timeline_member(struct call *call, enum lead_word status, struct slice id)
{
    struct slice note = call->fields.values[IN_NOTE].text;
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, id);
    jw_key(&w, "t");
    jw_string(&w, arena_join(&call->arena, 2, SLICE("booking_form."), slice_of(lead_slug(status))));
    if (note.n > 0) {
        jw_key(&w, "d");
        jw_object(&w);
        jw_key(&w, "note");
        jw_string(&w, note);
        jw_object_end(&w);
    }
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

static void run(struct call *call)
{
    struct slice typed = call->fields.values[IN_STATUS].text;
    enum lead_word status = lead_word_of(typed);
    char id[ID_UUID_LEN + 1], day[9];
    struct lead_id lead;

    if (!lead_is_of_form(status)) {
        fault_add(&call->faults, &call->arena, SLICE("status"), "enum",
                  "Expected tracking, pending, approved or rejected");
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    call_script(call, &script_lead_decide, on_decided);
    script_key(&call->script, lead_id_key(call, &lead));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script,
               call_key(call, KEY_STATS,
                        arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, day)))));
    id_uuid7(call->in.received_ms, id);
    struct slice activity = arena_copy(&call->arena, slice_of(id));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(&lead));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, slice_of(lead_slug(status)));
    call_arg(call, allowed_before(call, status));
    call_arg(call, call_expected_version(call));
    struct slice note = call->fields.values[IN_NOTE].text;
    call_arg(call, note.n > 0 ? note : SLICE(""));
    call_arg(call, status == LEAD_APPROVED ? SLICE("1") : SLICE("0"));
    call_arg(call, activity);
    call_arg(call, timeline_member(call, status, activity));
    call_arg(call,
             arena_join(&call->arena, 2, SLICE("Booking form "), slice_of(lead_slug(status))));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
