/* stats_overview.c: the numbers on top of the dashboard: contacts, bookings, revenue, tasks.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/clock.h"
#include "report.h"

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

/* The days before the range come first in the table. */
static int64_t now_of(const struct report *r, unsigned field)
{
    return days_table_sum(&r->table, r->days.count, r->days.count, field);
}

static int64_t before_of(const struct report *r, unsigned field)
{
    return days_table_sum(&r->table, 0, r->days.count, field);
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

static void print_series(struct call *call, const struct report *r, struct jw *w)
{
    char text[CLOCK_TEXT_SIZE];

    jw_key(w, "series");
    jw_array(w);
    for (unsigned day = 0; day < r->days.count; day++) {
        const int64_t *row = r->table.values + (size_t)(r->days.count + day) * FIELDS;
        clock_format(r->days.from_ms + (int64_t)day * DAY_MS, text);
        jw_object(w);
        jw_key(w, "date");
        jw_string(w, (struct slice){text, 10});
        jw_key(w, "contacts");
        jw_i64(w, row[CREATED]);
        jw_key(w, "customers");
        jw_i64(w, row[CUSTOMERS]);
        jw_key(w, "bookings");
        jw_i64(w, row[BOOKINGS]);
        jw_key(w, "revenue");
        jw_money(w, row[REVENUE], call->env->settings.decimals);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print(struct call *call, const struct report *r, struct jw *w)
{
    unsigned decimals = call->env->settings.decimals;
    struct days before = {r->table.from_ms, r->days.from_ms, r->days.count};

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
    report_rate(w, "change", now_of(r, CREATED) - before_of(r, CREATED), before_of(r, CREATED));
    jw_object_end(w);
    report_statuses(r, w);
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
    report_run(call, fields, FIELDS, true, print);
}
