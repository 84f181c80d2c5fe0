/* lead_work.c: what the operations share by which people work on leads.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_work.h"

#include "kvcrm/base/clock.h"
#include "kvcrm/store/scripts.h"

struct slice lead_data(struct call *call, const struct lead_detail *details, unsigned count)
{
    struct jw w = jw_on(call_body(call));
    bool says_something = false;

    jw_object(&w);
    for (unsigned i = 0; i < count; i++) {
        if (details[i].text.n == 0)
            continue;
        jw_key(&w, details[i].name);
        jw_string(&w, details[i].text);
        says_something = true;
    }
    jw_object_end(&w);
    return says_something ? arena_copy(&call->arena, buf_slice(w.b)) : SLICE("");
}

void lead_update(struct call *call, const struct lead_id *lead, struct slice data,
                 void (*done)(struct script_call *, enum err, const struct reply *))
{
    char id[ID_UUID_LEN + 1], day[9];
    struct slice today = slice_of(clock_day(call->in.received_ms, day));

    id_uuid7(call->in.received_ms, id);
    call_script(call, &script_lead_update, done);
    script_key(&call->script, lead_id_key(call, lead));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_STATS, arena_copy(&call->arena, today)));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(lead));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, arena_copy(&call->arena, slice_of(id)));
    call_arg(call, data);
}

void lead_put(struct call *call, const char *field, const struct field_value *value)
{
    if (value->present)
        lead_set(call, field, value->text);
}

void lead_set(struct call *call, const char *field, struct slice text)
{
    const char *sign = text.n > 0 ? "=" : "-";

    call_arg(call, arena_join(&call->arena, 2, slice_of(sign), slice_of(field)));
    call_arg(call, text.n > 0 ? text : SLICE(""));
}

/* The statuses that `to` may follow, with blanks between them. */
static struct slice allowed_before(struct call *call, enum lead_word to)
{
    struct slice list = SLICE("");

    for (int from = LEAD_NONE + 1; from < LEAD_WORDS; from++) {
        if (lead_may(from, to))
            list = arena_join(&call->arena, 3, list, slice_of(lead_slug(from)), SLICE(" "));
    }
    return list;
}

void lead_to(struct call *call, enum lead_word status)
{
    bool of_form = lead_is_of_form(status);

    call_pair(call, of_form ? "form" : "other", slice_of(lead_slug(status)));
    call_arg(call, of_form ? SLICE("form_after") : SLICE("other_after"));
    call_arg(call, allowed_before(call, status)); /* there may be none */
    if (lead_is_converted(status))
        call_pair(call, "converts", SLICE("1"));
}

void lead_expect_version(struct call *call)
{
    call_pair(call, "version", call_expected_version(call));
}

/* "from":"approved","allowed":[…] of the answer to a move that may not be. */
static struct slice illegal_members(struct call *call, struct slice from)
{
    enum lead_word now = lead_word_of(from);
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "from");
    jw_string(&w, slice_of(lead_word(now)));
    jw_key(&w, "allowed");
    jw_array(&w);
    for (int to = LEAD_NONE + 1; to < LEAD_WORDS; to++) {
        if (lead_may(now, to))
            jw_string(&w, slice_of(lead_word(to)));
    }
    jw_array_end(&w);
    jw_object_end(&w);
    struct slice object = buf_slice(w.b);
    return arena_copy(&call->arena, (struct slice){object.p + 1, object.n - 2});
}

/* The words that a lead takes which did not take `asked`. */
static const char *words_without(enum lead_word asked)
{
    if (asked == LEAD_NONE)
        return "NEW, CONTACTED, CONVERTED or LOST; of the booking form tracking, pending, approved "
               "or rejected";
    return lead_is_of_form(asked) ? "NEW, CONTACTED, CONVERTED or LOST"
                                  : "tracking, pending, approved or rejected";
}

void lead_wrong_word(struct call *call, enum lead_word asked)
{
    fault_add(&call->faults, &call->arena, SLICE("status"), "enum", "Expected %s",
              words_without(asked));
}

/* "INVALID <field>": what only the script can see. */
static void invalid(struct call *call, struct slice field, enum lead_word asked)
{
    if (slice_is(field, "status"))
        lead_wrong_word(call, asked);
    else if (slice_is(field, "context"))
        fault_add(&call->faults, &call->arena, field, "length",
                  "Expected no more than 32 KiB together with what is there");
    else
        fault_add(&call->faults, &call->arena, arena_copy(&call->arena, field), "format",
                  "Expected nothing for a lead without a contact");
    call_invalid(call, &call->faults);
}

bool lead_failed(struct call *call, enum err err, const struct reply *reply, enum lead_word asked)
{
    struct slice rest = reply_error(reply), word;

    slice_cut(&rest, ' ', &word);
    if (err == ERR_VALIDATION) {
        invalid(call, rest, asked);
        return true;
    }
    if (err == ERR_ILLEGAL_TRANSITION)
        call->out.members = illegal_members(call, rest);
    if (err == ERR_ALREADY_CONVERTED)
        call->out.members = arena_join(&call->arena, 2, SLICE("\"student_id\":"), rest);
    if (err == ERR_IDENTITY_TAKEN)
        call->out.members =
            arena_printf(&call->arena, "\"existing_id\":\"%.*s\"", SLICE_ARGS(rest));
    return call_failed(call, err, reply);
}

void lead_put_id(struct call *call, struct slice uuid, struct slice number, struct jw *w)
{
    jw_key(w, "id");
    if (slice_starts(slice_of(call->route->path), SLICE("/api/admin/")))
        jw_raw(w, number);
    else
        jw_string(w, uuid);
}
