/* stats_response.c: how long leads waited for their first contact, and what became of them.
 *
 * SPDX-License-Identifier: MIT */
#include "response_times.h"

static void run(struct call *call);

const struct op op_stats_response = {.name = "stats_response", .auth = AUTH_READER, .run = run};

/* The steps of the curve: a first contact within so many seconds, as in lua/lib/lead.lua. */
static const int64_t step_s[] = {60, 300, 900, 1800, 3600, 14400, 86400};
#define STEPS (sizeof step_s / sizeof step_s[0] + 1) /* the last one is: later */

enum { LEADS, CONTACTED, TIME, STEP, WON = STEP + STEPS, NAMES = WON + STEPS };
static const char *const names[NAMES] = {
    "leads",   "contacted", "response_ms", "curve:1", "curve:2", "curve:3", "curve:4",
    "curve:5", "curve:6",   "curve:7",     "curve:8", "won:1",   "won:2",   "won:3",
    "won:4",   "won:5",     "won:6",       "won:7",   "won:8",
};

static void print_seconds(struct jw *w, const char *key, int64_t ms)
{
    jw_key(w, key);
    if (ms < 0)
        jw_null(w);
    else
        jw_i64(w, (ms + 500) / 1000);
}

static void print_average(struct jw *w, int64_t ms, int64_t count)
{
    print_seconds(w, "average_s", count > 0 ? ms / count : -1);
}

/* Share of those contacted whose first contact came within the seconds of a step. */
static void print_within(struct jw *w, const char *key, const int64_t sums[NAMES], int64_t seconds)
{
    int64_t within = 0;

    for (unsigned step = 0; step < STEPS - 1 && step_s[step] <= seconds; step++)
        within += sums[STEP + step];
    report_rate(w, key, within, sums[CONTACTED]);
}

static void print_sources(const struct lead_counts *leads, struct jw *w)
{
    jw_key(w, "by_source");
    jw_array(w);
    for (unsigned nth = 0; nth < leads->sources; nth++) {
        int64_t count = lead_counts_of(leads, nth, CONTACTED);
        if (count == 0)
            continue;
        jw_object(w);
        jw_key(w, "source");
        jw_string(w, slice_of(lead_source_word(lead_counts_nth(leads, nth))));
        jw_key(w, "count");
        jw_i64(w, count);
        print_average(w, lead_counts_of(leads, nth, TIME), count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* Each lead is in one step: that of its first contact. */
static void print_curve(struct jw *w, const int64_t sums[NAMES])
{
    jw_key(w, "curve");
    jw_array(w);
    for (unsigned step = 0; step < STEPS; step++) {
        jw_object(w);
        jw_key(w, "up_to_s");
        if (step < STEPS - 1)
            jw_i64(w, step_s[step]);
        else
            jw_null(w);
        jw_key(w, "leads");
        jw_i64(w, sums[STEP + step]);
        jw_key(w, "converted");
        jw_i64(w, sums[WON + step]);
        report_rate(w, "rate", sums[WON + step], sums[STEP + step]);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print(struct call *call, const struct report *report, struct jw *w)
{
    const struct response_times *times = report->own;
    int64_t sums[NAMES];

    (void)call;
    for (unsigned name = 0; name < NAMES; name++)
        sums[name] = lead_counts_sum(times->leads, name);
    jw_key(w, "count");
    jw_i64(w, sums[CONTACTED]);
    jw_key(w, "uncontacted");
    jw_i64(w, sums[LEADS] - sums[CONTACTED]);
    print_average(w, sums[TIME], sums[CONTACTED]);
    print_seconds(w, "p50_s", times->p50_ms);
    print_seconds(w, "p90_s", times->p90_ms);
    if (times->is_approximate) {
        jw_key(w, "approximate");
        jw_bool(w, true);
    }
    print_within(w, "within_300_s", sums, 300);
    print_within(w, "within_3600_s", sums, 3600);
    print_sources(times->leads, w);
    print_curve(w, sums);
}

static void read_times(struct call *call, struct report *report)
{
    response_times_read(call, report->own);
}

static void run(struct call *call)
{
    struct response_times *times = arena_zalloc(&call->arena, sizeof *times);
    struct report *report = report_begin(call, false, print);
    enum lead_source source = LEAD_SOURCES;

    lead_counts_source(call, &source);
    times->leads = lead_counts_read(call, report, source, names, NAMES);
    times->contacted = CONTACTED;
    times->done = report_finish;
    report->own = times;
    report->more = read_times;
    report_run(call, report);
}
