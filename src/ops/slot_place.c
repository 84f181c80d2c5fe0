/* slot_place.c: which slot a call is about.
 *
 * SPDX-License-Identifier: MIT */
#include "slot_place.h"

#include "kvcrm/model/calendar.h"

#define DATE_LENGTH 10
/* So many can be told of a free place when one slot is touched; others at the next touch. */
#define TOLD_AT_ONCE 16

bool slot_place_parse(struct slice id, struct arena *arena, struct slot_place *place)
{
    int64_t day;

    if (id.n < DATE_LENGTH + 2 || id.p[DATE_LENGTH] != '.')
        return false;
    struct slice date = {id.p, DATE_LENGTH};
    struct slice time = {id.p + DATE_LENGTH + 1, id.n - DATE_LENGTH - 1};
    if (!calendar_read(date, &day) || field_chars(time) > SLOT_TIME_MAX)
        return false;
    *place = slot_place_of(date, time, arena);
    return true;
}

struct slot_place *slot_of_path(struct call *call)
{
    struct slot_place *place = arena_alloc(&call->arena, sizeof *place);
    struct slice id;

    if (query_path_text(call->in.params[0], &call->arena, &id) &&
        slot_place_parse(id, &call->arena, place))
        return place;
    call_fail(call, ERR_NOT_FOUND, NULL);
    return NULL;
}

struct slot_place slot_place_of(struct slice date, struct slice time, struct arena *arena)
{
    return (struct slot_place){date, time, key_safe(time, arena)};
}

struct slice slot_place_id(const struct slot_place *place, struct arena *arena)
{
    return arena_join(arena, 3, place->date, SLICE("."), place->time);
}

void slot_date_check(struct call *call, struct slice field, struct slice date)
{
    int64_t day;

    if (date.n > 0 && !calendar_read(date, &day))
        fault_add(&call->faults, &call->arena, field, "date", "Expected a real date YYYY-MM-DD");
}

struct slice slot_day_score(struct slice date, struct arena *arena)
{
    return arena_printf(arena, "%.4s%.2s%.2s", date.p, date.p + 5, date.p + 8);
}

struct slice slot_day_key(struct call *call, const struct slot_place *place)
{
    return call_key(call, KEY_SLOT, place->date);
}

struct slice slot_hold_key(struct call *call, const struct slot_place *place)
{
    return call_key(call, KEY_SLOT_HOLD,
                    arena_join(&call->arena, 3, place->date, SLICE("."), place->key));
}

struct slice slot_line(struct call *call, const struct slot_place *place)
{
    return arena_join(&call->arena, 3, place->date, SLICE(":"), place->key);
}

struct slice slot_task_ids(struct call *call, unsigned count)
{
    size_t n = (size_t)count * (ID_UUID_LEN + 1);
    char *ids = arena_alloc(&call->arena, n);

    for (char *id = ids; id < ids + n; id += ID_UUID_LEN + 1) {
        id_uuid7(call->in.received_ms, id);
        id[ID_UUID_LEN] = ' ';
    }
    return (struct slice){ids, n};
}

void slot_script(struct call *call, const struct slot_place *place, const struct script *script,
                 void (*done)(struct script_call *, enum err, const struct reply *))
{
    call_script(call, script, done);
    script_key(&call->script, slot_day_key(call, place));
    script_key(&call->script, slot_hold_key(call, place));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
}

void slot_arguments(struct call *call, const struct slot_place *place)
{
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, place->date);
    call_arg(call, place->time);
    call_arg(call, place->key);
    call_arg(call, slot_task_ids(call, TOLD_AT_ONCE));
}
