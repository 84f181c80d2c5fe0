/* message_store.h: one message of a person, whoever brought it, into their contact, lead and
 * conversation.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_MESSAGE_STORE_H
#define KVCRM_OPS_MESSAGE_STORE_H

#include "contact_number.h"
#include "kvcrm/model/identity.h"
#include "kvcrm/model/whatsapp.h"

/* Who has written: a phone, or the id that WhatsApp has for somebody without. */
struct message_sender {
    enum identity_kind kind;
    struct slice identity; /* empty: nobody */
};

/* By WhatsApp id: digits with or without a plus. */
struct message_sender message_sender(struct slice wa_id, struct arena *arena);

struct message_result {
    bool replayed, lead_made, contact_made, registered;
    struct slice lead_id, lead_number; /* empty: the sender is registered */
    struct slice contact_id;
    int64_t count; /* of the lead's messages, or the registered contact's */
};

/* The work on one message; zeroed before the first, and then for any number of them. */
struct message_store {
    struct whatsapp_message message;
    struct message_sender sender;
    bool once;
    struct contact_number contact;
    char ids[4][ID_UUID_LEN + 1];
    void (*done)(struct call *call, const struct message_result *result);
};

/* Calls done once, unless the call was answered with an error; the result lives inside done. work
 * is the first member of call->state. once: the call has this one message, so its Idempotency-Key
 * counts. */
void message_store(struct call *call, const struct whatsapp_message *message,
                   struct message_sender sender, bool once,
                   void (*done)(struct call *call, const struct message_result *result));

/* Makes the counters of messages; once, before the threads start. */
void message_store_init(void);

#endif
