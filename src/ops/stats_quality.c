/* stats_quality.c: how good the leads are that were made in the range, as they are now.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_counts.h"

static void run(struct call *call);

const struct op op_stats_quality = {.name = "stats_quality", .auth = AUTH_READER, .run = run};

#define BANDS 10

enum { LEADS, SCORE, HOT, WARM, COLD, BAND, NAMES = BAND + BANDS };
static const char *const names[NAMES] = {
    "leads",  "score",  "hot",    "warm",   "cold",   "band:0", "band:1", "band:2",
    "band:3", "band:4", "band:5", "band:6", "band:7", "band:8", "band:9",
};

static void print(struct call *call, const struct report *report, struct jw *w)
{
    int64_t sums[NAMES];

    (void)call;
    for (unsigned name = 0; name < NAMES; name++)
        sums[name] = lead_counts_sum(report->own, name);
    jw_key(w, "HOT");
    jw_i64(w, sums[HOT]);
    jw_key(w, "WARM");
    jw_i64(w, sums[WARM]);
    jw_key(w, "COLD");
    jw_i64(w, sums[COLD]);
    jw_key(w, "total");
    jw_i64(w, sums[LEADS]);
    report_rate(w, "hot_warm_rate", sums[HOT] + sums[WARM], sums[LEADS]);
    report_average(w, "average_score", sums[SCORE], sums[LEADS]);
    jw_key(w, "histogram");
    jw_array(w);
    for (int64_t band = 0; band < BANDS; band++) {
        jw_object(w);
        jw_key(w, "from");
        jw_i64(w, 10 * band);
        jw_key(w, "to");
        jw_i64(w, band == BANDS - 1 ? 100 : 10 * band + 9);
        jw_key(w, "count");
        jw_i64(w, sums[BAND + band]);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void run(struct call *call)
{
    struct report *report = report_begin(call, false, print);

    report->own = lead_counts_read(call, report, LEAD_SOURCES, names, NAMES);
    report_run(call, report);
}
