/* lead_counts.h: counters of leads by source and by the day on which they were made, as reports
 * read them. They say what the leads are now (lua/lib/lead.lua).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_COUNTS_H
#define KVCRM_OPS_LEAD_COUNTS_H

#include "kvcrm/model/lead.h"
#include "report.h"

struct lead_counts {
    const struct report *report;
    unsigned table; /* of the report */
    enum lead_source first;
    unsigned sources; /* that are read, from the first on: one, or LEAD_SOURCES */
    unsigned names;
};

/* Reads `source` from the query: a word that is counted by name, or "other". Without one the preset
 * is left alone. */
void lead_counts_source(struct call *call, enum lead_source *source);

/* Has the named counters read, of one source, or of all when it is LEAD_SOURCES. */
struct lead_counts *lead_counts_read(struct call *call, struct report *report,
                                     enum lead_source source, const char *const *names,
                                     unsigned count);

/* Sums of a counter over the sources that were read: over the range, the days before it, one day of
 * the range. */
int64_t lead_counts_sum(const struct lead_counts *counts, unsigned name);
int64_t lead_counts_sum_before(const struct lead_counts *counts, unsigned name);
int64_t lead_counts_of_day(const struct lead_counts *counts, unsigned day, unsigned name);
/* Of the nth source that was read: over the range, and on one day. */
int64_t lead_counts_of(const struct lead_counts *counts, unsigned nth, unsigned name);
int64_t lead_counts_cell(const struct lead_counts *counts, unsigned nth, unsigned day,
                         unsigned name);

static inline enum lead_source lead_counts_nth(const struct lead_counts *counts, unsigned nth)
{
    return counts->first + nth;
}

#endif
