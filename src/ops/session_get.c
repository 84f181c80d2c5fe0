/* session_get.c: a visitor's session with what was done in it, oldest first.
 *
 * SPDX-License-Identifier: MIT */
#include "interaction_view.h"
#include "kvcrm/store/scripts.h"

#define SESSION_ID_MAX 1020 /* bytes: 255 characters */
#define CONTACT_ID_LEN 21   /* "contact_" and <c>; other ids may stand behind it */

static void run(struct call *call);

const struct op op_session_get = {.name = "session_get", .auth = AUTH_READER, .run = run};

static struct slice field(const struct reply *flat, const char *name)
{
    return reply_field(flat, slice_of(name));
}

static int64_t number(const struct reply *flat, const char *name)
{
    struct slice text = field(flat, name);
    uint64_t n;

    return slice_u64(text, INT64_MAX, &n) ? (int64_t)n : 0;
}

static void print_facts(const struct reply *flat, int64_t newest, struct jw *w)
{
    struct slice contact = field(flat, "contact_id"), utm = field(flat, "utm");
    int64_t last_seen = number(flat, "last_seen");

    jw_key(w, "first_seen");
    jw_time(w, number(flat, "first_seen"));
    jw_key(w, "last_seen");
    jw_time(w, last_seen > newest ? last_seen : newest);
    jw_key(w, "contact_id");
    contact.n = contact.n < CONTACT_ID_LEN ? contact.n : CONTACT_ID_LEN;
    jw_string_or_null(w, contact);
    jw_key(w, "device");
    jw_string_or_null(w, field(flat, "device"));
    jw_key(w, "browser");
    jw_string_or_null(w, field(flat, "browser"));
    jw_key(w, "utm");
    jw_raw(w, utm.n > 0 ? utm : SLICE("{}"));
    jw_key(w, "interactions_dropped");
    jw_i64(w, number(flat, "dropped"));
}

static void on_session(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct reply *flat = reply_at(reply, 0), *rows = reply_at(reply, 1);
    size_t count = reply_count(rows);

    if (call_failed(call, err, reply))
        return;
    struct slice id = field(flat, "id");
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, id);
    print_facts(flat, count > 1 ? reply_i64_at(rows, count - 2) : 0, &w);
    jw_key(&w, "interactions");
    jw_array(&w);
    for (size_t i = 0; i + 1 < count; i += 2)
        interaction_print(call, id, reply_text_at(rows, i + 1), reply_i64_at(rows, i), &w);
    jw_array_end(&w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct slice id, sid;

    if (!query_path_text(call->in.params[0], &call->arena, &id) || id.n > SESSION_ID_MAX) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    sid = key_safe(id, &call->arena);
    call_script(call, &script_session_get, on_session);
    script_key(&call->script, call_key(call, KEY_SESSION, sid));
    script_key(&call->script, call_key(call, KEY_SESSIONLOG, sid));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, id);
    call_arg_i64(call, call->in.received_ms);
    call_arg_i64(call, call->env->settings.session_keep_s);
    call_run_script(call);
}
