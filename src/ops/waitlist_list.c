/* waitlist_list.c: who waits for a slot, in line; who waits for any, by the slot's day; or who was
 * told of a place, newest first.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/calendar.h"
#include "kvcrm/store/scripts.h"
#include "list.h"
#include "record_view.h"
#include "waitlist_view.h"

static void run(struct call *call);

const struct op op_waitlist_list = {.name = "waitlist_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"date", "time", "from", "to", "status", NULL};

struct plan {
    struct list list;
    struct slice date, time, from, to;
    bool told;
    struct slice after; /* "<score>:<member>" behind which the page begins */
    struct slice line;  /* of a slot, or "" */
    struct slice most;  /* highest score */
    struct slice as_of; /* what the list depends on beside the change stream: the first day */
};

static bool is_asked_for(const struct plan *plan, const struct waitlist_entry *entry)
{
    return (plan->date.n == 0 || slice_eq(entry->date, plan->date)) &&
           (plan->time.n == 0 || slice_eq(entry->time, plan->time));
}

static void print_row(struct call *call, const struct reply *row, struct jw *w)
{
    const struct reply *fields = reply_at(row, 2);
    struct waitlist_entry entry = {
        .lead = record_text(fields, "lead_id"),
        .contact = reply_text_at(row, 0),
        .date = record_text(fields, "date"),
        .time = record_text(fields, "time"),
        .status = record_text(fields, "status"),
        .position = reply_i64_at(row, 1),
    };

    if (!is_asked_for(call->state, &entry))
        return;
    jw_object(w);
    waitlist_print(call, &entry, w);
    record_put_time(w, "created_at", fields, "at");
    record_put_time(w, "notified_at", fields, "told_at");
    record_put_text(w, "task_id", fields, "task_id");
    jw_object_end(w);
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct plan *plan = call->state;
    const struct reply *rows = reply_at(reply, 1);
    struct slice next = SLICE_NONE;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, &plan->list, reply_text_at(reply, 0), plan->as_of);
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    list_open(&w);
    for (size_t i = 0; i < reply_count(rows); i++)
        print_row(call, reply_at(rows, i), &w);
    if (reply_i64_at(reply, 2) == 1)
        next = arena_join(&call->arena, 3, reply_text_at(reply, 3), SLICE(":"),
                          reply_text_at(reply, 4));
    list_close(call, &plan->list, &w, next, next.n > 0);
    call_ok(call, 200);
}

static bool read_query(struct call *call, struct plan *plan)
{
    struct slice status = query_text(&call->query, "status");

    plan->date = query_text(&call->query, "date");
    plan->time = slice_trim(query_text(&call->query, "time"));
    plan->from = query_text(&call->query, "from");
    plan->to = query_text(&call->query, "to");
    slot_date_check(call, SLICE("date"), plan->date);
    slot_date_check(call, SLICE("from"), plan->from);
    slot_date_check(call, SLICE("to"), plan->to);
    if (plan->time.n > 0 && plan->date.n == 0)
        fault_add(&call->faults, &call->arena, SLICE("date"), "required",
                  "Expected the date to the time");
    plan->told = slice_is(status, "notified");
    if (status.n > 0 && !plan->told && !slice_is(status, "waiting"))
        fault_add(&call->faults, &call->arena, SLICE("status"), "enum",
                  "Expected waiting or notified");
    return list_begin(call, parameters, &plan->list);
}

/* All who wait stand by the day of their slot: a page begins behind the last row of the one before,
 * the first page behind whatever is before the first day. */
static struct slice first_position(struct call *call, const struct plan *plan)
{
    struct slice score = slot_day_score(plan->from, &call->arena);
    uint64_t number = 0;

    if (!slice_u64(score, INT64_MAX, &number) || number == 0)
        return SLICE_NONE;
    return arena_printf(&call->arena, "%lld:~", (long long)number - 1);
}

/* The index of the list: KEYS[2] of the script. */
static struct slice choose_index(struct call *call, struct plan *plan)
{
    if (plan->told)
        return call_key(call, KEY_WAITLIST_TOLD, SLICE_NONE);
    if (plan->time.n > 0) {
        struct slot_place place = slot_place_of(plan->date, plan->time, &call->arena);
        plan->line = slot_line(call, &place);
        return call_key(call, KEY_WAITLIST, plan->line);
    }
    if (plan->date.n > 0)
        plan->from = plan->to = plan->date;
    if (plan->from.n == 0)
        plan->from = plan->as_of =
            calendar_text(calendar_day_of(call->in.received_ms), &call->arena);
    if (plan->to.n > 0)
        plan->most = slot_day_score(plan->to, &call->arena);
    if (plan->after.n == 0)
        plan->after = first_position(call, plan);
    return call_key(call, KEY_WAITLIST_WAITING, SLICE_NONE);
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);
    struct slice score = SLICE(""), known, as_of;

    call->state = plan;
    plan->line = plan->as_of = SLICE("");
    plan->most = SLICE("+inf");
    if (!read_query(call, plan))
        return;
    plan->after = plan->list.position;
    list_known(call, &plan->list, &known, &as_of);
    struct slice index = choose_index(call, plan);
    struct slice member = plan->after;
    slice_cut(&member, ':', &score);
    call_script(call, &script_waitlist_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, index);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, plan->list.limit);
    call_arg(call, slice_eq(as_of, plan->as_of) ? known : SLICE(""));
    call_arg(call, score);
    call_arg(call, member.p != NULL ? member : SLICE(""));
    call_arg(call, plan->most);
    call_arg(call, plan->told ? SLICE("desc") : SLICE("asc"));
    call_arg(call, plan->line);
    call_run_script(call);
}
