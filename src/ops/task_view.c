/* task_view.c: a task as the API shows it, from its hash.
 *
 * SPDX-License-Identifier: MIT */
#include "task_view.h"

#include "record_view.h"

void task_print(struct call *call, struct slice id, const struct reply *task, struct jw *w)
{
    struct slice status = record_text(task, "status");
    bool is_open = slice_is(status, "open") || slice_is(status, "claimed");

    jw_object(w);
    jw_key(w, "id");
    jw_string(w, id);
    record_put_text(w, "kind", task, "kind");
    record_put_text(w, "title", task, "title");
    record_put_text(w, "note", task, "note");
    record_put_text(w, "priority", task, "priority");
    record_put_text(w, "queue", task, "queue");
    record_put_text(w, "status", task, "status");
    record_put_time(w, "due_at", task, "due");
    jw_key(w, "overdue");
    jw_bool(w, is_open && record_i64(task, "due") < call->in.received_ms);
    record_put_text(w, "contact_id", task, "contact_id");
    record_put_text(w, "lead_id", task, "lead_id");
    record_put_text(w, "booking_id", task, "booking");
    record_put_text(w, "outcome", task, "outcome");
    record_put_text(w, "completed_by", task, "done_by");
    record_put_text(w, "completed_note", task, "done_note");
    record_put_time(w, "created_at", task, "created_at");
    record_put_time(w, "completed_at", task, "done_at");
    record_put_i64(w, "version", task, "v");
    jw_object_end(w);
}

void task_answer(struct call *call, const struct reply *task)
{
    struct jw w = jw_on(call_body(call));

    task_print(call, call->in.params[0], task, &w);
    call->out.etag = arena_printf(&call->arena, "\"v%.*s\"", SLICE_ARGS(record_text(task, "v")));
    call_ok(call, 200);
}

void tasks_print(struct call *call, const struct reply *rows, struct jw *w)
{
    jw_key(w, "tasks");
    jw_array(w);
    for (size_t i = 0; i < reply_count(rows); i++)
        task_print(call, reply_text_at(reply_at(rows, i), 0), reply_at(reply_at(rows, i), 1), w);
    jw_array_end(w);
}
