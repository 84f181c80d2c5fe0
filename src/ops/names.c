/* names.c: names that were counted, and those of some days added up.
 *
 * SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdlib.h>

#include "kvcrm/store/scripts.h"

void names_add(struct names *names, struct arena *arena, struct slice name, int64_t count)
{
    if (names->count == names->room) {
        struct counted *old = names->list;
        names->room = names->room == 0 ? 256 : 2 * names->room;
        names->list = arena_alloc(arena, names->room * sizeof *names->list);
        if (names->count > 0)
            memcpy(names->list, old, names->count * sizeof *names->list);
    }
    names->list[names->count++] = (struct counted){arena_copy(arena, name), count};
}

static int by_name(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int order = memcmp(x->name.p, y->name.p, n);

    return order != 0 ? order : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static int by_count(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return by_name(a, b);
}

void names_rank(struct names *names)
{
    size_t kept = 0;

    if (names->count == 0)
        return;
    qsort(names->list, names->count, sizeof *names->list, by_name);
    for (size_t i = 1; i < names->count; i++) {
        if (slice_eq(names->list[i].name, names->list[kept].name))
            names->list[kept].count += names->list[i].count;
        else
            names->list[++kept] = names->list[i];
    }
    names->count = kept + 1;
    qsort(names->list, names->count, sizeof *names->list, by_count);
}

static void read_day(struct call *call, struct names_days *names);

static void on_day(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct names_days *names = call->state;

    if (call_failed(call, err, reply))
        return;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2)
        names_add(&names->names, &call->arena, reply_text_at(reply, i), reply_i64_at(reply, i + 1));
    names->have++;
    read_day(call, names);
}

static void read_day(struct call *call, struct names_days *names)
{
    if (names->have == names->days.count) {
        names_rank(&names->names);
        call->state = names->state;
        names->done(call);
        return;
    }
    call_script(call, &script_names_day, on_day);
    script_key(&call->script,
               days_key(call, names->pattern, names->days.from_ms + (int64_t)names->have * DAY_MS));
    call_run_script(call);
}

void names_days_read(struct call *call, struct names_days *names)
{
    names->names = (struct names){.count = 0};
    names->have = 0;
    names->state = call->state;
    call->state = names;
    read_day(call, names);
}
