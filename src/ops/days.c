/* days.c: the time range of a report, and the counters of its days.
 *
 * The counters of a day are one hash. A script may read 512 fields (it has one millisecond), so a
 * long range takes several calls, one after the other.
 *
 * SPDX-License-Identifier: MIT */
#include "days.h"

#include "kvcrm/base/clock.h"
#include "kvcrm/store/scripts.h"

#define READS_MAX 512
#define DAYS_PER_CALL 64

void days_read(struct call *call, struct days *days)
{
    int64_t to = call->in.received_ms - call->in.received_ms % DAY_MS + DAY_MS, from = -1;
    struct slice tz = query_text(&call->query, "tz");
    bool readable = query_time(&call->query, "to", &call->arena, &call->faults, &to);

    readable = query_time(&call->query, "from", &call->arena, &call->faults, &from) && readable;
    if (tz.n > 0 && !slice_is(tz, "UTC"))
        fault_add(&call->faults, &call->arena, SLICE("tz"), "enum", "Expected UTC");
    to += (DAY_MS - to % DAY_MS) % DAY_MS;
    if (from < 0)
        from = to - DAYS_DEFAULT * DAY_MS;
    from -= from % DAY_MS;
    if (readable && (from >= to || (to - from) / DAY_MS > DAYS_MAX))
        fault_add(&call->faults, &call->arena, SLICE("from"), "range",
                  "Expected a time before to, at most %d days", DAYS_MAX);
    *days = (struct days){from, to, (unsigned)((to - from) / DAY_MS)};
}

void days_print(const struct days *days, struct jw *w)
{
    jw_key(w, "from");
    jw_time(w, days->from_ms);
    jw_key(w, "to");
    jw_time(w, days->to_ms);
    jw_key(w, "tz");
    jw_string(w, SLICE("UTC"));
}

struct slice days_key(struct call *call, enum key_pattern pattern, int64_t ms)
{
    char day[9];

    return call_key(call, pattern, arena_copy(&call->arena, slice_of(clock_day(ms, day))));
}

static void read_more(struct call *call, struct days_table *table);

static void on_days(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct days_table *table = call->state;

    if (call_failed(call, err, reply))
        return;
    for (size_t day = 0; day < reply_count(reply); day++) {
        int64_t *row = table->values + (table->have + day) * table->field_count;
        for (unsigned f = 0; f < table->field_count; f++)
            row[f] = reply_i64_at(reply_at(reply, day), f);
    }
    table->have += (unsigned)reply_count(reply);
    read_more(call, table);
}

static void read_more(struct call *call, struct days_table *table)
{
    unsigned per_call = READS_MAX / table->field_count;
    unsigned left = table->count - table->have;

    if (left == 0) {
        call->state = table->state;
        table->done(call);
        return;
    }
    per_call = per_call < DAYS_PER_CALL ? per_call : DAYS_PER_CALL;
    call_script(call, &script_stats_days, on_days);
    for (unsigned i = 0; i < left && i < per_call; i++)
        script_key(&call->script, days_key(call, table->pattern,
                                           table->from_ms + (int64_t)(table->have + i) * DAY_MS));
    for (unsigned f = 0; f < table->field_count; f++)
        call_arg(call, table->fields[f]);
    call_run_script(call);
}

void days_table_read(struct call *call, struct days_table *table)
{
    table->values =
        arena_zalloc(&call->arena, (size_t)table->count * table->field_count * sizeof(int64_t));
    table->have = 0;
    table->state = call->state;
    call->state = table;
    read_more(call, table);
}

int64_t days_table_sum(const struct days_table *table, unsigned first_day, unsigned count,
                       unsigned field)
{
    int64_t sum = 0;

    for (unsigned day = first_day; day < first_day + count; day++)
        sum += table->values[day * table->field_count + field];
    return sum;
}
