/* report.h: what the analytics share: a range of days, its counters, the numbers of this moment.
 *
 * A report is answered in steps: stats_now (one look at the present, which also tells whether the
 * caller's copy is still good, 304), then the counters of its days, table by table, then `more` if
 * the operation has something else to read, and at the end `print`.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_REPORT_H
#define KVCRM_OPS_REPORT_H

#include "days.h"
#include "kvcrm/model/status.h"

#define REPORT_TABLES 2

struct report {
    struct days days;
    unsigned days_before; /* as many days before the range; they come first in the tables */
    struct days_table tables[REPORT_TABLES];
    unsigned table_count, tables_read;
    int64_t contacts, open_tasks, overdue_tasks;
    int64_t by_status[LEAD_STATUS_COUNT];
    void *own;                                              /* the operation's */
    void (*more)(struct call *call, struct report *report); /* NULL, or ends with report_finish */
    void (*print)(struct call *call, const struct report *report, struct jw *w);
};

/* Reads the range from the query; faults go to call->faults. with_days_before: as many days before
 * the range are read as well. print writes the members that follow from, to and tz. */
struct report *report_begin(struct call *call, bool with_days_before,
                            void (*print)(struct call *call, const struct report *report,
                                          struct jw *w));
/* Counters of the day that are to be read; the first call makes tables[0]. */
void report_read(struct report *report, enum key_pattern pattern, const struct slice *fields,
                 unsigned field_count);
/* Answers the call: with its faults, if there are any. */
void report_run(struct call *call, struct report *report);
void report_finish(struct call *call);

/* Sums of a field over the range, and over the days before it. */
int64_t report_sum(const struct report *report, unsigned table, unsigned field);
int64_t report_sum_before(const struct report *report, unsigned table, unsigned field);
/* Of one day of the range. */
int64_t report_cell(const struct report *report, unsigned table, unsigned day, unsigned field);
/* "date":"2025-11-11" of a day of the range. */
void report_date(const struct report *report, struct jw *w, unsigned day);
/* "lead_status":[{"status":"New Lead","count":90},…] */
void report_statuses(const struct report *report, struct jw *w);
/* A rate with 4 digits, an average with 1; null when its denominator is 0. */
void report_average(struct jw *w, const char *key, int64_t sum, int64_t count);
void report_rate(struct jw *w, const char *key, int64_t numerator, int64_t denominator);

#endif
