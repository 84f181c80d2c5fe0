/* stats_drop_off.c: where visitors of the booking form stop.
 *
 * A record is counted at the last step it has reached, on the day it was made, so that the steps of
 * a range are those of the visitors of that range (lua/lib/lead.lua).
 *
 * SPDX-License-Identifier: MIT */
#include "report.h"

static void run(struct call *call);

const struct op op_stats_drop_off = {.name = "stats_drop_off", .auth = AUTH_READER, .run = run};

static const struct slice fields[] = {
    SLICE_CONST("step:1"),         SLICE_CONST("step:2"),        SLICE_CONST("step:3"),
    SLICE_CONST("step:submitted"), SLICE_CONST("step:approved"),
};

#define STEPS (sizeof fields / sizeof fields[0])
#define NUMBERED 3 /* of them have a number for a name */

static void print(struct call *call, const struct report *report, struct jw *w)
{
    int64_t stopped[STEPS], reached = 0;

    (void)call;
    for (unsigned i = 0; i < STEPS; i++) {
        stopped[i] = report_sum(report, 0, i);
        reached += stopped[i];
    }
    jw_key(w, "steps");
    jw_array(w);
    for (unsigned i = 0; i < STEPS; i++) {
        struct slice name = {fields[i].p + 5, fields[i].n - 5};
        jw_object(w);
        jw_key(w, "step");
        if (i < NUMBERED)
            jw_raw(w, name);
        else
            jw_string(w, name);
        jw_key(w, "stopped");
        jw_i64(w, stopped[i]);
        jw_key(w, "reached");
        jw_i64(w, reached);
        jw_object_end(w);
        reached -= stopped[i];
    }
    jw_array_end(w);
}

static void run(struct call *call)
{
    struct report *report = report_begin(call, false, print);

    report_read(report, KEY_STATS, fields, STEPS);
    report_run(call, report);
}
