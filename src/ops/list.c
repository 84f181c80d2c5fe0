/* list.c: what all lists share.
 *
 * A list's ETag is W/"<change id>.<scope>.<more>": the id of the newest entry of the change stream,
 * so that a list which nobody has touched is answered 304 by one look at the stream.
 *
 * SPDX-License-Identifier: MIT */
#include "list.h"

#include <inttypes.h>

bool list_begin(struct call *call, const char *const *names, struct list *list)
{
    struct slice cursor = query_text(&call->query, "cursor");

    list->limit = QUERY_LIMIT_DEFAULT;
    list->position = SLICE_NONE;
    struct slice path =
        arena_join(&call->arena, 3, call->env->workspace, SLICE(" "), call->in.path);
    list->scope = cursor_scope(path, &call->query, names);
    bool valid =
        query_limit(&call->query, QUERY_LIMIT_MOST, &call->arena, &call->faults, &list->limit);
    if (!valid || call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return false;
    }
    if (cursor.n == 0)
        return true;
    enum err err = cursor_read(list->scope, cursor, &call->arena, &list->position);
    if (err != OK)
        call_fail(call, err, NULL);
    return err == OK;
}

static struct slice etag_make(struct call *call, const struct list *list, struct slice change_id,
                              struct slice more)
{
    struct slice position = list->position;
    uint64_t page = cursor_scope(position, &call->query, (const char *const[]){"limit", NULL});

    return arena_printf(&call->arena, "W/\"%.*s.%" PRIx64 ".%.*s\"", SLICE_ARGS(change_id),
                        list->scope ^ page, SLICE_ARGS(more));
}

void list_known(struct call *call, const struct list *list, struct slice *change_id,
                struct slice *more)
{
    struct slice rest = slice_trim(call->in.if_none_match), id, scope;

    *change_id = *more = SLICE("");
    if (!slice_starts(rest, SLICE("W/\"")) || rest.n < 4 || rest.p[rest.n - 1] != '"')
        return;
    rest = (struct slice){rest.p + 3, rest.n - 4};
    if (!slice_cut(&rest, '.', &id) || !slice_cut(&rest, '.', &scope) || rest.p == NULL)
        return;
    if (!slice_eq(slice_trim(call->in.if_none_match), etag_make(call, list, id, rest)))
        return;
    *change_id = id;
    *more = rest;
}

void list_etag(struct call *call, const struct list *list, struct slice change_id,
               struct slice more)
{
    call->out.etag = etag_make(call, list, change_id, more);
    call->out.change_id = arena_copy(&call->arena, change_id);
    call->out.cache_private = true;
}

void list_open(struct jw *w)
{
    jw_object(w);
    jw_key(w, "data");
    jw_array(w);
}

/* The same URL with another cursor. */
static struct slice next_link(struct call *call, struct slice cursor)
{
    struct slice rest = call->in.query, parameter, kept = SLICE("");

    while (slice_cut(&rest, '&', &parameter)) {
        if (parameter.n > 0 && !slice_starts(parameter, SLICE("cursor=")))
            kept = arena_join(&call->arena, 3, kept, parameter, SLICE("&"));
    }
    return arena_join(&call->arena, 6, SLICE("<"), call->in.path, SLICE("?"), kept,
                      arena_join(&call->arena, 2, SLICE("cursor="), cursor),
                      SLICE(">; rel=\"next\""));
}

void list_close(struct call *call, const struct list *list, struct jw *w, struct slice next,
                bool has_more)
{
    struct slice cursor = SLICE_NONE;

    if (next.n > 0) {
        cursor = cursor_make(list->scope, next, &call->arena);
        call->out.link = next_link(call, cursor);
    }
    jw_array_end(w);
    jw_key(w, "next_cursor");
    jw_string_or_null(w, cursor);
    jw_key(w, "has_more");
    jw_bool(w, has_more);
    jw_object_end(w);
}

void list_arguments(struct call *call, const struct list *list)
{
    struct slice member = list->position, score = SLICE(""), known, more; /* "<score>:<member>" */

    slice_cut(&member, ':', &score);
    list_known(call, list, &known, &more);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, list->limit);
    call_arg(call, known);
    call_arg(call, score);
    call_arg(call, member.p != NULL ? member : SLICE(""));
}

void list_answer(struct call *call, const struct list *list, const struct reply *reply,
                 void (*print_row)(struct call *call, const struct reply *row, struct jw *w))
{
    const struct reply *rows = reply_at(reply, 1);
    bool more = reply_i64_at(reply, 2) == 1;
    struct slice next = SLICE_NONE;

    list_etag(call, list, reply_text_at(reply, 0), SLICE(""));
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    list_open(&w);
    for (size_t i = 0; i < reply_count(rows); i++)
        print_row(call, reply_at(rows, i), &w);
    if (more)
        next = arena_join(&call->arena, 3, reply_text_at(reply, 3), SLICE(":"),
                          reply_text_at(reply, 4));
    list_close(call, list, &w, next, more);
    call_ok(call, 200);
}
