/* stats_overview.c: the numbers on top of the dashboard: contacts, leads, bookings, revenue, tasks.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "lead_counts.h"

static void run(struct call *call);

const struct op op_stats_overview = {.name = "stats_overview", .auth = AUTH_READER, .run = run};

enum {
    CREATED,
    BOOKINGS,
    REVENUE,
    CUSTOMERS,
    FORMS_1,
    FORMS_2,
    FORMS_3,
    FORMS_SUBMITTED,
    FORMS_APPROVED,
    RECOVERED,
    FIELDS
};
static const struct slice fields[FIELDS] = {
    [CREATED] = SLICE_CONST("created"),
    [BOOKINGS] = SLICE_CONST("bookings"),
    [REVENUE] = SLICE_CONST("revenue_cents"),
    [CUSTOMERS] = SLICE_CONST("to:customer"),
    [FORMS_1] = SLICE_CONST("step:1"),
    [FORMS_2] = SLICE_CONST("step:2"),
    [FORMS_3] = SLICE_CONST("step:3"),
    [FORMS_SUBMITTED] = SLICE_CONST("step:submitted"),
    [FORMS_APPROVED] = SLICE_CONST("step:approved"),
    [RECOVERED] = SLICE_CONST("recovered"),
};

enum { LEADS, CONVERTED, SCORE, LEAD_NAMES };
static const char *const lead_names[LEAD_NAMES] = {"leads", "converted", "score"};

static int64_t now_of(const struct report *r, unsigned field)
{
    return report_sum(r, 0, field);
}

static int64_t before_of(const struct report *r, unsigned field)
{
    return report_sum_before(r, 0, field);
}

/* Booking forms that were submitted, of those begun. */
static void print_forms(const struct report *r, struct jw *w)
{
    int64_t submitted = now_of(r, FORMS_SUBMITTED) + now_of(r, FORMS_APPROVED);
    int64_t begun = submitted + now_of(r, FORMS_1) + now_of(r, FORMS_2) + now_of(r, FORMS_3);

    report_rate(w, "form_completion_rate", submitted, begun);
    jw_key(w, "recovered_leads");
    jw_i64(w, now_of(r, RECOVERED));
}

static void print_change(struct jw *w, int64_t now, int64_t before)
{
    report_rate(w, "change", now - before, before);
}

/* In ten thousandths, as it is shown: the change is that of what is shown. */
static int64_t conversion_of(int64_t converted, int64_t leads)
{
    return leads > 0 ? llrint(1e4 * (double)converted / (double)leads) : 0;
}

/* Leads by the day on which they were made, as they are now. */
static void print_leads(const struct lead_counts *counts, struct jw *w)
{
    int64_t now[LEAD_NAMES], before[LEAD_NAMES];

    for (unsigned name = 0; name < LEAD_NAMES; name++) {
        now[name] = lead_counts_sum(counts, name);
        before[name] = lead_counts_sum_before(counts, name);
    }
    jw_key(w, "leads");
    jw_object(w);
    jw_key(w, "total");
    jw_i64(w, now[LEADS]);
    jw_key(w, "previous");
    jw_i64(w, before[LEADS]);
    print_change(w, now[LEADS], before[LEADS]);
    jw_object_end(w);

    jw_key(w, "average_score");
    jw_object(w);
    report_average(w, "value", now[SCORE], now[LEADS]);
    report_average(w, "previous", before[SCORE], before[LEADS]);
    jw_object_end(w);

    jw_key(w, "conversion_rate");
    jw_object(w);
    report_rate(w, "value", now[CONVERTED], now[LEADS]);
    report_rate(w, "previous", before[CONVERTED], before[LEADS]);
    if (now[LEADS] > 0) {
        print_change(w, conversion_of(now[CONVERTED], now[LEADS]),
                     conversion_of(before[CONVERTED], before[LEADS]));
    } else {
        jw_key(w, "change");
        jw_null(w);
    }
    jw_object_end(w);
}

static void print_series(struct call *call, const struct report *r, struct jw *w)
{
    jw_key(w, "series");
    jw_array(w);
    for (unsigned day = 0; day < r->days.count; day++) {
        int64_t leads = lead_counts_of_day(r->own, day, LEADS);
        int64_t converted = lead_counts_of_day(r->own, day, CONVERTED);
        jw_object(w);
        report_date(r, w, day);
        jw_key(w, "contacts");
        jw_i64(w, report_cell(r, 0, day, CREATED));
        jw_key(w, "customers");
        jw_i64(w, report_cell(r, 0, day, CUSTOMERS));
        jw_key(w, "leads");
        jw_i64(w, leads);
        jw_key(w, "converted");
        jw_i64(w, converted);
        report_rate(w, "conversion_rate", converted, leads);
        jw_key(w, "bookings");
        jw_i64(w, report_cell(r, 0, day, BOOKINGS));
        jw_key(w, "revenue");
        jw_money(w, report_cell(r, 0, day, REVENUE), call->env->settings.decimals);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print(struct call *call, const struct report *r, struct jw *w)
{
    unsigned decimals = call->env->settings.decimals;
    struct days before = {r->tables[0].from_ms, r->days.from_ms, r->days.count};

    jw_key(w, "previous");
    jw_object(w);
    days_print(&before, w);
    jw_object_end(w);
    jw_key(w, "contacts");
    jw_object(w);
    jw_key(w, "total");
    jw_i64(w, r->contacts);
    jw_key(w, "created");
    jw_i64(w, now_of(r, CREATED));
    jw_key(w, "previous");
    jw_i64(w, before_of(r, CREATED));
    print_change(w, now_of(r, CREATED), before_of(r, CREATED));
    jw_object_end(w);
    report_statuses(r, w);
    print_leads(r->own, w);
    jw_key(w, "customers");
    jw_i64(w, now_of(r, CUSTOMERS));
    jw_key(w, "bookings");
    jw_i64(w, now_of(r, BOOKINGS));
    jw_key(w, "revenue");
    jw_money(w, now_of(r, REVENUE), decimals);
    jw_key(w, "currency");
    jw_string(w, slice_of(call->env->settings.currency));
    jw_key(w, "open_tasks");
    jw_i64(w, r->open_tasks);
    jw_key(w, "overdue_tasks");
    jw_i64(w, r->overdue_tasks);
    print_forms(r, w);
    print_series(call, r, w);
}

static void run(struct call *call)
{
    struct report *report = report_begin(call, true, print);

    report_read(report, KEY_STATS, fields, FIELDS);
    report->own = lead_counts_read(call, report, LEAD_SOURCES, lead_names, LEAD_NAMES);
    report_run(call, report);
}
