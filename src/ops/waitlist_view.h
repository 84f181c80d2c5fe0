/* waitlist_view.h: who waits for a slot, as the API shows it (API.md, "Waitlist").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_WAITLIST_VIEW_H
#define KVCRM_OPS_WAITLIST_VIEW_H

#include "slot_place.h"

struct waitlist_entry {
    struct slice lead, contact; /* ids */
    struct slice date, time, status;
    int64_t position; /* in line, from 1; 0: no longer in it */
};

/* "<date>.<time>.<lead id>" */
struct slice waitlist_id(struct call *call, const struct waitlist_entry *entry);
/* Its members, into the open object. */
void waitlist_print(struct call *call, const struct waitlist_entry *entry, struct jw *w);

#endif
