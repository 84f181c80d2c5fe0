/* lead_admin_get.c: one lead as admins see it, with its messages, its tasks and what its contact
 * has done, by its number, UUID or reference.
 *
 * SPDX-License-Identifier: MIT */
#include "activity_view.h"
#include "kvcrm/store/scripts.h"
#include "lead_id.h"
#include "lead_view.h"
#include "record_view.h"
#include "task_view.h"

#define DAY_MS INT64_C(86400000)

static void run(struct call *call);

const struct op op_lead_admin_get = {.name = "lead_admin_get", .auth = AUTH_READER, .run = run};

static void put_text(struct call *call, struct jw *w, const char *key, struct jr_value message,
                     const char *name)
{
    struct jr_value value;
    bool there = jr_member(message, slice_of(name), &value) && value.type == JR_STRING;

    jw_key(w, key);
    jw_string_or_null(w, there ? jr_text(value, &call->arena) : SLICE_NONE);
}

/* member, time, …, newest first; shown oldest first. */
static void print_messages(struct call *call, const struct reply *rows, struct jw *w)
{
    struct jr_value message;
    struct jr_fault fault;

    jw_key(w, "messages");
    jw_array(w);
    for (size_t i = reply_count(rows); i >= 2; i -= 2) {
        if (jr_parse(reply_text_at(rows, i - 2), &message, &fault) != OK)
            continue; /* somebody else has written here */
        jw_object(w);
        put_text(call, w, "id", message, "i");
        put_text(call, w, "direction", message, "dir");
        put_text(call, w, "type", message, "type");
        put_text(call, w, "text", message, "text");
        put_text(call, w, "provider_id", message, "p");
        jw_key(w, "at");
        jw_time(w, reply_i64_at(rows, i - 1));
        jw_object_end(w);
    }
    jw_array_end(w);
}

/* Since the lead was made, and as if that were at least a day ago: 2.50. */
static void print_messages_per_day(struct call *call, const struct reply *lead, struct jw *w)
{
    int64_t age_ms = call->in.received_ms - record_i64(lead, "created_at");
    int64_t per_ms = record_i64(lead, "message_count") * 100 * DAY_MS;

    if (age_ms < DAY_MS)
        age_ms = DAY_MS;
    jw_key(w, "messages_per_day");
    jw_money(w, (per_ms + age_ms / 2) / age_ms, 2);
}

/* member, time, …, newest first. */
static void print_activities(struct call *call, const struct reply *rows, struct jw *w)
{
    jw_key(w, "activities");
    jw_array(w);
    for (size_t i = 0; i + 1 < reply_count(rows); i += 2)
        activity_print(call, reply_text_at(rows, i), reply_i64_at(rows, i + 1), w);
    jw_array_end(w);
}

/* The entity tag is the lead's version, for If-Match; it says nothing of tasks and activities. */
static void on_lead(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct reply *lead = reply_at(reply, 0);

    if (call_failed(call, err, reply))
        return;
    lead_etag(call, lead);
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    lead_admin_print(call, lead, &w);
    print_messages_per_day(call, lead, &w);
    print_messages(call, reply_at(reply, 1), &w);
    tasks_print(call, reply_at(reply, 2), &w);
    print_activities(call, reply_at(reply, 3), &w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct lead_id id;

    if (!lead_id_parse(call, call->in.params[0], &id))
        return;
    call_script(call, &script_lead_admin_get, on_lead);
    script_key(&call->script, lead_id_key(call, &id));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, lead_id_kind(&id));
    call_run_script(call);
}
