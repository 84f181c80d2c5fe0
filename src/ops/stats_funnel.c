/* stats_funnel.c: how many contacts are at each lead status, and how far bookings get.
 *
 * SPDX-License-Identifier: MIT */
#include "report.h"

static void run(struct call *call);

const struct op op_stats_funnel = {.name = "stats_funnel", .auth = AUTH_READER, .run = run};

static const struct {
    const char *stage, *event;
} stages[] = {
    {"started", "booking.started"},
    {"step_completed", "booking.step_completed"},
    {"completed", "booking.completed"},
    {"paid", "payment.successful"},
};

#define STAGES (sizeof stages / sizeof stages[0])
#define HOURS 24

/* The day's hash counts by hour and type: field "09:booking.started". */
static const struct slice *make_fields(struct call *call)
{
    struct slice *fields = arena_alloc(&call->arena, STAGES * HOURS * sizeof *fields);

    for (unsigned s = 0; s < STAGES; s++) {
        for (unsigned hour = 0; hour < HOURS; hour++)
            fields[s * HOURS + hour] = arena_printf(&call->arena, "%02u:%s", hour, stages[s].event);
    }
    return fields;
}

static void print(struct call *call, const struct report *report, struct jw *w)
{
    int64_t first = 0, before = 0;

    (void)call;
    jw_key(w, "kind");
    jw_string(w, SLICE("booking"));
    jw_key(w, "stages");
    jw_array(w);
    for (unsigned s = 0; s < STAGES; s++) {
        int64_t count = 0;
        for (unsigned hour = 0; hour < HOURS; hour++)
            count += report_sum(report, 0, s * HOURS + hour);
        if (s == 0)
            first = before = count;
        jw_object(w);
        jw_key(w, "stage");
        jw_string(w, slice_of(stages[s].stage));
        jw_key(w, "count");
        jw_i64(w, count);
        report_rate(w, "rate", count, before);
        report_rate(w, "of_first", count, first);
        jw_object_end(w);
        before = count;
    }
    jw_array_end(w);
    report_statuses(report, w);
}

static void run(struct call *call)
{
    struct slice kind = query_text(&call->query, "kind");
    struct report *report = report_begin(call, false, print);

    if (kind.n > 0 && !slice_is(kind, "booking"))
        fault_add(&call->faults, &call->arena, SLICE("kind"), "enum", "Expected booking");
    report_read(report, KEY_STATS, make_fields(call), STAGES * HOURS);
    report_run(call, report);
}
