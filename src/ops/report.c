/* report.c: what the analytics share.
 *
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/store/scripts.h"

void report_finish(struct call *call)
{
    const struct report *report = call->state;
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    days_print(&report->days, &w);
    report->print(call, report, &w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void read_more(struct call *call)
{
    struct report *report = call->state;

    if (report->tables_read < report->table_count)
        days_table_read(call, &report->tables[report->tables_read++]);
    else if (report->more != NULL)
        report->more(call, report);
    else
        report_finish(call);
}

static void take_present(struct report *report, const struct reply *reply)
{
    report->contacts = reply_i64_at(reply, 1);
    report->open_tasks = reply_i64_at(reply, 2);
    report->overdue_tasks = reply_i64_at(reply, 3);
    for (int status = LEAD_STATUS_NEW_LEAD; status < LEAD_STATUS_COUNT; status++)
        report->by_status[status] =
            reply_i64_at(reply_at(reply, 4), (size_t)(status - LEAD_STATUS_NEW_LEAD));
}

/* Changes with the change stream, with what is overdue and with the day. */
static struct slice etag_of(struct call *call, const struct report *report, struct slice change_id)
{
    uint64_t scope = cursor_scope(call->in.path, &call->query,
                                  (const char *const[]){"from", "to", "kind", "limit", "contact_id",
                                                        "source", "sort", "min_leads", NULL});

    return arena_printf(&call->arena, "W/\"%.*s.%" PRIx64 ".%" PRId64 ".%" PRId64 "\"",
                        SLICE_ARGS(change_id), scope, report->overdue_tasks,
                        (int64_t)(call->in.received_ms / DAY_MS));
}

static void on_present(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct report *report = call->state;

    if (call_failed(call, err, reply))
        return;
    take_present(report, reply);
    call->out.change_id = arena_copy(&call->arena, reply_text_at(reply, 0));
    call->out.etag = etag_of(call, report, call->out.change_id);
    call->out.cache_private = true;
    if (call_etag_matches(call->in.if_none_match, call->out.etag))
        call_not_modified(call);
    else
        read_more(call);
}

struct report *report_begin(struct call *call, bool with_days_before,
                            void (*print)(struct call *call, const struct report *report,
                                          struct jw *w))
{
    struct report *report = arena_zalloc(&call->arena, sizeof *report);

    days_read(call, &report->days);
    if (with_days_before)
        report->days_before = report->days.count;
    report->print = print;
    return report;
}

void report_read(struct report *report, enum key_pattern pattern, const struct slice *fields,
                 unsigned field_count)
{
    report->tables[report->table_count++] = (struct days_table){
        .pattern = pattern,
        .from_ms = report->days.from_ms - (int64_t)report->days_before * DAY_MS,
        .count = report->days_before + report->days.count,
        .fields = fields,
        .field_count = field_count,
        .done = read_more,
    };
}

void report_run(struct call *call, struct report *report)
{
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    call->state = report;

    call_script(call, &script_stats_now, on_present);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_CREATED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_TASK_DUE, SLICE_NONE));
    for (int status = LEAD_STATUS_NEW_LEAD; status < LEAD_STATUS_COUNT; status++)
        script_key(&call->script, call_key(call, KEY_STATUS, slice_of(lead_status_slug(status))));
    call_arg_i64(call, call->in.received_ms);
    call_run_script(call);
}

int64_t report_sum(const struct report *report, unsigned table, unsigned field)
{
    return days_table_sum(&report->tables[table], report->days_before, report->days.count, field);
}

int64_t report_sum_before(const struct report *report, unsigned table, unsigned field)
{
    return days_table_sum(&report->tables[table], 0, report->days_before, field);
}

int64_t report_cell(const struct report *report, unsigned table, unsigned day, unsigned field)
{
    return days_table_sum(&report->tables[table], report->days_before + day, 1, field);
}

void report_date(const struct report *report, struct jw *w, unsigned day)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(report->days.from_ms + (int64_t)day * DAY_MS, text);
    jw_key(w, "date");
    jw_string(w, (struct slice){text, 10});
}

void report_statuses(const struct report *report, struct jw *w)
{
    jw_key(w, "lead_status");
    jw_array(w);
    for (int status = LEAD_STATUS_NEW_LEAD; status < LEAD_STATUS_COUNT; status++) {
        jw_object(w);
        jw_key(w, "status");
        jw_string(w, slice_of(lead_status_word(status)));
        jw_key(w, "count");
        jw_i64(w, report->by_status[status]);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_ratio(struct jw *w, const char *key, int64_t numerator, int64_t denominator,
                        int digits)
{
    char text[32];

    jw_key(w, key);
    if (denominator == 0) {
        jw_null(w);
        return;
    }
    snprintf(text, sizeof text, "%.*f", digits, (double)numerator / (double)denominator);
    jw_raw(w, slice_of(text));
}

void report_rate(struct jw *w, const char *key, int64_t numerator, int64_t denominator)
{
    print_ratio(w, key, numerator, denominator, 4);
}

void report_average(struct jw *w, const char *key, int64_t sum, int64_t count)
{
    print_ratio(w, key, sum, count, 1);
}
