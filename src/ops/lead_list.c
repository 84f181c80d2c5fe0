/* lead_list.c: leads as admins list them: GET /api/admin/leads.
 *
 * A plain array with skip and limit (seed 004's shape), or, when the caller asks with cursor=, the
 * envelope of all lists. An array of up to 1,000 rows is read in several looks of 100, so that no
 * script is long; a lead that is made meanwhile stands before the place where the next look goes
 * on.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/lead.h"
#include "kvcrm/store/scripts.h"
#include "lead_view.h"
#include "list.h"

#define ROWS_OF_A_LOOK 100
#define LIMIT_PRESET 100
#define LIMIT_MOST 1000
#define SKIP_MOST 10000
#define SKIP_MOST_MERGED 1000 /* with several indexes: their pages are merged */

static void run(struct call *call);

const struct op op_lead_list = {.name = "lead_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"status", "include", "sort", NULL};

struct plan {
    struct list list;
    bool statuses[LEAD_WORDS]; /* those asked for */
    bool by_status, anonymous, by_update, descending;
    bool enveloped;
    unsigned indexes;
    unsigned limit, skip; /* what is left of them */
    unsigned next_skip;   /* where the next array begins */
    struct slice rows;    /* JSON of the looks so far */
    struct slice score, member;
};

static bool read_sort(struct slice sort, struct plan *plan)
{
    plan->descending = true;
    if (sort.n == 0)
        return true;
    plan->descending = sort.p[0] == '-';
    struct slice name = plan->descending ? (struct slice){sort.p + 1, sort.n - 1} : sort;
    plan->by_update = slice_is(name, "updated_at");
    return plan->by_update || slice_is(name, "created_at");
}

static void read_statuses(struct call *call, struct plan *plan)
{
    struct slice list = query_text(&call->query, "status"), word;

    plan->by_status = list.n > 0;
    while (list.n > 0 && slice_cut(&list, ',', &word))
        plan->statuses[lead_word_of(slice_trim(word))] = true;
    if (plan->statuses[LEAD_NONE])
        fault_add(&call->faults, &call->arena, SLICE("status"), "enum",
                  "Expected tracking, pending, approved or rejected, with commas between several");
}

static void read_include(struct call *call, struct plan *plan)
{
    struct slice include = query_text(&call->query, "include");

    plan->anonymous = slice_is(include, "anonymous");
    if (include.n > 0 && !plan->anonymous)
        fault_add(&call->faults, &call->arena, SLICE("include"), "enum", "Expected anonymous");
    if (plan->anonymous && plan->by_update)
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected created_at together with include=anonymous");
}

static void read_numbers(struct call *call, struct plan *plan)
{
    struct slice skip = query_text(&call->query, "skip");
    unsigned most = plan->indexes > 1 ? SKIP_MOST_MERGED : SKIP_MOST;
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

/* Adds the keys of the indexes, and counts them when call is NULL. */
static unsigned add_indexes(struct call *call, const struct plan *plan)
{
    enum key_pattern whole = plan->by_update ? KEY_LEAD_UPDATED : KEY_LEAD_CREATED;
    unsigned count = 0;

    if (!plan->by_status) {
        if (call != NULL)
            script_key(&call->script, call_key(call, whole, SLICE_NONE));
        count++;
    }
    for (int status = LEAD_NONE + 1; status < LEAD_WORDS; status++) {
        if (!plan->statuses[status])
            continue;
        if (call != NULL)
            script_key(&call->script, call_key(call, KEY_LEAD_STATUS, slice_of(lead_slug(status))));
        count++;
    }
    if (plan->anonymous && (!plan->by_status || plan->statuses[LEAD_TRACKING])) {
        if (call != NULL)
            script_key(&call->script, call_key(call, KEY_LEAD_ANONYMOUS, SLICE_NONE));
        count++;
    }
    return count;
}

static void look(struct call *call, struct slice known);

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

static void on_look(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct plan *plan = call->state;
    const struct reply *rows = reply_at(reply, 1);

    if (call_failed(call, err, reply))
        return;
    if (plan->rows.p == NULL) {
        list_etag(call, &plan->list, reply_text_at(reply, 0), SLICE(""));
        call->out.total_count = arena_i64(&call->arena, reply_i64_at(reply, 5));
        plan->rows = SLICE("");
    }
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    jw_array(&w);
    for (size_t i = 0; i < reply_count(rows); i++) {
        jw_object(&w);
        lead_admin_print(call, reply_at(rows, i), &w);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    struct slice printed = buf_slice(w.b);
    printed = (struct slice){printed.p + 1, printed.n - 2}; /* without the brackets */
    if (printed.n > 0)
        plan->rows = arena_join(&call->arena, 3, plan->rows,
                                plan->rows.n > 0 ? SLICE(",") : SLICE(""), printed);
    plan->score = arena_copy(&call->arena, reply_text_at(reply, 3));
    plan->member = arena_copy(&call->arena, reply_text_at(reply, 4));
    bool more = reply_i64_at(reply, 2) == 1;
    plan->limit -= plan->limit < ROWS_OF_A_LOOK ? plan->limit : ROWS_OF_A_LOOK;
    plan->skip = 0;
    if (more && plan->limit > 0)
        look(call, SLICE(""));
    else
        finish(call, plan, more);
}

static void look(struct call *call, struct slice known)
{
    struct plan *plan = call->state;

    call_script(call, &script_lead_list, on_look);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    add_indexes(call, plan);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, plan->descending ? SLICE("desc") : SLICE("asc"));
    call_arg_i64(call, plan->limit < ROWS_OF_A_LOOK ? plan->limit : ROWS_OF_A_LOOK);
    call_arg(call, known);
    call_arg(call, plan->score);
    call_arg(call, plan->member);
    call_arg_i64(call, plan->skip);
    call_run_script(call);
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);
    struct slice known, more, rest;

    call->state = plan;
    plan->score = plan->member = SLICE("");
    if (!read_sort(query_text(&call->query, "sort"), plan))
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected created_at or updated_at, with - for descending order");
    read_statuses(call, plan);
    if (plan->by_status && plan->by_update)
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected created_at together with status");
    read_include(call, plan);
    plan->indexes = add_indexes(NULL, plan);
    plan->enveloped = query_text(&call->query, "cursor").p != NULL;
    read_numbers(call, plan);
    if (!list_begin(call, parameters, &plan->list))
        return;
    if (plan->enveloped) {
        plan->limit = plan->list.limit;
        rest = plan->list.position;
        if (rest.n > 0) {
            slice_cut(&rest, ':', &plan->score);
            plan->member = rest.p != NULL ? rest : SLICE("");
        }
    }
    plan->next_skip = plan->skip + plan->limit;
    list_known(call, &plan->list, &known, &more);
    look(call, known);
}
