/* message_store.c: one message into its contact, lead and conversation: the arguments of
 * lua/message_receive.lua, and its reply.
 *
 * SPDX-License-Identifier: MIT */
#include "message_store.h"

#include "idempotency.h"
#include "identity_args.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/model/name.h"
#include "kvcrm/store/scripts.h"
#include "segment_view.h"

#define REMEMBERED_MS (INT64_C(7) * 86400000) /* a message's id: providers repeat for a week */
#define PREVIEW_MAX 4096                      /* bytes of a text that the timeline has */
#define YEAR_2000_MS 946684800000LL

enum { ID_LEAD, ID_ACTIVITY, ID_MESSAGE, ID_REACTIVATED };

enum came_of { WAS_LEAD, WAS_MESSAGE, WAS_REGISTERED, WAS_DUPLICATE, WAS_COUNT };

static struct metric *messages_total[WAS_COUNT];

void message_store_init(void)
{
    static const char *const labels[WAS_COUNT] = {"outcome=\"lead\"", "outcome=\"message\"",
                                                  "outcome=\"registered\"",
                                                  "outcome=\"duplicate\""};

    for (int i = 0; i < WAS_COUNT; i++)
        messages_total[i] =
            metric_new(METRIC_COUNTER, "kvcrm_whatsapp_messages_total",
                       "WhatsApp messages taken, by what came of them", labels[i], false);
}

struct message_sender message_sender(struct slice wa_id, struct arena *arena)
{
    struct slice phone = identity_whatsapp(wa_id, arena);

    if (phone.n > 0)
        return (struct message_sender){IDENTITY_PHONE, phone};
    return (struct message_sender){IDENTITY_WHATSAPP,
                                   identity_of(IDENTITY_WHATSAPP, wa_id, NULL, arena)};
}

/* Reply ---------------------------------------------------------------------------------------- */

static enum came_of came_of(const struct message_result *result)
{
    return result->replayed     ? WAS_DUPLICATE
           : result->registered ? WAS_REGISTERED
           : result->lead_made  ? WAS_LEAD
                                : WAS_MESSAGE;
}

static void send(struct call *call);

static void on_segments(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct message_store *work = call->state;

    if (err != OK)
        contact_number_settle(call, &work->contact, err, false);
    if (call_failed(call, err, reply))
        return;
    segments_load(&call->env->segments, reply);
    send(call);
}

static void on_stored(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct message_store *work = call->state;

    if (err == OK && reply_i64_at(reply, 0) == 2) { /* judged by segments of yesterday */
        segment_list_script(call, SLICE(""), SLICE(""), on_segments);
        return;
    }
    struct message_result result = {.replayed = reply_i64_at(reply, 0) == 1,
                                    .contact_made = reply_i64_at(reply, 6) == 1};

    contact_number_settle(call, &work->contact, err, !result.replayed && result.contact_made);
    if (call_failed(call, err, reply))
        return;
    result.lead_id = reply_text_at(reply, 1);
    result.lead_number = reply_text_at(reply, 2);
    if (result.lead_id.n > 0 && result.lead_number.n == 0)
        result.lead_number = arena_i64(&call->arena, reply_i64_at(reply, 2));
    result.lead_made = reply_i64_at(reply, 3) == 1;
    result.count = reply_i64_at(reply, 4);
    result.contact_id = reply_text_at(reply, 5);
    result.registered = reply_i64_at(reply, 7) == 1;
    metric_add(messages_total[came_of(&result)], 1);
    work->done(call, &result);
}

/* Arguments ------------------------------------------------------------------------------------ */

static struct slice cut(struct slice text, size_t bytes)
{
    if (text.n <= bytes)
        return text;
    while (bytes > 0 && ((unsigned char)text.p[bytes] & 0xC0) == 0x80)
        bytes--;
    return (struct slice){text.p, bytes};
}

/* {"i":id,"t":"whatsapp.message","r":received,"e":the provider's id,"d":{"type","text"}}; of a long
 * text the beginning, for the conversation has it whole. */
static struct slice timeline_member(struct call *call, const struct whatsapp_message *message,
                                    int64_t at_ms, const char *id)
{
    struct slice preview = cut(message->text, PREVIEW_MAX);
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, slice_of(id));
    jw_key(&w, "t");
    jw_string(&w, SLICE("whatsapp.message"));
    if (at_ms != call->in.received_ms) {
        jw_key(&w, "r");
        jw_i64(&w, call->in.received_ms);
    }
    if (message->id.n > 0) {
        jw_key(&w, "e");
        jw_string(&w, message->id);
    }
    jw_key(&w, "d");
    jw_object(&w);
    jw_key(&w, "type");
    jw_string(&w, message->type);
    jw_key(&w, "text");
    jw_string(&w, preview);
    if (preview.n < message->text.n) {
        jw_key(&w, "truncated");
        jw_bool(&w, true);
    }
    jw_object_end(&w);
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

/* {"i":id,"p":the provider's,"dir":"in","type":…,"text":…} */
static struct slice conversation_member(struct call *call, const struct whatsapp_message *message,
                                        const char *id)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, slice_of(id));
    if (message->id.n > 0) {
        jw_key(&w, "p");
        jw_string(&w, message->id);
    }
    jw_key(&w, "dir");
    jw_string(&w, SLICE("in"));
    jw_key(&w, "type");
    jw_string(&w, message->type);
    jw_key(&w, "text");
    jw_string(&w, message->text);
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

static struct slice note_member(struct call *call, const char *id)
{
    return arena_join(&call->arena, 3, SLICE("{\"i\":\""), slice_of(id),
                      SLICE("\",\"t\":\"whatsapp.reactivated\"}"));
}

/* What the contact gets. */
static void add_profile(struct call *call, const struct whatsapp_message *message,
                        struct message_sender sender)
{
    const struct identity_rules *rules = &call->env->settings.identity;
    struct slice first, last, digits = sender.identity;

    identity_split_name(message->name, &first, &last);
    call_pair(call, "name", message->name);
    call_pair(call, "@first_name", first);
    call_pair(call, "@last_name", last);
    call_pair(call, "@search_first", name_fold(first, &call->arena));
    call_pair(call, "@search_last", name_fold(last, &call->arena));
    if (sender.kind != IDENTITY_PHONE || digits.p[0] != '+')
        return; /* no number of WhatsApp's */
    call_pair(call, "whatsapp", (struct slice){digits.p + 1, digits.n - 1});
    call_pair(call, "temp_email", identity_temp_email(sender.identity, rules, &call->arena));
}

/* An advertisement says where the lead comes from, else the code that its first message begins
 * with. */
static void add_campaign(struct call *call, const struct whatsapp_message *message)
{
    bool is_ad = message->utm_source.n > 0;

    call_pair(call, "utm_source", message->utm_source);
    call_pair(call, "utm_campaign", is_ad ? message->utm_campaign : whatsapp_code(message->text));
}

static void add_ids(struct call *call, const struct whatsapp_message *message, bool once)
{
    if (message->id.n > 0) {
        struct slice id =
            arena_join(&call->arena, 2, SLICE("message:"), key_safe(message->id, &call->arena));
        call_pair(call, "seen", call_key(call, KEY_SEEN, id));
        call_pair_i64(call, "seen_keep", REMEMBERED_MS);
    }
    if (once)
        idempotency_args(call, SLICE_NONE);
}

/* To which segments it belongs is judged here, by those that this worker knows. */
static void add_segments(struct call *call, const struct whatsapp_message *message)
{
    const struct segments *segments = &call->env->segments;

    call_pair_i64(call, "segments_v", segments->version);
    call_pair(call, "segments", segments_of_message(segments, message->text, &call->arena));
}

static void send(struct call *call)
{
    const struct settings *settings = &call->env->settings;
    const struct message_store *work = call->state;
    const struct whatsapp_message *message = &work->message;
    struct message_sender sender = work->sender;
    int64_t now_ms = call->in.received_ms;
    int64_t at_ms =
        message->at_ms < YEAR_2000_MS || message->at_ms > now_ms ? now_ms : message->at_ms;
    char text[9];
    struct slice day = arena_copy(&call->arena, slice_of(clock_day(now_ms, text)));

    call_script(call, &script_message_receive, on_stored);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_STATS, day));
    script_key(&call->script, identity_index_key(call, sender.kind, sender.identity));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, now_ms);
    call_arg_i64(call, at_ms);
    call_arg(call, slice_of(identity_word(sender.kind)));
    call_arg(call, sender.identity);
    call_arg(call, key_safe(sender.identity, &call->arena));
    call_arg(call, slice_of(work->ids[ID_LEAD]));
    contact_number_args(call, &work->contact);
    call_arg(call, day);
    call_arg(call, slice_of(work->ids[ID_ACTIVITY]));
    call_arg(call, message->text);
    call_arg(call, timeline_member(call, message, at_ms, work->ids[ID_ACTIVITY]));
    call_arg(call, conversation_member(call, message, work->ids[ID_MESSAGE]));
    call_arg(call, note_member(call, work->ids[ID_REACTIVATED]));
    add_ids(call, message, work->once);
    add_profile(call, message, sender);
    add_campaign(call, message);
    add_segments(call, message);
    call_pair_i64(call, "floor", settings->floor_lead);
    call_pair(call, "reactivate", settings->whatsapp_reactivate ? SLICE("1") : SLICE("0"));
    call_run_script(call);
}

void message_store(struct call *call, const struct whatsapp_message *message,
                   struct message_sender sender, bool once,
                   void (*done)(struct call *call, const struct message_result *result))
{
    struct message_store *work = call->state;

    work->message = *message;
    work->sender = sender;
    work->once = once;
    work->done = done;
    if (!contact_number_take(call, &work->contact))
        return;
    for (unsigned i = 0; i < sizeof work->ids / sizeof work->ids[0]; i++)
        id_uuid7(call->in.received_ms, work->ids[i]);
    send(call);
}
