/* lead.h: the statuses of a lead of the booking form, what may follow what, and what is derived
 * from them (seed 000; API.md, "Leads").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_LEAD_H
#define KVCRM_MODEL_LEAD_H

#include "kvcrm/model/status.h"

enum booking_status {
    BOOKING_STATUS_NONE,
    BOOKING_STATUS_TRACKING, /* not submitted */
    BOOKING_STATUS_PENDING,
    BOOKING_STATUS_APPROVED,
    BOOKING_STATUS_REJECTED,
    BOOKING_STATUS_COUNT
};

/* "tracking"; "" for none. */
const char *booking_status_word(enum booking_status status);
/* The word in any case; BOOKING_STATUS_NONE for anything else. */
enum booking_status booking_status_of(struct slice text);
/* May people move a lead from one to the other? The present status again is no move. */
bool booking_status_may(enum booking_status from, enum booking_status to);

/* 0 to 100: 50 is the floor of a lead with contact details that is neither lost nor inactive; what
 * has no floor has nothing yet. status: the slug. */
int64_t lead_score(struct slice status, bool has_contact, bool is_active);
/* "customer", "inactive", "hot", "anonymous", "tracking" or "lead": the first that holds. */
const char *lead_stage(struct slice status, bool has_contact, bool is_active, int64_t score);

#endif
