/* contact_list.c: contacts by creation, revenue or priority, or of some statuses; or those changed
 * since a position.
 *
 * By revenue there are two indexes: contacts with revenue stand in crm_revenue; the others follow
 * in order of creation (or come first, when the order is ascending). The cursor says which one it
 * is in.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/model/status.h"
#include "kvcrm/store/scripts.h"
#include "list.h"

static void run(struct call *call);

const struct op op_contact_list = {.name = "contact_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"sort", "lead_status", "since", NULL};

struct plan {
    struct list list;
    bool statuses[LEAD_STATUS_COUNT]; /* those asked for */
    bool by_status;
    struct slice since;
    bool by_revenue, by_priority, descending;
    bool in_zeros; /* by revenue: in the part without any */
};

static bool read_sort(struct call *call, struct plan *plan)
{
    struct slice sort = query_text(&call->query, "sort");

    plan->descending = true;
    if (sort.n == 0)
        return true;
    plan->descending = sort.p[0] == '-';
    struct slice name = plan->descending ? (struct slice){sort.p + 1, sort.n - 1} : sort;
    plan->by_revenue = slice_is(name, "total_revenue");
    plan->by_priority = slice_is(name, "priority");
    return plan->by_revenue || plan->by_priority || slice_is(name, "created_at");
}

/* One or several, with commas between them. */
static void read_statuses(struct call *call, struct slice list, struct plan *plan)
{
    struct slice word;

    plan->by_status = list.n > 0;
    while (list.n > 0 && slice_cut(&list, ',', &word)) {
        enum lead_status status = lead_status_of(slice_trim(word));
        plan->statuses[status] = true;
    }
    if (plan->statuses[LEAD_STATUS_NONE])
        fault_add(&call->faults, &call->arena, SLICE("lead_status"), "enum",
                  "Expected lead statuses, as words or slugs");
}

static void read_query(struct call *call, struct plan *plan)
{
    struct slice status = query_text(&call->query, "lead_status");
    uint64_t part;

    if (!read_sort(call, plan))
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected created_at, total_revenue or priority, with - for descending order");
    read_statuses(call, status, plan);
    if (plan->by_status && (plan->by_revenue || plan->by_priority))
        fault_add(&call->faults, &call->arena, SLICE("sort"), "enum",
                  "Expected created_at together with lead_status");
    plan->since = query_text(&call->query, "since");
    struct slice rest = plan->since, ms;
    if (plan->since.n > 0 && (!slice_cut(&rest, '-', &ms) || !slice_u64(ms, INT64_MAX, &part) ||
                              !slice_u64(rest, INT64_MAX, &part)))
        fault_add(&call->faults, &call->arena, SLICE("since"), "format",
                  "Expected a change id, as in X-Change-Id");
}

/* A position is "<part>:<member>:<score>". */
static void read_position(struct plan *plan, struct slice *score, struct slice *member)
{
    struct slice rest = plan->list.position, part;

    *score = *member = SLICE("");
    plan->in_zeros = plan->by_revenue && !plan->descending;
    if (rest.n == 0 || !slice_cut(&rest, ':', &part) || !slice_cut(&rest, ':', member))
        return;
    *score = rest.p != NULL ? rest : SLICE("");
    plan->in_zeros = slice_is(part, "z");
}

/* What follows the page: the same index, the other one, or nothing. */
static struct slice next_position(struct call *call, const struct plan *plan,
                                  const struct reply *reply)
{
    struct slice score = reply_text_at(reply, 3), member = reply_text_at(reply, 4);

    if (plan->since.n > 0)
        return SLICE_NONE;
    if (reply_i64_at(reply, 2) == 1)
        return arena_printf(&call->arena, "%s:%.*s:%.*s", plan->in_zeros ? "z" : "r",
                            SLICE_ARGS(member), SLICE_ARGS(score));
    if (plan->by_revenue && plan->descending != plan->in_zeros)
        return plan->in_zeros ? SLICE("r::") : SLICE("z::");
    return SLICE_NONE;
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct plan *plan = call->state;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, &plan->list, reply_text_at(reply, 0), SLICE(""));
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    const struct reply *rows = reply_at(reply, 1);
    list_open(&w);
    for (size_t i = 0; i < reply_count(rows); i++)
        contact_print(call, reply_at(reply_at(rows, i), 1), &w);
    struct slice next = next_position(call, plan, reply);
    bool more = plan->since.n > 0 ? reply_i64_at(reply, 2) == 1 : next.n > 0;
    list_close(call, &plan->list, &w, next, more);
    call_ok(call, 200);
}

static void add_indexes(struct call *call, const struct plan *plan)
{
    enum key_pattern index = plan->by_priority                     ? KEY_PRIORITY
                             : plan->by_revenue && !plan->in_zeros ? KEY_REVENUE
                                                                   : KEY_CREATED;

    if (!plan->by_status)
        script_key(&call->script, call_key(call, index, SLICE_NONE));
    for (int status = LEAD_STATUS_NEW_LEAD; status < LEAD_STATUS_COUNT; status++) {
        if (plan->statuses[status])
            script_key(&call->script,
                       call_key(call, KEY_STATUS, slice_of(lead_status_slug(status))));
    }
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);
    struct slice score, member, known, more;

    call->state = plan;
    read_query(call, plan);
    if (!list_begin(call, parameters, &plan->list))
        return;
    read_position(plan, &score, &member);
    list_known(call, &plan->list, &known, &more);

    call_script(call, &script_contact_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    add_indexes(call, plan);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call,
             plan->since.n > 0 ? SLICE("since") : slice_of(plan->descending ? "desc" : "asc"));
    call_arg_i64(call, plan->list.limit);
    call_arg(call, known);
    call_arg(call, plan->since.n > 0 ? plan->since : score);
    call_arg(call, member);
    bool zeros = plan->by_revenue && plan->in_zeros;
    call_arg(call, zeros ? SLICE("total_revenue_cents") : SLICE(""));
    call_arg(call, zeros ? SLICE("0") : SLICE(""));
    call_run_script(call);
}
