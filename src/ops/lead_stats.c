/* lead_stats.c: how many leads there are, how many of them are converted (seed 004).
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "kvcrm/model/lead.h"
#include "kvcrm/ops/call.h"
#include "kvcrm/store/scripts.h"

#define SOURCES_MOST 20

static void run(struct call *call);

const struct op op_lead_stats = {.name = "lead_stats", .auth = AUTH_READER, .run = run};

/* Of all leads, each is in one (lua/lib/lead.lua). The order is that of lua/lead_stats.lua. */
static const char *const states[] = {"open", "converted", "inactive", "converted_inactive"};

enum { OPEN, CONVERTED, INACTIVE, CONVERTED_INACTIVE, STATES };

/* 288 thousandths are "28.8%"; half a thousandth counts as one. */
static struct slice rate(struct call *call, int64_t part, int64_t whole)
{
    int64_t thousandths = whole > 0 ? (2000 * part + whole) / (2 * whole) : 0;

    return arena_printf(&call->arena, "%" PRId64 ".%" PRId64 "%%", thousandths / 10,
                        thousandths % 10);
}

static void put(struct jw *w, const char *key, int64_t count)
{
    jw_key(w, key);
    jw_i64(w, count);
}

static void on_stats(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    int64_t n[STATES];

    if (call_failed(call, err, reply))
        return;
    call->out.change_id = arena_copy(&call->arena, reply_text_at(reply, 0));
    for (unsigned i = 0; i < STATES; i++)
        n[i] = reply_i64_at(reply, i + 1);
    int64_t converted = n[CONVERTED] + n[CONVERTED_INACTIVE];
    int64_t total = n[OPEN] + n[INACTIVE] + converted;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    put(&w, "total_leads", total);
    put(&w, "active_leads", n[OPEN] + n[CONVERTED]);
    put(&w, "converted_leads", converted);
    put(&w, "unconverted_leads", n[OPEN]);
    jw_key(&w, "conversion_rate");
    jw_string(&w, rate(call, converted, total));
    jw_object_end(&w);
    call_ok(call, 200);
}

/* The four sets of all leads (source is SLICE_NONE), or of those of a source. */
static void add_states(struct call *call, struct slice source)
{
    for (unsigned i = 0; i < STATES; i++) {
        struct slice state = slice_of(states[i]);
        if (source.n == 0)
            script_key(&call->script, call_key(call, KEY_LEAD_STATE, state));
        else
            script_key(&call->script,
                       call_key(call, KEY_LEAD_SOURCE,
                                arena_join(&call->arena, 3, source, SLICE(":"), state)));
    }
}

static bool is_among(const struct slice *list, unsigned count, struct slice one)
{
    for (unsigned i = 0; i < count; i++) {
        if (slice_eq(list[i], one))
            return true;
    }
    return false;
}

static void add_sources(struct call *call)
{
    struct slice list = query_text(&call->query, "source"), word, sources[SOURCES_MOST];
    unsigned count = 0;

    if (list.n == 0)
        add_states(call, SLICE_NONE);
    while (list.n > 0 && slice_cut(&list, ',', &word)) {
        struct slice source = lead_source_slug(slice_trim(word), &call->arena);
        if (is_among(sources, count, source))
            continue;
        if (source.n == 0 || count == SOURCES_MOST) {
            fault_add(&call->faults, &call->arena, SLICE("source"), "format",
                      "Expected up to %d sources, with commas between them", SOURCES_MOST);
            return;
        }
        add_states(call, source);
        sources[count++] = source;
    }
}

static struct slice bound(struct call *call, const char *parameter, const char *sign,
                          struct slice otherwise)
{
    int64_t ms = -1;

    if (!query_time(&call->query, parameter, &call->arena, &call->faults, &ms) || ms < 0)
        return otherwise;
    return arena_printf(&call->arena, "%s%" PRId64, sign, ms);
}

static void run(struct call *call)
{
    call_script(call, &script_lead_stats, on_stats);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    add_sources(call);
    call_arg(call, bound(call, "created_after", "", SLICE("-inf")));
    call_arg(call, bound(call, "created_before", "(", SLICE("+inf")));
    if (call->faults.count > 0)
        call_invalid(call, &call->faults);
    else
        call_run_script(call);
}
