/* status.c: the words of a contact's lead_status, its stage and its quality.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/status.h"

#define SCORE_HOT 80
#define SCORE_WARM 50

static const struct {
    const char *slug, *word, *short_word;
} statuses[LEAD_STATUS_COUNT] = {
    [LEAD_STATUS_NONE] = {"", NULL, NULL},
    [LEAD_STATUS_NEW_LEAD] = {"new_lead", "New Lead", NULL},
    [LEAD_STATUS_HOT_BOOKING] = {"hot_booking", "Hot Lead - Booking In Progress", NULL},
    [LEAD_STATUS_HOT_ABANDONED] = {"hot_abandoned", "Hot Lead - Abandoned Booking",
                                   "Hot Lead - Abandoned"},
    [LEAD_STATUS_CUSTOMER] = {"customer", "Customer - Active", NULL},
};

const char *lead_status_slug(enum lead_status status)
{
    return statuses[status].slug;
}

const char *lead_status_word(enum lead_status status)
{
    return statuses[status].word;
}

enum lead_status lead_status_of(struct slice text)
{
    for (int i = LEAD_STATUS_NEW_LEAD; i < LEAD_STATUS_COUNT; i++) {
        if (slice_ieq(text, slice_of(statuses[i].slug)) ||
            slice_ieq(text, slice_of(statuses[i].word)) ||
            (statuses[i].short_word != NULL && slice_ieq(text, slice_of(statuses[i].short_word))))
            return i;
    }
    return LEAD_STATUS_NONE;
}

const char *stage_of(struct stage_facts facts)
{
    if (facts.is_customer)
        return "customer";
    if (facts.is_over)
        return "inactive";
    if (facts.is_hot)
        return "hot";
    if (facts.is_anonymous)
        return "anonymous";
    return facts.is_tracking ? "tracking" : "lead";
}

const char *contact_stage(enum lead_status status, int64_t score, bool is_active)
{
    return stage_of((struct stage_facts){
        .is_customer = status == LEAD_STATUS_CUSTOMER,
        .is_over = !is_active,
        .is_hot = score >= SCORE_HOT || status == LEAD_STATUS_HOT_BOOKING ||
                  status == LEAD_STATUS_HOT_ABANDONED,
    });
}

const char *score_quality(int64_t score)
{
    return score >= SCORE_HOT ? "HOT" : score >= SCORE_WARM ? "WARM" : "COLD";
}
