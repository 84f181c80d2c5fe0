/* stats_recovery.c: bookings that failed, what became of them, and what was asked for.
 *
 * Failures are counted on the day of the attempt, leads on the day on which they were made. Other
 * sources have no failures of their own: an attempt is a call that made or repeated a lead.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure.h"
#include "lead_counts.h"
#include "names.h"

static void run(struct call *call);

const struct op op_stats_recovery = {.name = "stats_recovery", .auth = AUTH_READER, .run = run};

#define DEMAND_SHOWN 50

enum { LEADS, CONVERTED, ATTEMPTS, RECOVERED, REVENUE, RATED, SATISFACTION, NAMES };
static const char *const names[NAMES] = {
    [LEADS] = "leads",
    [CONVERTED] = "converted",
    [ATTEMPTS] = "attempts",
    [RECOVERED] = "recovered",
    [REVENUE] = "revenue_cents",
    [RATED] = "rated",
    [SATISFACTION] = "satisfaction",
};

/* Of crm_fail_; the reasons stand behind these. */
enum { FAILURES, CAPTURED, DISAGREE, REASON, FAIL_FIELDS = REASON + FAILURE_COUNT - 1 };
#define FAIL_TABLE 1

struct recovery {
    const struct lead_counts *leads;
    bool of_bookings;
    struct names_days demand; /* of_bookings */
};

static const struct slice *fail_fields(struct call *call)
{
    struct slice *fields = arena_alloc(&call->arena, FAIL_FIELDS * sizeof *fields);

    fields[FAILURES] = SLICE("failures");
    fields[CAPTURED] = SLICE("captured");
    fields[DISAGREE] = SLICE("disagree");
    for (int reason = FAILURE_NONE + 1; reason < FAILURE_COUNT; reason++)
        fields[REASON + reason - 1] = slice_of(failure_row(reason)->slug);
    return fields;
}

/* The members of `failures`, and of each day. */
static void print_reasons(struct jw *w, const int64_t fail[FAIL_FIELDS])
{
    jw_key(w, "total");
    jw_i64(w, fail[FAILURES]);
    for (int reason = FAILURE_NONE + 1; reason < FAILURE_COUNT; reason++) {
        jw_key(w, failure_row(reason)->slug);
        jw_i64(w, fail[REASON + reason - 1]);
    }
}

static void fail_of_day(const struct report *report, unsigned day, int64_t fail[FAIL_FIELDS])
{
    const struct recovery *recovery = report->own;

    memset(fail, 0, FAIL_FIELDS * sizeof *fail);
    if (recovery->of_bookings) {
        for (unsigned f = 0; f < FAIL_FIELDS; f++)
            fail[f] = report_cell(report, FAIL_TABLE, day, f);
    } else {
        fail[FAILURES] = fail[CAPTURED] = lead_counts_of_day(recovery->leads, day, ATTEMPTS);
    }
}

static void print_days(const struct report *report, struct jw *w)
{
    int64_t fail[FAIL_FIELDS];

    jw_key(w, "by_day");
    jw_array(w);
    for (unsigned day = 0; day < report->days.count; day++) {
        fail_of_day(report, day, fail);
        jw_object(w);
        report_date(report, w, day);
        print_reasons(w, fail);
        jw_key(w, "captured");
        jw_i64(w, fail[CAPTURED]);
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* A name is "<date> <time>". */
static void print_demand(const struct names *demand, struct jw *w)
{
    jw_key(w, "demand");
    jw_array(w);
    for (size_t i = 0; i < demand->count && i < DEMAND_SHOWN; i++) {
        struct slice time = demand->list[i].name, date;
        slice_cut(&time, ' ', &date);
        jw_object(w);
        jw_key(w, "date");
        jw_string(w, date);
        jw_key(w, "time");
        jw_string_or_null(w, time);
        jw_key(w, "count");
        jw_i64(w, demand->list[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_leads(struct call *call, const int64_t leads[NAMES],
                        const int64_t fail[FAIL_FIELDS], struct jw *w)
{
    jw_key(w, "leads");
    jw_i64(w, leads[LEADS]);
    report_rate(w, "capture_rate", fail[CAPTURED], fail[FAILURES]);
    jw_key(w, "converted");
    jw_i64(w, leads[CONVERTED]);
    report_rate(w, "conversion_rate", leads[CONVERTED], leads[LEADS]);
    jw_key(w, "recovered");
    jw_i64(w, leads[RECOVERED]);
    report_rate(w, "recovery_rate", leads[RECOVERED], fail[FAILURES]);
    jw_key(w, "revenue_recovered");
    jw_money(w, leads[REVENUE], call->env->settings.decimals);
    jw_key(w, "currency");
    jw_string(w, slice_of(call->env->settings.currency));
}

static void print(struct call *call, const struct report *report, struct jw *w)
{
    const struct recovery *recovery = report->own;
    int64_t leads[NAMES], fail[FAIL_FIELDS] = {0}, of_day[FAIL_FIELDS];

    for (unsigned name = 0; name < NAMES; name++)
        leads[name] = lead_counts_sum(recovery->leads, name);
    for (unsigned day = 0; day < report->days.count; day++) {
        fail_of_day(report, day, of_day);
        for (unsigned f = 0; f < FAIL_FIELDS; f++)
            fail[f] += of_day[f];
    }
    jw_key(w, "failures");
    jw_object(w);
    print_reasons(w, fail);
    jw_object_end(w);
    print_days(report, w);
    print_leads(call, leads, fail, w);
    print_demand(&recovery->demand.names, w);
    jw_key(w, "classifier");
    jw_object(w);
    jw_key(w, "mode");
    jw_string(w, slice_of(call->env->settings.classifier));
    jw_key(w, "disagreements");
    jw_i64(w, fail[DISAGREE]);
    jw_object_end(w);
    jw_key(w, "satisfaction");
    jw_object(w);
    report_average(w, "average", leads[SATISFACTION], leads[RATED]);
    jw_key(w, "n");
    jw_i64(w, leads[RATED]);
    jw_object_end(w);
}

static void read_demand(struct call *call, struct report *report)
{
    struct recovery *recovery = report->own;

    names_days_read(call, &recovery->demand);
}

static void run(struct call *call)
{
    struct recovery *recovery = arena_zalloc(&call->arena, sizeof *recovery);
    struct report *report = report_begin(call, false, print);
    enum lead_source source = LEAD_SOURCE_BOOKING_FAILED;

    lead_counts_source(call, &source);
    report->own = recovery;
    recovery->leads = lead_counts_read(call, report, source, names, NAMES);
    recovery->of_bookings = source == LEAD_SOURCE_BOOKING_FAILED;
    if (recovery->of_bookings) {
        report_read(report, KEY_FAIL, fail_fields(call), FAIL_FIELDS);
        recovery->demand =
            (struct names_days){.pattern = KEY_DEMAND, .days = report->days, .done = report_finish};
        report->more = read_demand;
    }
    report_run(call, report);
}
