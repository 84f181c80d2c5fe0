/* event.h: what an event type means: its effect on the contact, its text, its task.
 *
 * events.def has a row for each of the 16 built-in types (seed 001's 15 and quote.requested,
 * API.md). A type without a row is custom: it goes to the timeline and does nothing else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_EVENT_H
#define KVCRM_MODEL_EVENT_H

#include "kvcrm/base/arena.h"
#include "kvcrm/model/json.h"
#include "kvcrm/model/status.h"

#define EVENT_TYPE_MAX 64 /* characters of a type */

enum booking_verb {
    BOOKING_NONE,
    BOOKING_STARTED,
    BOOKING_STEP,
    BOOKING_ABANDONED,
    BOOKING_COMPLETED
};

enum task_priority { TASK_URGENT, TASK_HIGH, TASK_NORMAL, TASK_LOW, TASK_PRIORITIES };

struct event_task {
    const char *kind; /* NULL: the event makes no task */
    const char *title, *note, *queue;
    enum task_priority priority;
    int64_t due_s; /* after receipt */
};

struct event_rule {
    const char *type;
    const char *aliases; /* other names, separated by '|', or NULL */
    const char *title;   /* "Started booking" */
    const char *joint;   /* between title and detail: ": " or " " */
    const char *detail;  /* members of event_data, the first present one is shown: "a|b", or NULL */
    enum lead_status status;   /* the status it leads to */
    enum booking_verb booking; /* its part in the life of a booking */
    bool registers;            /* the contact is registered from now on */
    bool updates_profile;      /* given identities replace the old ones */
    bool visit;                /* website_visits + 1 */
    bool deal_value;           /* estimated_deal_value is taken from the data */
    bool revenue;              /* total_bookings + 1, total_revenue + amount */
    const char *remembers; /* contact field that takes the detail: "last_vehicle_viewed", or NULL */
    const char *counts;    /* what the detail is counted as: "vehicle", "location", or NULL */
    struct event_task task;
    const char *closes; /* kind of the booking's task that ends with this event, or NULL */
};

extern const struct event_rule event_rules[];
extern const unsigned event_rule_count;

/* The built-in rule of a name, or NULL. Case does not count; blank, '_' and '.' are equal. */
const struct event_rule *event_rule_of(struct slice name);
/* ^[A-Za-z][A-Za-z0-9_.: -]{0,63}$ */
bool event_type_is_well_formed(struct slice name);
/* The type as it is stored: the rule's, or the custom name with blanks as '_'. */
struct slice event_type_stored(const struct event_rule *rule, struct slice name,
                               struct arena *arena);

/* First member of `names` ("a|b|c") that data has as non-empty text or as a number; SLICE_NONE when
 * there is none. *which, unless NULL, is the member's name (a slice of `names`). */
struct slice event_data_text(struct jr_value data, const char *names, struct arena *arena,
                             struct slice *which);

/* "Started booking: Toyota Camry"; custom types show their name. */
struct slice event_title(const struct event_rule *rule, struct slice type, struct jr_value data,
                         struct arena *arena);

const char *task_priority_word(enum task_priority priority);
const char *booking_verb_word(enum booking_verb verb);

#endif
