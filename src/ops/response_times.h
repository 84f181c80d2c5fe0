/* response_times.h: percentiles of how long leads waited for their first contact.
 *
 * Exact while there are few: the times themselves are read, a page at a time. Of many leads a
 * histogram is read, whose bars are 4 % wide: a percentile is wrong by 2 % at most.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_RESPONSE_TIMES_H
#define KVCRM_OPS_RESPONSE_TIMES_H

#include "lead_counts.h"

#define RESPONSE_TIMES_EXACT 10000 /* leads */

struct response_times {
    const struct lead_counts *leads; /* the caller's */
    unsigned contacted;              /* name of the counter of leads that have been contacted */
    void (*done)(struct call *call); /* not called when the call has been answered with an error */
    bool is_approximate;
    int64_t p50_ms, p90_ms; /* -1 when nobody has been contacted */

    struct slice *keys; /* that hold times, or counters */
    size_t key_count, keys_read;
    int64_t passed;  /* times of the next key that have been read */
    int64_t *values; /* ms; or leads of each bar */
    size_t count, room;
    void *state; /* the call's, meanwhile */
};

/* For a range whose counters have been read. Borrows call->state until done. */
void response_times_read(struct call *call, struct response_times *times);

#endif
