/* merge_view.c: a merge of two contacts as the API shows it.
 *
 * SPDX-License-Identifier: MIT */
#include "merge_view.h"

#include "contact_view.h"
#include "kvcrm/base/clock.h"

void merge_print(const struct merge *merge, struct jw *w)
{
    jw_object(w);
    jw_key(w, "id");
    jw_string(w, merge->id);
    jw_key(w, "winner");
    jw_string(w, merge->winner);
    jw_key(w, "loser");
    jw_string(w, merge->loser);
    jw_key(w, "automatic");
    jw_bool(w, merge->automatic);
    jw_key(w, "reason");
    jw_string_or_null(w, merge->reason);
    jw_key(w, "evidence");
    jw_raw(w, merge->evidence.n > 0 ? merge->evidence : SLICE("[]"));
    jw_key(w, "at");
    jw_time(w, merge->at_ms);
    jw_key(w, "undone_at");
    jw_time(w, merge->undone_ms);
    jw_object_end(w);
}

void merge_script(struct call *call, const struct script *script,
                  void (*done)(struct script_call *, enum err, const struct reply *))
{
    char day[9];
    struct slice today = slice_of(clock_day(call->in.received_ms, day));

    call_script(call, script, done);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_MERGE_LOG, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_STATS, arena_copy(&call->arena, today)));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
}

bool merge_failed(struct call *call, enum err err, const struct reply *reply)
{
    struct slice id = reply_error(reply), word, c;

    if (err == ERR_SAME_CONTACT) {
        fault_add(&call->faults, &call->arena, SLICE("loser"), "same_contact",
                  "Expected another contact than the winner");
        call_invalid(call, &call->faults);
        return true;
    }
    slice_cut(&id, ' ', &word);
    if (err == ERR_NOT_FOUND && contact_id_parse(id, &c))
        call->out.members = arena_printf(&call->arena, "\"contact_id\":\"%.*s\"", SLICE_ARGS(id));
    if (err == ERR_UNDO_LATER_FIRST && id_is_uuid(id))
        call->out.members = arena_printf(&call->arena, "\"merge_id\":\"%.*s\"", SLICE_ARGS(id));
    return call_failed(call, err, reply);
}
