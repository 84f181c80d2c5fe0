/* lead_list.c: lists of leads: GET /api/admin/leads, and GET /api/leads.
 *
 * The admins' is a plain array with skip and limit (seed 004's shape), or, when the caller asks
 * with cursor=, the envelope of all lists; the other one always is an envelope. A page is read in
 * several looks, so that no script is long; a lead that is made meanwhile stands before the place
 * where the next look goes on.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/scripts.h"
#include "lead_query.h"
#include "lead_view.h"
#include "list.h"

#define ROWS_OF_A_LOOK 100
/* Each passes 400 leads at most: then the page ends, and another goes on. */
#define LOOKS_MOST 100
#define ROWS_BYTES ((size_t)8 << 20) /* of JSON, after which the page ends, too */
#define LIMIT_PRESET 100
#define LIMIT_MOST 1000
#define SKIP_MOST 10000
#define SKIP_MOST_MERGED 1000 /* when more than one index is walked, or each lead looked at */

static void run_admin(struct call *call);
static void run(struct call *call);

const struct op op_lead_admin_list = {
    .name = "lead_admin_list", .auth = AUTH_READER, .run = run_admin};
const struct op op_lead_list = {.name = "lead_list", .auth = AUTH_READER, .run = run};

struct plan {
    struct list list;
    struct lead_query query;
    void (*print)(struct call *call, const struct reply *lead, struct jw *w);
    bool enveloped;
    unsigned limit, skip; /* what is left of them */
    unsigned next_skip;   /* where the next array begins */
    unsigned looks;
    struct slice rows; /* JSON of the looks so far */
    struct slice score, member;
};

static void look(struct call *call, struct slice known);

static void read_numbers(struct call *call, struct plan *plan)
{
    struct slice skip = query_text(&call->query, "skip");
    bool one = plan->query.is_exact && plan->query.indexes == 1;
    unsigned most = one ? SKIP_MOST : SKIP_MOST_MERGED;
    uint64_t number = 0;

    plan->limit = LIMIT_PRESET;
    struct faults noted = {.count = 0}; /* by list_begin, which looks at it as well */
    if (!query_limit(&call->query, LIMIT_MOST, &call->arena, &noted, &plan->limit))
        plan->limit = 0;
    if (skip.n > 0 && !slice_u64(skip, most, &number))
        fault_add(&call->faults, &call->arena, SLICE("skip"), "range",
                  "Expected 0 to %u; further on with cursor=", most);
    plan->skip = (unsigned)number;
}

/* The same URL further on. */
static struct slice next_link(struct call *call, const struct plan *plan)
{
    struct slice rest = call->in.query, parameter, kept = SLICE("");

    while (slice_cut(&rest, '&', &parameter)) {
        if (parameter.n > 0 && !slice_starts(parameter, SLICE("skip=")))
            kept = arena_join(&call->arena, 3, kept, parameter, SLICE("&"));
    }
    return arena_printf(&call->arena, "<%.*s?%.*sskip=%u>; rel=\"next\"", SLICE_ARGS(call->in.path),
                        SLICE_ARGS(kept), plan->next_skip);
}

static void finish(struct call *call, struct plan *plan, bool more)
{
    struct jw w = jw_on(call_body(call));

    if (plan->enveloped) {
        struct slice next = SLICE_NONE;
        if (more)
            next = arena_join(&call->arena, 3, plan->score, SLICE(":"), plan->member);
        list_open(&w);
        if (plan->rows.n > 0)
            jw_raw(&w, plan->rows);
        list_close(call, &plan->list, &w, next, more);
    } else {
        jw_array(&w);
        if (plan->rows.n > 0)
            jw_raw(&w, plan->rows);
        jw_array_end(&w);
        if (more)
            call->out.link = next_link(call, plan);
    }
    call_ok(call, 200);
}

/* Adds the rows of a look to those before. */
static void keep_rows(struct call *call, struct plan *plan, const struct reply *rows)
{
    struct jw w = jw_on(call_body(call));

    jw_array(&w);
    for (size_t i = 0; i < reply_count(rows); i++) {
        jw_object(&w);
        plan->print(call, reply_at(rows, i), &w);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    struct slice printed = buf_slice(w.b);
    printed = (struct slice){printed.p + 1, printed.n - 2}; /* without the brackets */
    if (printed.n > 0)
        plan->rows = arena_join(&call->arena, 3, plan->rows,
                                plan->rows.n > 0 ? SLICE(",") : SLICE(""), printed);
}

static void on_look(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct plan *plan = call->state;
    const struct reply *rows = reply_at(reply, 1);
    int64_t total = reply_i64_at(reply, 5);

    if (call_failed(call, err, reply))
        return;
    if (plan->looks++ == 0) {
        list_etag(call, &plan->list, reply_text_at(reply, 0), SLICE(""));
        if (total >= 0)
            call->out.total_count = arena_i64(&call->arena, total);
    }
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    keep_rows(call, plan, rows);
    plan->score = arena_copy(&call->arena, reply_text_at(reply, 3));
    plan->member = arena_copy(&call->arena, reply_text_at(reply, 4));
    plan->limit -= (unsigned)reply_count(rows);
    plan->next_skip += (unsigned)reply_count(rows);
    plan->skip = (unsigned)reply_i64_at(reply, 6);
    bool more = reply_i64_at(reply, 2) == 1;
    if (more && plan->limit > 0 && plan->looks < LOOKS_MOST && plan->rows.n < ROWS_BYTES)
        look(call, SLICE(""));
    else
        finish(call, plan, more);
}

static void look(struct call *call, struct slice known)
{
    struct plan *plan = call->state;

    call_script(call, &script_lead_list, on_look);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    lead_query_keys(call, &plan->query);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, plan->query.descending ? SLICE("desc") : SLICE("asc"));
    call_arg_i64(call, plan->limit < ROWS_OF_A_LOOK ? plan->limit : ROWS_OF_A_LOOK);
    call_arg(call, known);
    call_arg(call, plan->score);
    call_arg(call, plan->member);
    call_arg_i64(call, plan->skip);
    lead_query_args(call, &plan->query);
    call_run_script(call);
}

static void begin(struct call *call, struct plan *plan)
{
    struct slice known, more, rest;

    call->state = plan;
    lead_query_read(call, &plan->query);
    read_numbers(call, plan);
    if (!list_begin(call, lead_query_parameters, &plan->list))
        return;
    lead_query_start(call, &plan->query, &plan->score, &plan->member);
    plan->rows = SLICE("");
    if (plan->enveloped) {
        plan->limit = plan->list.limit;
        plan->skip = 0;
        rest = plan->list.position;
        if (rest.n > 0) {
            slice_cut(&rest, ':', &plan->score);
            plan->member = rest.p != NULL ? rest : SLICE("");
        }
    }
    plan->next_skip = plan->skip;
    list_known(call, &plan->list, &known, &more);
    look(call, known);
}

static void run_admin(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);

    plan->print = lead_admin_print;
    plan->enveloped = query_text(&call->query, "cursor").p != NULL;
    begin(call, plan);
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);

    plan->print = lead_print;
    plan->enveloped = true;
    begin(call, plan);
}
