/* lead_offer.h: other dates and times for somebody whose booking failed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_OFFER_H
#define KVCRM_OPS_LEAD_OFFER_H

#include "kvcrm/model/slot.h"
#include "kvcrm/ops/call.h"

struct lead_offer {
    struct slot_alternative list[SLOT_ALTERNATIVES];
    unsigned count;
};

/* For a lead's hash, out of the slots that the script has found near its date; none when no booking
 * of it failed. */
void lead_offer(struct call *call, const struct reply *lead, const struct reply *slots,
                struct lead_offer *offer);
/* "alternatives":[…], as slot_alternatives_print. */
void lead_offer_print(const struct lead_offer *offer, struct jw *w);

/* Runs lua/lead_get.lua for the lead that the path names: its hash, its tasks, the slots near its
 * date. Answers the call itself when there is no such id. */
void lead_offer_load(struct call *call,
                     void (*done)(struct script_call *, enum err, const struct reply *));

#endif
