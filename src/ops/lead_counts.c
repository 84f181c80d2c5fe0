/* lead_counts.c: counters of leads by source and by the day on which they were made.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_counts.h"

void lead_counts_source(struct call *call, enum lead_source *source)
{
    struct slice word = query_text(&call->query, "source");
    struct slice slug = lead_source_slug(word, &call->arena);

    if (word.n == 0)
        return;
    *source = lead_source_of(slug);
    if (*source == LEAD_SOURCE_OTHER && !slice_is(slug, lead_source_counted(LEAD_SOURCE_OTHER)))
        fault_add(&call->faults, &call->arena, SLICE("source"), "enum",
                  "Expected a source that is counted by name, or other");
}

struct lead_counts *lead_counts_read(struct call *call, struct report *report,
                                     enum lead_source source, const char *const *names,
                                     unsigned count)
{
    struct lead_counts *counts = arena_alloc(&call->arena, sizeof *counts);
    bool one = source != LEAD_SOURCES;

    *counts = (struct lead_counts){
        .report = report,
        .table = report->table_count,
        .first = one ? source : 0,
        .sources = one ? 1 : LEAD_SOURCES,
        .names = count,
    };
    unsigned field_count = counts->sources * count;
    struct slice *fields = arena_alloc(&call->arena, field_count * sizeof *fields);
    for (unsigned f = 0; f < field_count; f++)
        fields[f] =
            arena_printf(&call->arena, "%s:%s",
                         lead_source_counted(lead_counts_nth(counts, f / count)), names[f % count]);
    report_read(report, KEY_LEAD_DAY, fields, field_count);
    return counts;
}

int64_t lead_counts_sum(const struct lead_counts *counts, unsigned name)
{
    int64_t sum = 0;

    for (unsigned nth = 0; nth < counts->sources; nth++)
        sum += lead_counts_of(counts, nth, name);
    return sum;
}

int64_t lead_counts_sum_before(const struct lead_counts *counts, unsigned name)
{
    int64_t sum = 0;

    for (unsigned nth = 0; nth < counts->sources; nth++)
        sum += report_sum_before(counts->report, counts->table, nth * counts->names + name);
    return sum;
}

int64_t lead_counts_of_day(const struct lead_counts *counts, unsigned day, unsigned name)
{
    int64_t sum = 0;

    for (unsigned nth = 0; nth < counts->sources; nth++)
        sum += lead_counts_cell(counts, nth, day, name);
    return sum;
}

int64_t lead_counts_of(const struct lead_counts *counts, unsigned nth, unsigned name)
{
    return report_sum(counts->report, counts->table, nth * counts->names + name);
}

int64_t lead_counts_cell(const struct lead_counts *counts, unsigned nth, unsigned day,
                         unsigned name)
{
    return report_cell(counts->report, counts->table, day, nth * counts->names + name);
}
