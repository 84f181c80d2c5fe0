/* segment_list.c: segments, by id; or one of them.
 *
 * There are so few that a page is cut from all of them. The ETag of one names its version, for
 * If-Match; it does not answer 304, since the number of members moves on without it.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "list.h"
#include "segment_view.h"

static void run_list(struct call *call);
static void run_get(struct call *call);

const struct op op_segment_list = {.name = "segment_list", .auth = AUTH_READER, .run = run_list};
const struct op op_segment_get = {.name = "segment_get", .auth = AUTH_READER, .run = run_get};

static int id_order(struct slice a, struct slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int record_order(const void *left, const void *right)
{
    const struct segment_record *a = left, *b = right;

    return id_order(a->id, b->id);
}

static void on_list(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct list *list = call->state;
    struct slice next = SLICE_NONE;
    size_t count = 0, i = 0;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, list, reply_text_at(reply, 0), SLICE(""));
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct segment_record *segments =
        arena_alloc(&call->arena, reply_count(reply) * sizeof *segments);
    for (size_t row = SEGMENT_FIRST_ROW; row < reply_count(reply); row++)
        segments[count++] = segment_record_at(reply, row);
    qsort(segments, count, sizeof *segments, record_order);
    while (i < count && list->position.n > 0 && id_order(segments[i].id, list->position) <= 0)
        i++;
    struct jw w = jw_on(call_body(call));
    list_open(&w);
    for (unsigned n = 0; n < list->limit && i < count; n++)
        segment_print(call, &segments[i++], &w);
    if (i < count)
        next = segments[i - 1].id;
    list_close(call, list, &w, next, i < count);
    call_ok(call, 200);
}

static void run_list(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);
    struct slice known, more;

    call->state = list;
    if (!list_begin(call, (const char *const[]){NULL}, list))
        return;
    list_known(call, list, &known, &more);
    segment_list_script(call, SLICE(""), known, on_list);
}

static void on_one(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    if (reply_count(reply) == SEGMENT_FIRST_ROW) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    struct segment_record segment = segment_record_at(reply, SEGMENT_FIRST_ROW);
    segment_answer(call, &segment, 200);
}

static void run_get(struct call *call)
{
    struct slice id = segment_of_path(call);

    if (id.n > 0)
        segment_list_script(call, id, SLICE(""), on_one);
}
