/* whatsapp.c: what a post to the WhatsApp webhook says.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/whatsapp.h"

static const struct jr_value nothing = {.type = JR_NULL};

/* The first so many characters of valid UTF-8. */
static struct slice cut(struct slice text, size_t characters)
{
    for (size_t i = 0; i < text.n; i++) {
        bool begins = ((unsigned char)text.p[i] & 0xC0) != 0x80;
        if (begins && characters-- == 0)
            return (struct slice){text.p, i};
    }
    return text;
}

static struct jr_value member(struct jr_value object, const char *name)
{
    struct jr_value value;

    return jr_member(object, slice_of(name), &value) ? value : nothing;
}

/* A text, or a number as it is spelled; SLICE_NONE for anything else. */
static struct slice text_of(struct jr_value object, const char *name, size_t characters,
                            struct arena *arena)
{
    struct jr_value value = member(object, name);

    if (value.type == JR_NUMBER)
        return cut(value.raw, characters);
    return value.type == JR_STRING ? cut(jr_text(value, arena), characters) : SLICE_NONE;
}

static struct slice line_of(struct jr_value object, const char *name, size_t characters,
                            struct arena *arena)
{
    return cut(slice_trim(text_of(object, name, SIZE_MAX, arena)), characters);
}

/* The elements of an array; none when it is not one. */
static struct jr_iter each(struct jr_value array)
{
    return jr_iter(array.type == JR_ARRAY ? array : nothing);
}

static struct slice bracketed(struct slice type, struct arena *arena)
{
    return arena_join(arena, 3, SLICE("["), type, SLICE("]"));
}

/* A further message; NULL when there are enough. */
static struct whatsapp_message *add(struct whatsapp_post *post, struct arena *arena)
{
    if (post->count == WHATSAPP_MESSAGES_MAX)
        return NULL;
    struct whatsapp_message *message = arena_zalloc(arena, sizeof *message);
    if (post->last != NULL)
        post->last->next = message;
    else
        post->first = message;
    post->last = message;
    post->count++;
    return message;
}

/* Meta ----------------------------------------------------------------------------------------- */

bool whatsapp_is_meta(struct jr_value body)
{
    struct jr_value object = member(body, "object");

    return object.type == JR_STRING && jr_string_is(object, SLICE("whatsapp_business_account"));
}

/* "image":{"caption":"…"}: which member of a type's object is what people read. */
static const struct {
    const char *type, *member;
} texts[] = {
    {"text", "body"},        {"image", "caption"},  {"video", "caption"},
    {"document", "caption"}, {"button", "text"},    {"reaction", "emoji"},
    {"order", "text"},       {"system", "body"},    {"button_reply", "title"},
    {"list_reply", "title"}, {"nfm_reply", "body"},
};

/* What people read of object[type]; empty when there is nothing. */
static struct slice text_of_type(struct jr_value object, struct slice type, struct arena *arena)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (slice_is(type, texts[i].type))
            return text_of(member(object, texts[i].type), texts[i].member, WHATSAPP_TEXT_MAX,
                           arena);
    }
    return SLICE_NONE;
}

static void read_text(struct jr_value object, struct arena *arena, struct whatsapp_message *message)
{
    message->type = line_of(object, "type", WHATSAPP_TYPE_MAX, arena);
    if (message->type.n == 0)
        message->type = SLICE("unknown");
    message->text = text_of_type(object, message->type, arena);
    if (slice_is(message->type, "interactive")) {
        struct jr_value reply = member(object, "interactive");
        message->text =
            text_of_type(reply, line_of(reply, "type", WHATSAPP_TYPE_MAX, arena), arena);
    }
    if (message->text.n == 0)
        message->text = bracketed(message->type, arena);
}

/* Unix seconds, as text or number. */
static int64_t time_of(struct jr_value object, struct arena *arena)
{
    uint64_t seconds;

    return slice_u64(text_of(object, "timestamp", 20, arena), 253402300799U, &seconds)
               ? (int64_t)seconds * 1000
               : 0;
}

static void read_referral(struct jr_value referral, struct arena *arena,
                          struct whatsapp_message *message)
{
    if (referral.type != JR_OBJECT)
        return;
    message->utm_source = SLICE("whatsapp_ad");
    message->utm_campaign = line_of(referral, "source_id", WHATSAPP_ID_MAX, arena);
}

/* The senders of a change's messages: by number, or by the id that stands for one. */
struct sender {
    struct slice wa_id, user_id, name;
};

struct senders {
    struct sender *list;
    unsigned count;
};

static struct senders read_senders(struct jr_value contacts, struct arena *arena)
{
    struct jr_iter it = each(contacts);
    struct senders senders = {.count = 0};
    struct jr_value contact;

    while (senders.count < WHATSAPP_MESSAGES_MAX && jr_next(&it, NULL, &contact))
        senders.count++;
    senders.list = arena_alloc(arena, (senders.count + 1) * sizeof *senders.list);
    it = each(contacts);
    for (unsigned i = 0; i < senders.count && jr_next(&it, NULL, &contact); i++) {
        senders.list[i] = (struct sender){
            .wa_id = line_of(contact, "wa_id", WHATSAPP_ID_MAX, arena),
            .user_id = line_of(contact, "user_id", WHATSAPP_ID_MAX, arena),
            .name = line_of(member(contact, "profile"), "name", WHATSAPP_NAME_MAX, arena),
        };
    }
    return senders;
}

static struct slice name_of(const struct senders *senders, struct slice from)
{
    for (unsigned i = 0; i < senders->count; i++) {
        const struct sender *sender = &senders->list[i];
        if (slice_eq(sender->wa_id, from) || slice_eq(sender->user_id, from))
            return sender->name;
    }
    return SLICE_NONE;
}

/* False when nobody has sent it, or there are enough. */
static bool read_message(struct jr_value object, const struct senders *senders, struct arena *arena,
                         struct whatsapp_post *post)
{
    struct slice from = line_of(object, "from", WHATSAPP_ID_MAX, arena);
    struct whatsapp_message *message;

    if (from.n == 0)
        from = line_of(object, "from_user_id", WHATSAPP_ID_MAX, arena);
    if (from.n == 0 || (message = add(post, arena)) == NULL)
        return false;
    message->from = from;
    message->id = line_of(object, "id", WHATSAPP_ID_MAX, arena);
    message->name = name_of(senders, from);
    message->at_ms = time_of(object, arena);
    read_text(object, arena, message);
    read_referral(member(object, "referral"), arena, message);
    return true;
}

/* Only changes of "messages" bring some, and even they may bring nothing but delivery reports. */
static void read_change(struct jr_value change, struct arena *arena, struct whatsapp_post *post)
{
    struct jr_value value = member(change, "value"), field = member(change, "field"), object;
    bool has_messages = field.type == JR_STRING && jr_string_is(field, SLICE("messages"));
    struct jr_iter it = each(has_messages ? member(value, "messages") : nothing);
    struct senders senders = read_senders(member(value, "contacts"), arena);
    unsigned messages = 0;

    for (; jr_next(&it, NULL, &object); messages++)
        post->ignored += !read_message(object, &senders, arena, post);
    post->ignored += messages == 0;
}

void whatsapp_read_meta(struct jr_value body, struct arena *arena, struct whatsapp_post *post)
{
    struct jr_iter entries = each(member(body, "entry"));
    struct jr_value entry, change;
    unsigned all = 0;

    *post = (struct whatsapp_post){.count = 0};
    while (jr_next(&entries, NULL, &entry)) {
        struct jr_iter changes = each(member(entry, "changes"));
        for (; jr_next(&changes, NULL, &change); all++)
            read_change(change, arena, post);
    }
    post->ignored += all == 0;
}

/* Twilio --------------------------------------------------------------------------------------- */

bool whatsapp_is_twilio(struct jr_value body)
{
    char room[64];
    struct arena arena;
    bool is_twilio;

    arena_init(&arena, room, sizeof room);
    is_twilio = slice_starts(text_of(body, "From", SIZE_MAX, &arena), SLICE("whatsapp:"));
    arena_dispose(&arena);
    return is_twilio;
}

static struct slice first_of(struct jr_value body, const char *const *names, struct arena *arena)
{
    for (; *names != NULL; names++) {
        struct slice text = line_of(body, *names, WHATSAPP_ID_MAX, arena);
        if (text.n > 0)
            return text;
    }
    return SLICE_NONE;
}

/* "image/jpeg" is an image. */
static struct slice media_type(struct jr_value body, struct arena *arena)
{
    struct slice media = line_of(body, "MediaContentType0", WHATSAPP_ID_MAX, arena), kind;

    if (!slice_cut(&media, '/', &kind))
        return SLICE("document"); /* it is not said */
    return slice_is(kind, "image") || slice_is(kind, "video") || slice_is(kind, "audio")
               ? kind
               : SLICE("document");
}

static struct slice twilio_type(struct jr_value body, struct arena *arena)
{
    struct slice said = line_of(body, "MessageType", WHATSAPP_TYPE_MAX, arena);
    struct slice media = line_of(body, "NumMedia", WHATSAPP_TYPE_MAX, arena);

    if (said.n > 0)
        return said;
    if (media.n > 0 && !slice_is(media, "0"))
        return media_type(body, arena);
    if (member(body, "ButtonText").type == JR_STRING)
        return SLICE("button");
    return member(body, "Latitude").type != JR_NULL ? SLICE("location") : SLICE("text");
}

/* A report on a message that was sent, not one that has come. */
static bool is_report(struct jr_value body, struct arena *arena)
{
    struct slice status = line_of(body, "SmsStatus", WHATSAPP_TYPE_MAX, arena);

    return member(body, "MessageStatus").type != JR_NULL ||
           (status.n > 0 && !slice_is(status, "received"));
}

void whatsapp_read_twilio(struct jr_value body, struct arena *arena, struct whatsapp_post *post)
{
    static const char *const ids[] = {"MessageSid", "SmsMessageSid", "SmsSid", NULL};
    static const char *const referrals[] = {"ReferralSourceId", "ReferralSourceUrl",
                                            "ReferralHeadline", NULL};
    struct slice from = line_of(body, "From", WHATSAPP_ID_MAX, arena);

    *post = (struct whatsapp_post){.count = 0};
    if (slice_starts(from, SLICE("whatsapp:")))
        from = slice_trim((struct slice){from.p + 9, from.n - 9});
    if (from.n == 0 || is_report(body, arena)) {
        post->ignored = 1;
        return;
    }
    struct whatsapp_message *message = add(post, arena);
    message->from = from;
    message->id = first_of(body, ids, arena);
    message->name = line_of(body, "ProfileName", WHATSAPP_NAME_MAX, arena);
    message->type = twilio_type(body, arena);
    message->text = text_of(body, "Body", WHATSAPP_TEXT_MAX, arena);
    if (message->text.n == 0)
        message->text = text_of(body, "ButtonText", WHATSAPP_TEXT_MAX, arena);
    if (message->text.n == 0)
        message->text = bracketed(message->type, arena);
    if (first_of(body, referrals, arena).n > 0) {
        message->utm_source = SLICE("whatsapp_ad");
        message->utm_campaign = line_of(body, "ReferralSourceId", WHATSAPP_ID_MAX, arena);
    }
}

/* Campaigns ------------------------------------------------------------------------------------ */

static bool is_code(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

struct slice whatsapp_code(struct slice text)
{
    struct slice s = slice_trim(text);
    size_t n = 1;

    if (s.n == 0 || s.p[0] != '#')
        return SLICE_NONE;
    while (n < s.n && is_code(s.p[n]))
        n++;
    return n > 1 && n - 1 <= WHATSAPP_CODE_MAX ? (struct slice){s.p + 1, n - 1} : SLICE_NONE;
}
