/* response_times.c: percentiles of how long leads waited for their first contact.
 *
 * SPDX-License-Identifier: MIT */
#include "response_times.h"

#include <math.h>
#include <stdlib.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/store/scripts.h"

#define KEYS_A_PAGE 64
#define TIMES_A_PAGE 500
#define BARS 1024        /* the last one begins after 10^17 s */
#define BAR_GROWTH 1.04L /* as in lua/lib/lead.lua */

/* The least value that so many percent are not above (nearest rank). */
static size_t rank_of(unsigned percent, size_t count)
{
    return (count * percent + 99) / 100;
}

static void finish(struct call *call, struct response_times *times)
{
    call->state = times->state;
    times->done(call);
}

/* Times, one by one -------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void rank_times(struct response_times *times)
{
    qsort(times->values, times->count, sizeof *times->values, by_value);
    if (times->count > 0) {
        times->p50_ms = times->values[rank_of(50, times->count) - 1];
        times->p90_ms = times->values[rank_of(90, times->count) - 1];
    }
}

static void read_times(struct call *call, struct response_times *times);

static void on_times(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct response_times *times = call->state;

    if (call_failed(call, err, reply))
        return;
    for (size_t i = 2; i < reply_count(reply); i++)
        times->values[times->count++] = reply_i64_at(reply, i);
    times->keys_read += (size_t)reply_i64_at(reply, 0);
    times->passed = reply_i64_at(reply, 1);
    read_times(call, times);
}

static void read_times(struct call *call, struct response_times *times)
{
    /* Leads that were contacted while this runs are not waited for. */
    if (times->keys_read >= times->key_count || times->count + TIMES_A_PAGE > times->room) {
        rank_times(times);
        finish(call, times);
        return;
    }
    size_t left = times->key_count - times->keys_read;
    call_script(call, &script_response_times, on_times);
    for (size_t i = 0; i < left && i < KEYS_A_PAGE; i++)
        script_key(&call->script, times->keys[times->keys_read + i]);
    call_arg_i64(call, times->passed);
    call_arg_i64(call, TIMES_A_PAGE);
    call_run_script(call);
}

/* Those of some source on some day, by source and day: "booking_form:20251111". */
static void list_times(struct call *call, struct response_times *times)
{
    const struct lead_counts *leads = times->leads;
    const struct days *days = &leads->report->days;
    char text[9];

    times->keys =
        arena_alloc(&call->arena, (size_t)leads->sources * days->count * sizeof *times->keys);
    for (unsigned day = 0; day < days->count; day++) {
        clock_day(days->from_ms + (int64_t)day * DAY_MS, text);
        for (unsigned nth = 0; nth < leads->sources; nth++) {
            if (lead_counts_cell(leads, nth, day, times->contacted) == 0)
                continue;
            struct slice rest = arena_printf(
                &call->arena, "%s:%s", lead_source_counted(lead_counts_nth(leads, nth)), text);
            times->keys[times->key_count++] = call_key(call, KEY_LEAD_RESPONSE, rest);
        }
    }
}

/* Bars ----------------------------------------------------------------------------------------- */

/* The middle of the bar in which the time of a rank is. */
static int64_t bar_of(const struct response_times *times, unsigned percent)
{
    size_t rank = rank_of(percent, times->count), seen = 0;
    int bar = 0;

    while (bar < BARS - 1 && (seen += (size_t)times->values[bar]) < rank)
        bar++;
    return llroundl(1000 * powl(BAR_GROWTH, bar + 0.5L));
}

static void read_bars(struct call *call, struct response_times *times);

static void on_bars(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct response_times *times = call->state;

    if (call_failed(call, err, reply))
        return;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
        int64_t bar = reply_i64_at(reply, i), leads = reply_i64_at(reply, i + 1);
        times->values[bar < BARS ? bar : BARS - 1] += leads;
        times->count += (size_t)leads;
    }
    times->keys_read++;
    read_bars(call, times);
}

static void read_bars(struct call *call, struct response_times *times)
{
    const struct lead_counts *leads = times->leads;

    if (times->keys_read == times->key_count) {
        times->p50_ms = bar_of(times, 50);
        times->p90_ms = bar_of(times, 90);
        finish(call, times);
        return;
    }
    call_script(call, &script_response_bars, on_bars);
    script_key(&call->script, times->keys[times->keys_read]);
    for (unsigned nth = 0; nth < leads->sources; nth++)
        call_arg(call, slice_of(lead_source_counted(lead_counts_nth(leads, nth))));
    call_run_script(call);
}

static void list_bars(struct call *call, struct response_times *times)
{
    const struct days *days = &times->leads->report->days;

    times->keys = arena_alloc(&call->arena, days->count * sizeof *times->keys);
    for (unsigned day = 0; day < days->count; day++) {
        if (lead_counts_of_day(times->leads, day, times->contacted) > 0)
            times->keys[times->key_count++] =
                days_key(call, KEY_LEAD_DAY, days->from_ms + (int64_t)day * DAY_MS);
    }
}

void response_times_read(struct call *call, struct response_times *times)
{
    int64_t contacted = lead_counts_sum(times->leads, times->contacted);

    times->is_approximate = contacted > RESPONSE_TIMES_EXACT;
    times->p50_ms = times->p90_ms = -1;
    times->key_count = times->keys_read = times->count = 0;
    times->passed = 0;
    times->room = times->is_approximate ? BARS : (size_t)contacted + TIMES_A_PAGE;
    times->values = arena_zalloc(&call->arena, times->room * sizeof *times->values);
    times->state = call->state;
    call->state = times;
    if (times->is_approximate) {
        list_bars(call, times);
        read_bars(call, times);
    } else {
        list_times(call, times);
        read_times(call, times);
    }
}
