/* segment_members.c: the contacts of a segment, those that entered it last first.
 *
 * The list of a segment is named after its number, too, so the segment is looked up first.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/store/scripts.h"
#include "list.h"
#include "segment_view.h"

static void run(struct call *call);

const struct op op_segment_members = {.name = "segment_members", .auth = AUTH_READER, .run = run};

static void print_contact(struct call *call, const struct reply *row, struct jw *w)
{
    contact_print(call, reply_at(row, 1), w);
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        list_answer(call, call->state, reply, print_contact);
}

static void on_segment(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct list *list = call->state;
    struct slice member = list->position, score = SLICE(""), known, more; /* "<score>:<member>" */

    if (call_failed(call, err, reply))
        return;
    if (reply_count(reply) == SEGMENT_FIRST_ROW) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    struct segment_record segment = segment_record_at(reply, SEGMENT_FIRST_ROW);
    struct slice name = segment_key_name(&segment, &call->arena);
    slice_cut(&member, ':', &score);
    list_known(call, list, &known, &more);
    call_script(call, &script_contact_list, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_SEGMENT_MEMBER, name));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, SLICE("desc"));
    call_arg_i64(call, list->limit);
    call_arg(call, known);
    call_arg(call, score);
    call_arg(call, member.p != NULL ? member : SLICE(""));
    call_arg(call, SLICE(""));
    call_arg(call, SLICE(""));
    call_run_script(call);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);
    struct slice id = segment_of_path(call);

    call->state = list;
    if (id.n > 0 && list_begin(call, (const char *const[]){NULL}, list))
        segment_list_script(call, id, SLICE(""), on_segment);
}
