/* whatsapp.h: what a post to the WhatsApp webhook says: messages, whoever brings them.
 *
 * Meta's Cloud API and Twilio each have a form of their own. Both are read as they come and never
 * refused: what is missing or of another type is absent, what is too long is cut, what is no
 * message (delivery reports, other news) is only counted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_WHATSAPP_H
#define KVCRM_MODEL_WHATSAPP_H

#include "kvcrm/base/arena.h"
#include "kvcrm/model/json.h"

#define WHATSAPP_MESSAGES_MAX 1000 /* of one post */
#define WHATSAPP_NAME_MAX 255      /* characters */
#define WHATSAPP_ID_MAX 255        /* characters of a message's id, and of a sender's */
#define WHATSAPP_TYPE_MAX 32
#define WHATSAPP_TEXT_MAX 65536
#define WHATSAPP_CODE_MAX 64

/* Texts may be empty; they live as long as the post and the arena. */
struct whatsapp_message {
    struct slice id;   /* the provider's */
    struct slice from; /* WhatsApp id of the sender: digits, or what stands for a person without */
    struct slice name;
    struct slice type; /* "text", "image", … */
    struct slice text; /* what was written; for what is no text its caption or title, or [image] */
    int64_t at_ms;     /* 0: not said */
    struct slice utm_source, utm_campaign; /* of the advertisement that it answers */
    struct whatsapp_message *next;
};

struct whatsapp_post {
    struct whatsapp_message *first, *last; /* in the order of the post */
    unsigned count;
    unsigned ignored; /* parts that are no message */
};

/* "object":"whatsapp_business_account" */
bool whatsapp_is_meta(struct jr_value body);
void whatsapp_read_meta(struct jr_value body, struct arena *arena, struct whatsapp_post *post);

/* "From":"whatsapp:…" */
bool whatsapp_is_twilio(struct jr_value body);
void whatsapp_read_twilio(struct jr_value body, struct arena *arena, struct whatsapp_post *post);

/* "#spring25 Hello": the campaign that a first message names, spring25; SLICE_NONE when it does
 * not. */
struct slice whatsapp_code(struct slice text);

#endif
