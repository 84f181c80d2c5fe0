/* timeline_get.c: a contact's activities, newest first, through the whole kept history.
 *
 * SPDX-License-Identifier: MIT */
#include "activity_view.h"
#include "contact_view.h"
#include "kvcrm/store/scripts.h"
#include "list.h"

static void run(struct call *call);

const struct op op_timeline_get = {.name = "timeline_get", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"type", "from", "to", NULL};

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct list *list = call->state;

    if (call_failed(call, err, reply))
        return;
    /* What a page holds changes with the contact's version only. */
    list_etag(call, list, reply_text_at(reply, 0), SLICE(""));
    call->out.change_id = SLICE_NONE;
    contact_locate(call, reply_text_at(reply, 6));
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    contact_locate(call, reply_text_at(reply, 6));
    struct jw w = jw_on(call_body(call));
    const struct reply *rows = reply_at(reply, 1);
    list_open(&w);
    for (size_t i = 0; i + 1 < reply_count(rows); i += 2)
        activity_print(call, reply_text_at(rows, i + 1), reply_i64_at(rows, i), &w);

    struct slice score = reply_text_at(reply, 2), id = reply_text_at(reply, 3);
    struct slice row = reply_text_at(reply, 4), next = SLICE_NONE;
    if (score.n > 0 || row.n > 0)
        next = arena_join(&call->arena, 7, row, SLICE(":"), score, SLICE(":"), id, SLICE(":"),
                          reply_text_at(reply, 5));
    list_close(call, list, &w, next, next.n > 0);
    call_ok(call, 200);
}

static struct slice time_argument(struct call *call, const char *name)
{
    int64_t ms = -1;

    if (!query_time(&call->query, name, &call->arena, &call->faults, &ms) || ms < 0)
        return SLICE("");
    return arena_i64(&call->arena, ms);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);
    struct slice c, known, more, row, score, id;

    call->state = list;
    if (!contact_id_parse(call->in.params[0], &c)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    struct slice from = time_argument(call, "from"), to = time_argument(call, "to");
    if (!list_begin(call, parameters, list))
        return;
    list_known(call, list, &known, &more);
    struct slice end = list->position; /* "<row>:<score>:<id>:<end of the list>" */
    row = score = id = SLICE("");
    if (end.n > 0 && (!slice_cut(&end, ':', &row) || !slice_cut(&end, ':', &score) ||
                      !slice_cut(&end, ':', &id))) {
        call_fail(call, ERR_BAD_CURSOR, NULL);
        return;
    }

    call_script(call, &script_timeline_get, on_page);
    script_key(&call->script, call_key(call, KEY_CONTACT, c));
    call_arg_i64(call, list->limit);
    call_arg(call, query_text(&call->query, "type"));
    call_arg(call, from);
    call_arg(call, to);
    call_arg(call, score);
    call_arg(call, id);
    call_arg(call, row);
    call_arg(call, known);
    call_arg(call, end.p != NULL ? end : SLICE(""));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, c);
    call_run_script(call);
}
