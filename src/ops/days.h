/* days.h: the time range of a report, as whole UTC days, and the counters of those days.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_DAYS_H
#define KVCRM_OPS_DAYS_H

#include "kvcrm/ops/call.h"

#define DAYS_MAX 400 /* as long as the counters are kept */
#define DAYS_DEFAULT 30
#define DAY_MS 86400000LL

struct days {
    int64_t from_ms, to_ms; /* midnights, `to` exclusive */
    unsigned count;
};

/* Reads from, to and tz (UTC is the only one there is) into days; the default is the last 30 days
 * with today. Faults go to call->faults. */
void days_read(struct call *call, struct days *days);
/* "from":…,"to":…,"tz":"UTC" */
void days_print(const struct days *days, struct jw *w);
/* The key of a pattern that ends in a day. */
struct slice days_key(struct call *call, enum key_pattern pattern, int64_t ms);

/* Counters read over some days. The caller fills what stands first. */
struct days_table {
    enum key_pattern pattern; /* of the day's hash */
    int64_t from_ms;
    unsigned count;
    const struct slice *fields; /* of the hash; live as long as the call */
    unsigned field_count;
    void (*done)(struct call *call); /* not called when the call has been answered with an error */
    int64_t *values; /* field f of day d: values[d * field_count + f]; in the call's arena */
    unsigned have;   /* days read so far */
    void *state;     /* the call's, meanwhile */
};
/* Reads a few days at a time, then calls done. Borrows call->state until then. */
void days_table_read(struct call *call, struct days_table *table);

/* Sum of one field over `count` days from first_day on. */
int64_t days_table_sum(const struct days_table *table, unsigned first_day, unsigned count,
                       unsigned field);

#endif
