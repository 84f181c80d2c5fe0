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

/* For a lead's hash; none when no booking of it failed. */
void lead_offer(struct call *call, const struct reply *lead, struct lead_offer *offer);
/* "alternatives":[{"date","time","spots","confirmed"},…] */
void lead_offer_print(const struct lead_offer *offer, struct jw *w);

#endif
