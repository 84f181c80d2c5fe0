/* link.h: addresses that open a message with its text already in it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_LINK_H
#define KVCRM_MODEL_LINK_H

#include "kvcrm/base/arena.h"

/* "sms:+15551234567?body=…". Of the phone its digits and a leading + are taken; SLICE_NONE when it
 * has no digit. */
struct slice link_sms(struct slice phone, struct slice text, struct arena *arena);

/* "mailto:customer@example.com?subject=…&body=…"; line ends become %0D%0A (RFC 6068). SLICE_NONE
 * without an e-mail address. */
struct slice link_email(struct slice email, struct slice subject, struct slice text,
                        struct arena *arena);

/* "https://wa.me/15551234567?text=…". WhatsApp wants the country's code: SLICE_NONE for a number
 * that does not begin with +. */
struct slice link_whatsapp(struct slice phone, struct slice text, struct arena *arena);

#endif
