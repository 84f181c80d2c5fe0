/* report.h: what the analytics share: a range of days, its counters, the numbers of this moment.
 *
 * A report is answered in two steps: stats_now (one look at the present, which also tells whether
 * the caller's copy is still good, 304), then the counters of its days, and at the end `print`.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_REPORT_H
#define KVCRM_OPS_REPORT_H

#include "days.h"
#include "kvcrm/model/status.h"

struct report {
    struct days_table table; /* first: days.c finds it by call->state */
    struct days days;
    int64_t contacts, open_tasks, overdue_tasks;
    int64_t by_status[LEAD_STATUS_COUNT];
    void (*print)(struct call *call, const struct report *report, struct jw *w);
};

/* fields: counters of the day to read, of the range's days and, with_days_before, of as many days
 * before them (which come first in the table). print writes the members that follow from, to and
 * tz. */
void report_run(struct call *call, const struct slice *fields, unsigned field_count,
                bool with_days_before,
                void (*print)(struct call *call, const struct report *report, struct jw *w));

/* "lead_status":[{"status":"New Lead","count":90},…] */
void report_statuses(const struct report *report, struct jw *w);
/* A rate with 4 digits; null when its denominator is 0. */
void report_rate(struct jw *w, const char *key, int64_t numerator, int64_t denominator);

#endif
