/* task_list.c: tasks, urgent first, then by due time; those due; or all of one contact.
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
    bool by_due;        /* only what is due by now, in order of due time */
    bool of_contact;    /* not open any more: only a contact's index knows it */
} states[] = {
    {"open", "open", false, false},
    {"due", "open", true, false},
    {"overdue", "open", true, false},
    {"cancelled", "cancelled", false, true},
    {"all", "", false, true},
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

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct list *list = call->state;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, list, reply_text_at(reply, 0),
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
    struct slice next = SLICE_NONE;
    if (reply_i64_at(reply, 3) == 1)
        next = arena_join(&call->arena, 3, reply_text_at(reply, 5), SLICE(":"),
                          reply_text_at(reply, 4));
    list_close(call, list, &w, next, next.n > 0);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);
    const struct state *state = state_of(query_text(&call->query, "state"));
    struct slice contact_id = query_text(&call->query, "contact_id"), c = SLICE_NONE;
    struct slice known, overdue, score, id = SLICE("");

    call->state = list;
    if (state == NULL)
        fault_add(&call->faults, &call->arena, SLICE("state"), "enum",
                  "Expected open, due, overdue, cancelled or all");
    if (contact_id.n > 0 && !contact_id_parse(contact_id, &c))
        fault_add(&call->faults, &call->arena, SLICE("contact_id"), "format",
                  "Expected a contact id");
    if (state != NULL && state->of_contact && contact_id.n == 0)
        fault_add(&call->faults, &call->arena, SLICE("contact_id"), "required",
                  "Required with this state");
    if (!list_begin(call, parameters, list))
        return;
    list_known(call, list, &known, &overdue);
    score = list->position; /* "<id>:<score>" */
    if (score.n > 0 && !slice_cut(&score, ':', &id)) {
        call_fail(call, ERR_BAD_CURSOR, NULL);
        return;
    }

    call_script(call, &script_task_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, c.n > 0         ? call_key(call, KEY_CONTACT_TASK, c)
                              : state->by_due ? call_key(call, KEY_TASK_DUE, SLICE_NONE)
                                              : call_key(call, KEY_TASK_OPEN, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_TASK_DUE, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, list->limit);
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, state->by_due ? arena_i64(&call->arena, call->in.received_ms) : SLICE("+inf"));
    call_arg(call, slice_of(state->status));
    call_arg(call, known);
    call_arg(call, overdue);
    call_arg(call, score.p != NULL ? score : SLICE(""));
    call_arg(call, id);
    call_run_script(call);
}
