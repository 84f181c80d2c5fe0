/* merge_list.c: the merges of contacts, newest first: those that somebody asked for and those that
 * identities led to.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/scripts.h"
#include "list.h"
#include "merge_view.h"

static void run(struct call *call);

const struct op op_merge_list = {.name = "merge_list", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {NULL};

static void print_row(struct call *call, const struct reply *row, struct jw *w)
{
    struct merge merge = {
        .id = reply_text_at(row, 0),
        .winner = reply_text_at(row, 1),
        .loser = reply_text_at(row, 2),
        .automatic = slice_is(reply_text_at(row, 3), "1"),
        .reason = reply_text_at(row, 4),
        .evidence = reply_text_at(row, 5),
        .at_ms = reply_i64_at(row, 6),
        .undone_ms = reply_i64_at(row, 7),
    };

    (void)call;
    merge_print(&merge, w);
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        list_answer(call, call->state, reply, print_row);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);

    call->state = list;
    if (!list_begin(call, parameters, list))
        return;
    call_script(call, &script_merge_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_MERGE_LOG, SLICE_NONE));
    list_arguments(call, list);
    call_run_script(call);
}
