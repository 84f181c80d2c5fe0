/* contact_duplicates.c: pairs of contacts that share an identity and are kept apart by a stronger
 * one: somebody has to look at them.
 *
 * SPDX-License-Identifier: MIT */
#include "identity_view.h"
#include "kvcrm/store/scripts.h"
#include "list.h"

static void run(struct call *call);

const struct op op_contact_duplicates = {
    .name = "contact_duplicates", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {NULL};

static void print_contact(struct call *call, struct jw *w, const char *name, struct slice c)
{
    jw_key(w, name);
    jw_string(w, arena_join(&call->arena, 2, SLICE("contact_"), c));
}

static void print_pair(struct call *call, const struct reply *row, struct jw *w)
{
    jw_object(w);
    print_contact(call, w, "a", reply_text_at(row, 0));
    print_contact(call, w, "b", reply_text_at(row, 1));
    jw_key(w, "shared");
    jw_array(w);
    jw_object(w);
    jw_key(w, "kind");
    jw_string_or_null(w, identity_kind_shown(reply_text_at(row, 2)));
    jw_key(w, "value");
    jw_string(w, reply_text_at(row, 4));
    jw_object_end(w);
    jw_array_end(w);
    jw_key(w, "reason");
    jw_string(w, reply_text_at(row, 3));
    jw_key(w, "since");
    jw_time(w, reply_i64_at(row, 5));
    jw_object_end(w);
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        list_answer(call, call->state, reply, print_pair);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);

    call->state = list;
    if (!list_begin(call, parameters, list))
        return;
    call_script(call, &script_duplicate_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_DUPLICATE, SLICE_NONE));
    list_arguments(call, list);
    call_run_script(call);
}
