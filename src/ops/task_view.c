/* task_view.c: a task as the API shows it, from its hash.
 *
 * SPDX-License-Identifier: MIT */
#include "task_view.h"

static struct slice get(const struct reply *flat, const char *name)
{
    return reply_field(flat, slice_of(name));
}

static void text(struct jw *w, const struct reply *flat, const char *key, const char *name)
{
    jw_key(w, key);
    jw_string_or_null(w, get(flat, name));
}

static int64_t get_i64(const struct reply *flat, const char *name)
{
    uint64_t value = 0;

    return slice_u64(get(flat, name), INT64_MAX, &value) ? (int64_t)value : 0;
}

static void time_of(struct jw *w, const struct reply *flat, const char *key, const char *name)
{
    jw_key(w, key);
    jw_time(w, get_i64(flat, name));
}

void task_print(struct call *call, struct slice id, const struct reply *flat, struct jw *w)
{
    struct slice status = get(flat, "status");
    bool is_open = slice_is(status, "open") || slice_is(status, "claimed");

    jw_object(w);
    jw_key(w, "id");
    jw_string(w, id);
    text(w, flat, "kind", "kind");
    text(w, flat, "title", "title");
    text(w, flat, "note", "note");
    text(w, flat, "priority", "priority");
    text(w, flat, "queue", "queue");
    text(w, flat, "status", "status");
    time_of(w, flat, "due_at", "due");
    jw_key(w, "overdue");
    jw_bool(w, is_open && get_i64(flat, "due") < call->in.received_ms);
    text(w, flat, "contact_id", "contact_id");
    text(w, flat, "booking_id", "booking");
    text(w, flat, "outcome", "outcome");
    time_of(w, flat, "created_at", "created_at");
    time_of(w, flat, "completed_at", "done_at");
    jw_key(w, "version");
    jw_i64(w, get_i64(flat, "v"));
    jw_object_end(w);
}
