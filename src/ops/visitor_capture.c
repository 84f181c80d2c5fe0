/* visitor_capture.c: an event of somebody who may not be known.
 *
 * Two scripts, and for most events one: lua/event_anon.lua puts it into the session or says whose
 * session it is; then lua/event_track.lua takes it for that contact. Between the two nothing is
 * lost: the first has written nothing, and a session never becomes somebody else's.
 *
 * SPDX-License-Identifier: MIT */
#include "visitor_capture.h"

#include "event_read.h"
#include "event_view.h"
#include "idempotency.h"
#include "kvcrm/model/user_agent.h"
#include "kvcrm/store/scripts.h"
#include "visitor.h"

#define IS_A_CONTACTS 2 /* first element of the script's reply */

struct visit {
    struct event_input *event;
    void (*done)(struct call *call, const struct event_result *result);
    enum consent consent;
    bool made_session; /* for this call: the browser has to be told */
    char activity[ID_UUID_LEN + 1];
};

static void on_reply(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct visit *visit = call->state;
    struct event_input *event = visit->event;

    if (call_failed(call, err, reply))
        return;
    if (reply_i64_at(reply, 0) == IS_A_CONTACTS) {
        event->known_contact = arena_copy(&call->arena, reply_text_at(reply, 1));
        event_capture(call, event, visit->done);
        return;
    }
    struct event_result result;
    event_result_read(reply, event->event_id, event->session_id, &result);
    event_note(call, event);
    if (visit->made_session)
        visitor_keep_session(call, result.session_id, visit->consent);
    call->out.replayed = result.replayed;
    visit->done(call, &result);
}

static void pair_if(struct call *call, const char *name, struct slice value)
{
    if (value.n == 0)
        return;
    call_arg(call, slice_of(name));
    call_arg(call, value);
}

static void capture_anonymous(struct call *call, struct visit *visit)
{
    const struct event_input *event = visit->event;
    struct slice agent = call->in.visitor.user_agent;
    struct slice sid = key_safe(event->session_id, &call->arena);

    call->state = visit;
    id_uuid7(call->in.received_ms, visit->activity);
    call_script(call, &script_event_anon, on_reply);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, event_day(call));
    script_key(&call->script, call_key(call, KEY_SESSION, sid));
    script_key(&call->script, call_key(call, KEY_SESSIONLOG, sid));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, call->in.received_ms);
    call_arg_i64(call, event->occurred_ms);
    call_arg(call, event->session_id);
    call_arg(call, sid);
    call_arg(call, event->type);
    call_arg(call, slice_of(visit->activity));
    call_arg(call, event_entry(call, event, visit->activity));
    call_arg(call, event_hour(call));
    call_arg_i64(call, call->env->settings.session_keep_s);
    pair_if(call, "device", event->device.n > 0 ? event->device : user_agent_device(agent));
    pair_if(call, "browser", event->browser.n > 0 ? event->browser : user_agent_browser(agent));
    pair_if(call, "utm", event->utm);
    idempotency_args(call, event->event_id);
    call_run_script(call);
}

void visitor_capture(struct call *call, struct event_input *event,
                     void (*done)(struct call *call, const struct event_result *result))
{
    enum consent consent = visitor_consent(call, event->consent);

    if (!event->identified && consent == CONSENT_OFF) {
        event_ignore(call, "consent", "Event ignored: no consent");
        return;
    }
    struct visit *visit = arena_zalloc(&call->arena, sizeof *visit);
    *visit = (struct visit){.event = event, .done = done, .consent = consent};
    if (event->session_id.n == 0 && consent != CONSENT_OFF) {
        struct slice sid = visitor_session(call);
        visit->made_session = sid.n == 0 && !event->identified;
        if (visit->made_session)
            sid = visitor_new_session(call);
        if (sid.n > 0)
            event_put_session(call, event, sid);
    }
    if (event->identified)
        event_capture(call, event, done);
    else
        capture_anonymous(call, visit);
}
