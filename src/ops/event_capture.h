/* event_capture.h: one event of an identified customer, whichever dialect it came in.
 *
 * A dialect's operation reads its body into struct event_input and prints its own answer from
 * struct event_result; what happens between is the same for all: the rule of the type, one call of
 * lua/event_track.lua.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_EVENT_CAPTURE_H
#define KVCRM_OPS_EVENT_CAPTURE_H

#include "identity_notes.h"
#include "kvcrm/model/event.h"
#include "kvcrm/model/identity.h"
#include "kvcrm/ops/call.h"

#define EVENT_TYPE_MAX_BYTES ((size_t)4 * EVENT_TYPE_MAX)
#define EVENT_DATA_MAX ((int64_t)32 * 1024) /* bytes of event_data, and of session */

/* Texts live as long as the call. */
struct event_input {
    struct slice type;             /* as it is stored */
    const struct event_rule *rule; /* NULL: a custom type */
    bool identified;               /* there is an identity */
    struct slice known_contact;    /* without an identity: whose session it is, "contact_<c> …" */
    struct slice identity[IDENTITY_KINDS];     /* canonical */
    struct slice typed[IDENTITY_KINDS];        /* as sent */
    struct slice new_identity[IDENTITY_KINDS]; /* replaces the present one (customer.updated) */
    struct slice first_name, last_name;
    struct jr_value data;    /* event_data; raw is empty when there was none */
    struct slice data_field; /* how the caller spells it, for faults: "event_data" */
    struct slice session;    /* JSON object, or none */
    struct slice session_id;
    struct slice device, browser;     /* of the session, when the caller says them */
    struct slice utm;                 /* JSON object, or none */
    struct slice consent;             /* what the visitor agrees to, or none */
    struct slice extra;               /* JSON object of what nobody asked for, or none */
    const struct field_extra *traits; /* of the customer; the first trait_count */
    unsigned trait_count;
    struct slice event_id; /* the caller's, or none */
    int64_t occurred_ms;   /* not later than the call's received_ms */
};

/* Slices live inside done only. Without a contact the event is the session's. */
struct event_result {
    bool replayed, created;
    struct slice contact_id, activity_id, event_id, task_id, session_id;
    enum lead_status status;
    int64_t score;
    struct identity_notes notes;
};

/* Answers the call itself when the event is not valid or the store fails; otherwise calls done
 * once. */
void event_capture(struct call *call, const struct event_input *event,
                   void (*done)(struct call *call, const struct event_result *result));

/* Pieces for what captures events in another way. The log's line and the counter of an event. */
void event_note(const struct call *call, const struct event_input *event);
/* The timeline's entry; activity: its id. */
struct slice event_entry(struct call *call, const struct event_input *event, const char *activity);
/* Today's counters, their key; the hour in there, two digits. */
struct slice event_day(struct call *call);
struct slice event_hour(struct call *call);
/* event_id, session_id: the request's, or none. */
void event_result_read(const struct reply *reply, struct slice event_id, struct slice session_id,
                       struct event_result *result);

/* Makes the counters of events; once, before the threads start. */
void event_capture_init(void);

#endif
