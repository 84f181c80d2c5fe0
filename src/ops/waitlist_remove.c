/* waitlist_remove.c: a lead no longer waits for a slot.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "waitlist_view.h"

static void run(struct call *call);

const struct op op_waitlist_remove = {
    .name = "waitlist_remove", .auth = AUTH_AGENT, .writes = true, .run = run};

static void on_removed(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, waitlist_id(call, call->state));
    jw_key(&w, "deleted");
    jw_bool(&w, true);
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 200);
}

/* "<date>.<time>.<lead id>" */
static bool parse(struct slice id, struct arena *arena, struct slot_place *place,
                  struct slice *lead)
{
    if (id.n <= ID_UUID_LEN + 1)
        return false;
    size_t slot = id.n - ID_UUID_LEN - 1;
    *lead = (struct slice){id.p + slot + 1, ID_UUID_LEN};
    return id.p[slot] == '.' && id_is_uuid(*lead) &&
           slot_place_parse((struct slice){id.p, slot}, arena, place);
}

static void run(struct call *call)
{
    struct waitlist_entry *entry = arena_zalloc(&call->arena, sizeof *entry);
    struct slot_place place;
    struct slice id;

    if (!query_path_text(call->in.params[0], &call->arena, &id) ||
        !parse(id, &call->arena, &place, &entry->lead)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    entry->date = place.date;
    entry->time = place.time;
    call->state = entry;
    struct slice line = slot_line(call, &place);
    struct slice name = arena_join(&call->arena, 3, line, SLICE(":"), entry->lead);
    call_script(call, &script_waitlist_remove, on_removed);
    script_key(&call->script, call_key(call, KEY_WAITLIST_ENTRY, name));
    script_key(&call->script, call_key(call, KEY_WAITLIST, line));
    script_key(&call->script, call_key(call, KEY_WAITLIST_WAITING, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WAITLIST_TOLD, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, entry->lead);
    call_arg(call, name);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
