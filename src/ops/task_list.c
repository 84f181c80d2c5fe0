/* task_list.c: tasks, urgent first, then by due time; those due; closed ones; or those of one
 * contact.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/store/scripts.h"
#include "list.h"
#include "task_view.h"

static void run(struct call *call);

const struct op op_task_list = {.name = "task_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"state", "contact_id", NULL};

static const struct state {
    const char *word;
    const char *status; /* in the task's hash; "" takes all */
    enum key_pattern index;
    bool by_now; /* only what is due by now */
} states[] = {
    {"open", "open", KEY_TASK_OPEN, false},
    {"due", "open", KEY_TASK_DUE, true},
    {"overdue", "open", KEY_TASK_DUE, true},
    {"done", "done", KEY_TASK_CLOSED, false},
    {"cancelled", "cancelled", KEY_TASK_CLOSED, false},
    {"all", "", KEY_TASK_OPEN, false}, /* the open ones, then the closed ones */
};

/* A list walks one index; "all" goes on with a second one. */
struct plan {
    struct list list;
    const struct state *state;
    bool of_contact, in_closed;
};

static const struct state *state_of(struct slice word)
{
    if (word.n == 0)
        return &states[0];
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (slice_is(word, states[i].word))
            return &states[i];
    }
    return NULL;
}

static struct slice next_position(struct call *call, const struct plan *plan,
                                  const struct reply *reply)
{
    const char *part = plan->in_closed ? "c" : "o";
    struct slice score = reply_text_at(reply, 4), id = reply_text_at(reply, 5);

    if (reply_i64_at(reply, 3) == 1)
        return arena_printf(&call->arena, "%s:%.*s:%.*s", part, SLICE_ARGS(id), SLICE_ARGS(score));
    bool both = plan->state->status[0] == '\0' && !plan->of_contact;
    return both && !plan->in_closed ? SLICE("c::") : SLICE_NONE;
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct plan *plan = call->state;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, &plan->list, reply_text_at(reply, 0),
              arena_i64(&call->arena, reply_i64_at(reply, 1)));
    if (reply_count(reply) == 2) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    const struct reply *rows = reply_at(reply, 2);
    list_open(&w);
    for (size_t i = 0; i < reply_count(rows); i++) {
        const struct reply *row = reply_at(rows, i);
        task_print(call, reply_text_at(row, 0), reply_at(row, 1), &w);
    }
    struct slice next = next_position(call, plan, reply);
    list_close(call, &plan->list, &w, next, next.n > 0);
    call_ok(call, 200);
}

/* A position is "<part>:<id>:<score>". */
static void read_position(struct plan *plan, struct slice *score, struct slice *id)
{
    struct slice rest = plan->list.position, part;

    *score = *id = SLICE("");
    if (rest.n == 0 || !slice_cut(&rest, ':', &part) || !slice_cut(&rest, ':', id))
        return;
    *score = rest.p != NULL ? rest : SLICE("");
    plan->in_closed = slice_is(part, "c");
}

static void run(struct call *call)
{
    struct plan *plan = arena_zalloc(&call->arena, sizeof *plan);
    const struct state *state = state_of(query_text(&call->query, "state"));
    struct slice contact_id = query_text(&call->query, "contact_id"), c = SLICE_NONE;
    struct slice known, overdue, score, id;

    call->state = plan;
    plan->state = state;
    plan->of_contact = contact_id.n > 0;
    if (state == NULL)
        fault_add(&call->faults, &call->arena, SLICE("state"), "enum",
                  "Expected open, due, overdue, done, cancelled or all");
    if (plan->of_contact && !contact_id_parse(contact_id, &c))
        fault_add(&call->faults, &call->arena, SLICE("contact_id"), "format",
                  "Expected a contact id");
    if (!list_begin(call, parameters, &plan->list) || state == NULL)
        return;
    list_known(call, &plan->list, &known, &overdue);
    read_position(plan, &score, &id);

    call_script(call, &script_task_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script,
               plan->of_contact
                   ? call_key(call, KEY_CONTACT_TASK, c)
                   : call_key(call, plan->in_closed ? KEY_TASK_CLOSED : state->index, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_TASK_DUE, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, plan->list.limit);
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, state->by_now ? arena_i64(&call->arena, call->in.received_ms) : SLICE("+inf"));
    call_arg(call, slice_of(state->status));
    call_arg(call, known);
    call_arg(call, overdue);
    call_arg(call, score);
    call_arg(call, id);
    call_arg(call, c.p != NULL ? c : SLICE(""));
    call_run_script(call);
}
