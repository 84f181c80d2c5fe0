/* slot_list.c: slots with their free places, by day and by time of day.
 *
 * Its ETag is a hash of the answer: places are held and run out without a change in the stream.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/calendar.h"
#include "kvcrm/model/slot.h"
#include "kvcrm/store/scripts.h"
#include "list.h"
#include "slot_place.h"
#include "slot_row.h"

#define AFTER_ALL_TIMES (24 * 60) /* texts that are no time of day */

static void run(struct call *call);

const struct op op_slot_list = {.name = "slot_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"date", "from", "to", NULL};

struct plan {
    struct list list;
    struct slot_place after; /* the last slot of the page before; no date on the first page */
};

struct placed {
    struct slot_row row;
    unsigned minute;
};

static int text_order(struct slice a, struct slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int placed_order(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    int order = text_order(a->row.date, b->row.date);

    if (order != 0)
        return order;
    if (a->minute != b->minute)
        return a->minute < b->minute ? -1 : 1;
    return text_order(a->row.time, b->row.time);
}

static struct placed placed_of(struct slot_row row)
{
    struct placed placed = {row, AFTER_ALL_TIMES};

    if (!slot_minute(row.time, &placed.minute))
        placed.minute = AFTER_ALL_TIMES;
    return placed;
}

static void print_slot(struct call *call, const struct slot_row *row, struct jw *w)
{
    jw_object(w);
    jw_key(w, "id");
    jw_string(w, arena_join(&call->arena, 3, row->date, SLICE("."), row->time));
    jw_key(w, "date");
    jw_string(w, row->date);
    jw_key(w, "time");
    jw_string(w, row->time);
    jw_key(w, "end");
    jw_string_or_null(w, row->end);
    jw_key(w, "capacity");
    jw_i64(w, row->capacity);
    jw_key(w, "booked");
    jw_i64(w, row->booked);
    jw_key(w, "held");
    jw_i64(w, row->held);
    jw_key(w, "free");
    jw_i64(w, slot_row_free(row));
    jw_object_end(w);
}

/* The slots of the reply behind the page before, in order. */
static size_t gather(const struct plan *plan, const struct reply *reply, struct placed *slots)
{
    struct placed after = placed_of((struct slot_row){
        .date = plan->after.date,
        .time = plan->after.time,
    });
    size_t count = 0;

    for (size_t i = 1; i < reply_count(reply); i += SLOT_ROW_FIELDS) {
        struct placed placed = placed_of(slot_row_at(reply, i));
        if (plan->after.date.n == 0 || placed_order(&placed, &after) > 0)
            slots[count++] = placed;
    }
    qsort(slots, count, sizeof *slots, placed_order);
    return count;
}

static void on_slots(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct plan *plan = call->state;
    struct slice known, known_hash, next = SLICE_NONE;

    if (call_failed(call, err, reply))
        return;
    struct placed *slots =
        arena_alloc(&call->arena, (reply_count(reply) / SLOT_ROW_FIELDS + 1) * sizeof *slots);
    size_t count = gather(plan, reply, slots), limit = plan->list.limit;
    struct jw w = jw_on(call_body(call));
    list_open(&w);
    for (size_t i = 0; i < count && i < limit; i++)
        print_slot(call, &slots[i].row, &w);
    if (count > limit)
        next = arena_join(&call->arena, 3, slots[limit - 1].row.date, SLICE("."),
                          slots[limit - 1].row.time);
    list_close(call, &plan->list, &w, next, count > limit);
    struct slice hash = env_hash(call->env, buf_slice(w.b), &call->arena);
    list_known(call, &plan->list, &known, &known_hash);
    list_etag(call, &plan->list, reply_text_at(reply, 0), hash);
    if (known.n > 0 && slice_eq(known, reply_text_at(reply, 0)) && slice_eq(known_hash, hash))
        call_not_modified(call);
    else
        call_ok(call, 200);
}

static struct slice day_parameter(struct call *call, const char *name)
{
    struct slice day = query_text(&call->query, name);

    slot_date_check(call, slice_of(name), day);
    return day;
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);
    struct slice date = day_parameter(call, "date");
    struct slice from = day_parameter(call, "from"), to = day_parameter(call, "to");

    call->state = plan;
    if (!list_begin(call, parameters, &plan->list))
        return;
    if (plan->list.position.n > 0 &&
        !slot_place_parse(plan->list.position, &call->arena, &plan->after)) {
        call_fail(call, ERR_BAD_CURSOR, NULL);
        return;
    }
    if (date.n > 0)
        from = to = date;
    if (from.n == 0)
        from = calendar_text(calendar_day_of(call->in.received_ms), &call->arena);
    if (plan->after.date.n > 0)
        from = plan->after.date;
    call_script(call, &script_slot_list, on_slots);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_SLOT_DAY, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slot_day_score(from, &call->arena));
    call_arg(call, to.n > 0 ? slot_day_score(to, &call->arena) : SLICE("+inf"));
    call_arg_i64(call, (int64_t)plan->list.limit + 1);
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, plan->after.date.n > 0 ? plan->after.date : SLICE(""));
    call_run_script(call);
}
