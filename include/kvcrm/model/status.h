/* status.h: the words of a contact's lead_status (seed 001) and their slugs in keys.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_STATUS_H
#define KVCRM_MODEL_STATUS_H

#include "kvcrm/base/slice.h"

enum lead_status {
    LEAD_STATUS_NONE,
    LEAD_STATUS_NEW_LEAD,
    LEAD_STATUS_HOT_BOOKING,
    LEAD_STATUS_HOT_ABANDONED,
    LEAD_STATUS_CUSTOMER,
    LEAD_STATUS_COUNT
};

/* "hot_booking"; "" for none. */
const char *lead_status_slug(enum lead_status status);
/* "Hot Lead - Booking In Progress"; NULL for none. */
const char *lead_status_word(enum lead_status status);
/* Word or slug in any case, and "Hot Lead - Abandoned"; LEAD_STATUS_NONE for anything else. */
enum lead_status lead_status_of(struct slice text);

/* What a contact or a lead is to the people who work with it, derived from its status: the first
 * that holds of "customer", "inactive", "hot", "anonymous", "tracking", "lead" (API.md). */
struct stage_facts {
    bool is_customer; /* converted */
    bool is_over;     /* not active, or lost */
    bool is_hot;      /* quality HOT, or a hot status */
    bool is_anonymous, is_tracking;
};
const char *stage_of(struct stage_facts facts);

const char *contact_stage(enum lead_status status, int64_t score, bool is_active);
/* "HOT" from 80, "WARM" from 50, else "COLD". */
const char *score_quality(int64_t score);

#endif
