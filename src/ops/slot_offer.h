/* slot_offer.h: what whoever could not book is offered instead, out of the inventory where there is
 * one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SLOT_OFFER_H
#define KVCRM_OPS_SLOT_OFFER_H

#include "kvcrm/model/slot.h"
#include "kvcrm/store/reply.h"

#define SLOT_BEST 3 /* that have a rank, and the least that are offered where there are as many */

/* rows: what slots_near found, from element `from` on. Free slots, confirmed, in the order of
 * slot_alternatives: other times of the day, then its time on other days, the nearest first; and
 * then other times on other days. Never the failed slot, in any spelling, nothing that has begun,
 * of a full day nothing. When fewer than SLOT_BEST are free, neighbours fill up to as many, on days
 * for which nothing was fed; when nothing was fed at all it is slot_alternatives. The first
 * SLOT_BEST are ranked, others have rank 0. Texts are in the arena. Returns how many. */
unsigned slot_offer(const struct reply *rows, size_t from, const struct slot_failed *failed,
                    int64_t now_min, struct arena *arena,
                    struct slot_alternative out[SLOT_ALTERNATIVES]);

/* [{"date","time","end","spots","confirmed","rank"}, …]; "end" only where there is one. */
void slot_alternatives_print(const struct slot_alternative *offered, unsigned count, struct jw *w);

#endif
