/* whatsapp_receive.c: the WhatsApp webhook (seed 004): messages of Meta's Cloud API, of Twilio, and
 * in plain JSON.
 *
 * Whose post it is is proven by a signature over the bytes as they came. The messages of a post are
 * stored one after the other; when the store fails in the middle the provider repeats the whole
 * post, and the ids of those that were stored make that harmless.
 *
 * SPDX-License-Identifier: MIT */
#include "whatsapp_receive.h"
#include "kvcrm/base/log.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/model/signature.h"
#include "message_store.h"

static bool admit(struct call *call);
static void unreadable(struct call *call);
static void run(struct call *call);

const struct op op_whatsapp_receive = {
    .name = "whatsapp_receive",
    .auth = AUTH_WRITE,
    .any_body = true,
    .writes = true,
    .body_max = OP_BODY_LARGEST,
    .admit = admit,
    .unreadable = unreadable,
    .run = run,
};

enum { IN_PHONE, IN_MESSAGE, IN_NAME, IN_ID, IN_TIMESTAMP };

static const struct field plain_input[] = {
    [IN_PHONE] = {.name = "phone_number", .type = FIELD_ID, .need = REQUIRED, .max = 20},
    [IN_MESSAGE] = {.name = "message",
                    .type = FIELD_TEXT,
                    .need = REQUIRED,
                    .max = WHATSAPP_TEXT_MAX},
    [IN_NAME] = {.name = "sender_name", .type = FIELD_LINE, .max = WHATSAPP_NAME_MAX},
    [IN_ID] = {.name = "message_id", .type = FIELD_ID, .max = WHATSAPP_ID_MAX},
    [IN_TIMESTAMP] = {.name = "timestamp", .type = FIELD_TIME},
    {.name = NULL},
};

struct receive {
    struct message_store store; /* first: message_store finds it by call->state */
    const struct whatsapp_message *next;
    void (*answer)(struct call *call, const struct receive *receive);
    unsigned messages, created, duplicates; /* so far */
};

static struct metric *ignored_total;

void whatsapp_receive_init(void)
{
    ignored_total = metric_new(METRIC_COUNTER, "kvcrm_whatsapp_ignored_total",
                               "Parts of WhatsApp posts that are no message", "", false);
    message_store_init();
}

/* Whose post is it? ---------------------------------------------------------------------------- */

/* As http/decode.c tells JSON from forms. */
static bool looks_like_json(struct slice body)
{
    struct slice s = slice_trim(body);

    return s.n == 0 || *s.p == '{' || *s.p == '[';
}

static bool is_encoded(struct slice content_encoding)
{
    struct slice encoding = slice_trim(content_encoding);

    return encoding.n > 0 && !slice_ieq(encoding, SLICE("identity"));
}

/* A signature that came is looked at whatever the body is. Without one, what could be Meta's or
 * Twilio's is refused when that one's secret is known; a compressed body could be either's. */
static bool admit(struct call *call)
{
    const struct conf *conf = call->env->conf;
    struct sent_body *sent = &call->in.sent;
    struct slice meta = slice_of(conf->meta_app_secret), twilio = slice_of(conf->twilio_auth_token);
    struct signed_url url = {slice_of(conf->public_url), call->in.path, call->in.query};
    bool is_json = looks_like_json(sent->bytes), is_needed;

    if (sent->hub_signature.n > 0 && meta.n > 0) {
        sent->authentic = signature_meta_fits(meta, sent->hub_signature, sent->bytes);
        is_needed = true;
    } else if (sent->twilio_signature.n > 0 && twilio.n > 0) {
        sent->authentic = is_json ? signature_twilio_body_fits(twilio, sent->twilio_signature, url,
                                                               sent->bytes, &call->arena)
                                  : signature_twilio_form_fits(twilio, sent->twilio_signature, url,
                                                               sent->bytes, &call->arena);
        is_needed = true;
    } else if (is_encoded(sent->content_encoding)) {
        is_needed = meta.n > 0 || twilio.n > 0;
    } else {
        is_needed = is_json ? meta.n > 0 : twilio.n > 0;
    }
    if (is_needed && !sent->authentic)
        call_fail(call, ERR_BAD_SIGNATURE, NULL);
    return sent->authentic || !is_needed;
}

/* Answers -------------------------------------------------------------------------------------- */

static void answer_meta(struct call *call, const struct receive *receive)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "messages");
    jw_i64(&w, receive->messages);
    jw_key(&w, "created");
    jw_i64(&w, receive->created);
    jw_key(&w, "duplicates");
    jw_i64(&w, receive->duplicates);
    jw_object_end(&w);
    call_ok(call, 200);
}

/* To Twilio the answer is what it is to do: nothing. */
static void answer_twilio(struct call *call, const struct receive *receive)
{
    (void)receive;
    buf_str(call_body(call), "<Response/>");
    call->out.content_type = "text/xml";
    call_ok(call, 200);
}

static void answer_plain(struct call *call, const struct message_result *result)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "id");
    jw_raw(&w, result->lead_number.n > 0 ? result->lead_number : SLICE("null"));
    jw_key(&w, "uuid");
    jw_string_or_null(&w, result->lead_id);
    jw_key(&w, "created");
    jw_bool(&w, result->lead_made);
    jw_key(&w, "message_count");
    jw_i64(&w, result->count);
    jw_key(&w, "contact_id");
    jw_string(&w, result->contact_id);
    jw_key(&w, "registered");
    jw_bool(&w, result->registered);
    jw_object_end(&w);
    call->out.replayed = result->replayed;
    call_ok(call, 200);
}

static void count_ignored(const struct call *call, unsigned parts)
{
    if (parts == 0)
        return;
    metric_add(ignored_total, parts);
    log_debug("whatsapp_ignored", LOG_STR("request_id", call->in.request_id),
              LOG_INT("parts", parts));
}

/* Providers switch a webhook off that does not take what they send. */
static void unreadable(struct call *call)
{
    const struct receive nothing = {.messages = 0};

    log_warn("a WhatsApp post cannot be read", LOG_STR("request_id", call->in.request_id),
             LOG_INT("bytes", (int64_t)call->in.sent.bytes.n));
    count_ignored(call, 1);
    if (call->in.sent.twilio_signature.n > 0)
        answer_twilio(call, &nothing);
    else
        answer_meta(call, &nothing);
}

/* Posts of providers --------------------------------------------------------------------------- */

static void store_next(struct call *call);

static void on_stored(struct call *call, const struct message_result *result)
{
    struct receive *receive = call->state;

    receive->messages++;
    receive->created += result->lead_made && !result->replayed;
    receive->duplicates += result->replayed;
    store_next(call);
}

static void store_next(struct call *call)
{
    struct receive *receive = call->state;

    while (receive->next != NULL) {
        const struct whatsapp_message *message = receive->next;
        struct message_sender sender = message_sender(message->from, &call->arena);
        receive->next = message->next;
        if (sender.identity.n > 0) {
            message_store(call, message, sender, false, on_stored);
            return;
        }
        count_ignored(call, 1);
    }
    receive->answer(call, receive);
}

/* Plain JSON ----------------------------------------------------------------------------------- */

static void on_plain_stored(struct call *call, const struct message_result *result)
{
    answer_plain(call, result);
}

/* Digits alone are a WhatsApp id, which begins with its country; anything else is a phone as people
 * type it. */
static struct message_sender plain_sender(struct call *call, struct slice typed)
{
    struct message_sender sender = {IDENTITY_PHONE, identity_whatsapp(typed, &call->arena)};

    if (sender.identity.n == 0)
        sender.identity =
            identity_of(IDENTITY_PHONE, typed, &call->env->settings.identity, &call->arena);
    return sender;
}

static bool is_faulty(const struct faults *faults, const char *field)
{
    for (unsigned i = 0; i < faults->count && i < FIELD_MAX_FAULTS; i++) {
        if (slice_is(faults->list[i].field, field))
            return true;
    }
    return false;
}

static void receive_plain(struct call *call)
{
    const struct field_value *values;
    struct whatsapp_message message = {.type = SLICE("text")};

    field_check(plain_input, call->in.body, true, call->env->settings.decimals, &call->arena,
                &call->fields);
    values = call->fields.values;
    struct message_sender sender = plain_sender(call, values[IN_PHONE].text);
    if (sender.identity.n == 0 && !is_faulty(&call->fields.faults, "phone_number"))
        fault_add(&call->fields.faults, &call->arena, SLICE("phone_number"), "phone",
                  "Expected a phone number of 7 to 15 digits");
    if (call->fields.faults.count > 0) {
        call_invalid(call, &call->fields.faults);
        return;
    }
    message.id = values[IN_ID].text;
    message.name = values[IN_NAME].text;
    message.text = values[IN_MESSAGE].text;
    message.at_ms = values[IN_TIMESTAMP].number;
    message_store(call, &message, sender, true, on_plain_stored);
}

static void run(struct call *call)
{
    struct receive *receive = arena_zalloc(&call->arena, sizeof *receive);
    struct whatsapp_post post;
    struct jr_value phone;

    call->state = receive;
    if (whatsapp_is_meta(call->in.body)) {
        receive->answer = answer_meta;
        whatsapp_read_meta(call->in.body, &call->arena, &post);
    } else if (whatsapp_is_twilio(call->in.body)) {
        receive->answer = answer_twilio;
        whatsapp_read_twilio(call->in.body, &call->arena, &post);
    } else if (call->in.sent.authentic &&
               !jr_member(call->in.body, SLICE("phone_number"), &phone)) {
        unreadable(call); /* news of another kind */
        return;
    } else {
        receive_plain(call);
        return;
    }
    count_ignored(call, post.ignored);
    receive->next = post.first;
    store_next(call);
}
