/* lead.c: the statuses of a lead of the booking form, and what is derived from them.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/lead.h"

#define FLOOR 50

static const char *const words[BOOKING_STATUS_COUNT] = {
    [BOOKING_STATUS_NONE] = "",
    [BOOKING_STATUS_TRACKING] = "tracking",
    [BOOKING_STATUS_PENDING] = "pending",
    [BOOKING_STATUS_APPROVED] = "approved",
    [BOOKING_STATUS_REJECTED] = "rejected",
};

static const bool may[BOOKING_STATUS_COUNT][BOOKING_STATUS_COUNT] = {
    [BOOKING_STATUS_TRACKING] = {[BOOKING_STATUS_PENDING] = true,
                                 [BOOKING_STATUS_APPROVED] = true,
                                 [BOOKING_STATUS_REJECTED] = true},
    [BOOKING_STATUS_PENDING] = {[BOOKING_STATUS_APPROVED] = true, [BOOKING_STATUS_REJECTED] = true},
};

const char *booking_status_word(enum booking_status status)
{
    return words[status];
}

enum booking_status booking_status_of(struct slice text)
{
    for (int i = BOOKING_STATUS_TRACKING; i < BOOKING_STATUS_COUNT; i++) {
        if (slice_ieq(text, slice_of(words[i])))
            return i;
    }
    return BOOKING_STATUS_NONE;
}

bool booking_status_may(enum booking_status from, enum booking_status to)
{
    return may[from][to];
}

int64_t lead_score(struct slice status, bool has_contact, bool is_active)
{
    bool lost = slice_is(status, "rejected") || slice_is(status, "lost");

    return has_contact && is_active && !lost ? FLOOR : 0;
}

const char *lead_stage(struct slice status, bool has_contact, bool is_active, int64_t score)
{
    return stage_of((struct stage_facts){
        .is_customer = slice_is(status, "approved") || slice_is(status, "converted"),
        .is_over = !is_active || slice_is(status, "rejected") || slice_is(status, "lost"),
        .is_hot = strcmp(score_quality(score), "HOT") == 0,
        .is_anonymous = !has_contact,
        .is_tracking = slice_is(status, "tracking"),
    });
}
