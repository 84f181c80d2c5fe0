/* stats_sources.c: where leads come from and what becomes of them, by source and by campaign.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_counts.h"
#include "names.h"

static void run(struct call *call);

const struct op op_stats_sources = {.name = "stats_sources", .auth = AUTH_READER, .run = run};

#define CAMPAIGNS_SHOWN 50
#define CAMPAIGN_STEP 1000000000 /* as in lua/lib/lead.lua: a lead counts as so many converted */

enum { LEADS, HOT, QUALITY, CONVERTED, REVENUE, NAMES };
static const char *const names[NAMES] = {
    [LEADS] = "leads",           [HOT] = "hot", [QUALITY] = "quality", [CONVERTED] = "converted",
    [REVENUE] = "revenue_cents",
};

struct source_row {
    enum lead_source source;
    int64_t counts[NAMES];
};

/* What rows are sorted by. Costs are not known yet: they are null, and no order. */
enum column { BY_SOURCE, BY_COUNT, BY_RATE, BY_NULL };
static const struct {
    const char *name;
    enum column column;
    unsigned count; /* BY_COUNT */
} columns[] = {
    {"leads", BY_COUNT, LEADS},
    {"source", BY_SOURCE, 0},
    {"hot", BY_COUNT, HOT},
    {"quality_leads", BY_COUNT, QUALITY},
    {"conversions", BY_COUNT, CONVERTED},
    {"conversion_rate", BY_RATE, 0},
    {"revenue", BY_COUNT, REVENUE},
    {"cost", BY_NULL, 0},
    {"cost_per_lead", BY_NULL, 0},
    {"cost_per_quality_lead", BY_NULL, 0},
    {"roi", BY_NULL, 0},
};
#define COLUMNS (sizeof columns / sizeof columns[0])

struct sources {
    const struct lead_counts *leads;
    struct names_days campaigns;
    unsigned column;
    bool descending;
    int64_t min_leads;
};

static double rate_of(const struct source_row *row)
{
    return (double)row->counts[CONVERTED] / (double)row->counts[LEADS];
}

/* Does a stand before b? Equal ones keep their order. */
static bool is_before(const struct sources *sources, const struct source_row *a,
                      const struct source_row *b)
{
    double difference = 0;

    switch (columns[sources->column].column) {
    case BY_SOURCE:
        difference = (double)strcmp(lead_source_word(a->source), lead_source_word(b->source));
        break;
    case BY_COUNT:
        difference = (double)a->counts[columns[sources->column].count] -
                     (double)b->counts[columns[sources->column].count];
        break;
    case BY_RATE:
        difference = rate_of(a) - rate_of(b);
        break;
    case BY_NULL:
        break;
    }
    return sources->descending ? difference > 0 : difference < 0;
}

/* The rows to show, in their order. */
static unsigned take_rows(const struct sources *sources, struct source_row rows[LEAD_SOURCES])
{
    unsigned count = 0;

    for (unsigned nth = 0; nth < LEAD_SOURCES; nth++) {
        struct source_row row = {.source = lead_counts_nth(sources->leads, nth)};
        for (unsigned name = 0; name < NAMES; name++)
            row.counts[name] = lead_counts_of(sources->leads, nth, name);
        if (row.counts[LEADS] == 0 || row.counts[LEADS] < sources->min_leads)
            continue;
        unsigned at = count++;
        for (; at > 0 && is_before(sources, &row, &rows[at - 1]); at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}

/* The leads of a source; sources that are counted together have no list. */
static void print_url(struct jw *w, struct arena *arena, enum lead_source source)
{
    struct slice rest = slice_of(lead_source_word(source)), part;
    struct slice url = SLICE("/v1/leads?source=");

    jw_key(w, "leads_url");
    if (source == LEAD_SOURCE_OTHER) {
        jw_null(w);
        return;
    }
    while (slice_cut(&rest, ' ', &part))
        url = arena_join(arena, 3, url, part, rest.p != NULL ? SLICE("%20") : SLICE(""));
    jw_string(w, url);
}

static void print_row(struct call *call, const struct source_row *row, struct jw *w)
{
    static const char *const unknown[] = {"cost", "cost_per_lead", "cost_per_quality_lead", "roi"};

    jw_object(w);
    jw_key(w, "source");
    jw_string(w, slice_of(lead_source_word(row->source)));
    jw_key(w, "leads");
    jw_i64(w, row->counts[LEADS]);
    jw_key(w, "hot");
    jw_i64(w, row->counts[HOT]);
    jw_key(w, "quality_leads");
    jw_i64(w, row->counts[QUALITY]);
    jw_key(w, "conversions");
    jw_i64(w, row->counts[CONVERTED]);
    report_rate(w, "conversion_rate", row->counts[CONVERTED], row->counts[LEADS]);
    jw_key(w, "revenue");
    jw_money(w, row->counts[REVENUE], call->env->settings.decimals);
    for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        jw_key(w, unknown[i]);
        jw_null(w);
    }
    print_url(w, &call->arena, row->source);
    jw_object_end(w);
}

/* A name is "<source> <campaign>". */
static void print_campaigns(const struct names *campaigns, struct jw *w)
{
    jw_key(w, "campaigns");
    jw_array(w);
    for (size_t i = 0; i < campaigns->count && i < CAMPAIGNS_SHOWN; i++) {
        struct slice campaign = campaigns->list[i].name, source;
        slice_cut(&campaign, ' ', &source);
        jw_object(w);
        jw_key(w, "source");
        jw_string(w, slice_of(lead_source_word(lead_source_of(source))));
        jw_key(w, "campaign");
        jw_string(w, campaign);
        jw_key(w, "leads");
        jw_i64(w, campaigns->list[i].count / CAMPAIGN_STEP);
        jw_key(w, "converted");
        jw_i64(w, campaigns->list[i].count % CAMPAIGN_STEP);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print(struct call *call, const struct report *report, struct jw *w)
{
    const struct sources *sources = report->own;
    struct source_row rows[LEAD_SOURCES];
    unsigned count = take_rows(sources, rows);

    jw_key(w, "sources");
    jw_array(w);
    for (unsigned i = 0; i < count; i++)
        print_row(call, &rows[i], w);
    jw_array_end(w);
    print_campaigns(&sources->campaigns.names, w);
    jw_key(w, "currency");
    jw_string(w, slice_of(call->env->settings.currency));
}

static void read_campaigns(struct call *call, struct report *report)
{
    struct sources *sources = report->own;

    names_days_read(call, &sources->campaigns);
}

static void read_sort(struct call *call, struct sources *sources)
{
    struct slice sort = query_text(&call->query, "sort");

    sources->descending = true;
    if (sort.n == 0)
        return;
    sources->descending = sort.p[0] == '-';
    struct slice name = sources->descending ? (struct slice){sort.p + 1, sort.n - 1} : sort;
    while (sources->column < COLUMNS && !slice_is(name, columns[sources->column].name))
        sources->column++;
    if (sources->column == COLUMNS)
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected a column, with - for descending order");
}

static void run(struct call *call)
{
    struct sources *sources = arena_zalloc(&call->arena, sizeof *sources);
    struct report *report = report_begin(call, false, print);
    struct slice min_leads = query_text(&call->query, "min_leads");
    uint64_t number = 0;

    read_sort(call, sources);
    if (min_leads.n > 0 && !slice_u64(min_leads, INT64_MAX, &number))
        fault_add(&call->faults, &call->arena, SLICE("min_leads"), "range",
                  "Expected a whole number from 0 on");
    sources->min_leads = (int64_t)number;
    sources->leads = lead_counts_read(call, report, LEAD_SOURCES, names, NAMES);
    sources->campaigns = (struct names_days){
        .pattern = KEY_LEAD_CAMPAIGN, .days = report->days, .done = report_finish};
    report->own = sources;
    report->more = read_campaigns;
    report_run(call, report);
}
