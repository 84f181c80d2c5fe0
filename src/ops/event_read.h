/* event_read.h: an event as track-event's body spells it, read into struct event_input.
 *
 * The table of an operation that takes such bodies begins with EVENT_READ_FIELDS; rows of its own
 * come after them. Other dialects use the pieces.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_EVENT_READ_H
#define KVCRM_OPS_EVENT_READ_H

#include "event_capture.h"

enum {
    IN_EVENT_TYPE,
    IN_CUSTOMER,
    IN_CUSTOMER_ID,
    IN_CUSTOMER_EMAIL,
    IN_CUSTOMER_NAME,
    IN_CUSTOMER_PHONE,
    IN_CUSTOMER_FIRST_NAME,
    IN_CUSTOMER_LAST_NAME,
    IN_EVENT_DATA,
    IN_SESSION,
    IN_SESSION_ID,
    IN_EVENT_ID,
    IN_OCCURRED_AT,
    IN_TIMESTAMP,
    EVENT_READ_ROWS
};

/* clang-format off */
#define EVENT_READ_FIELDS \
    [IN_EVENT_TYPE]          = {.name = "event_type", .type = FIELD_LINE, .need = REQUIRED, .max = EVENT_TYPE_MAX}, \
    [IN_CUSTOMER]            = {.name = "customer", .type = FIELD_OBJECT}, \
    [IN_CUSTOMER_ID]         = {.name = "customer.id", .type = FIELD_ID, .max = 128}, \
    [IN_CUSTOMER_EMAIL]      = {.name = "customer.email", .type = FIELD_LINE, .max = 254}, \
    [IN_CUSTOMER_NAME]       = {.name = "customer.name", .type = FIELD_LINE, .max = 255}, \
    [IN_CUSTOMER_PHONE]      = {.name = "customer.phone", .type = FIELD_ID, .max = 64}, \
    [IN_CUSTOMER_FIRST_NAME] = {.name = "customer.first_name", .type = FIELD_LINE, .max = 255}, \
    [IN_CUSTOMER_LAST_NAME]  = {.name = "customer.last_name", .type = FIELD_LINE, .max = 255}, \
    [IN_EVENT_DATA]          = {.name = "event_data", .type = FIELD_OBJECT, .max = EVENT_DATA_MAX}, \
    [IN_SESSION]             = {.name = "session", .type = FIELD_OBJECT, .max = EVENT_DATA_MAX}, \
    [IN_SESSION_ID]          = {.name = "session.session_id", .type = FIELD_ID, .max = 255}, \
    [IN_EVENT_ID]            = {.name = "event_id", .type = FIELD_ID, .max = 128}, \
    [IN_OCCURRED_AT]         = {.name = "occurred_at", .type = FIELD_TIME, .lenient = true}, \
    [IN_TIMESTAMP]           = {.name = "timestamp", .type = FIELD_TIME, .lenient = true}
/* clang-format on */

/* A member that is kept for the timeline's reader, under a name and as JSON (empty: not there). */
struct event_kept {
    const char *name;
    struct slice json;
};

/* Reads the body's fields, of which `table` has the first EVENT_READ_ROWS; kept: members of further
 * rows. False: it was not valid, and the call is answered. */
MUST_CHECK bool event_read(struct call *call, const struct field *table,
                           const struct event_kept *kept, unsigned kept_count,
                           struct event_input *event);

/* From event->typed to event->identity and event->identified. names: how the caller spells the
 * fields, for a fault when what was typed is no identity. */
void event_read_identities(struct call *call, struct event_input *event,
                           const char *const names[IDENTITY_KINDS]);
/* When it happened, by the caller's time (0: none was given): never later than now. */
int64_t event_read_time(const struct call *call, int64_t at);
/* The session object, with the id that the event belongs to. */
void event_put_session(struct call *call, struct event_input *event, struct slice session_id);
/* Members nobody asked for and those that are kept. customer: the row whose further members are the
 * contact's traits, or NULL. */
void event_read_extras(struct call *call, const struct field *customer,
                       const struct event_kept *kept, unsigned kept_count,
                       struct event_input *event);

#endif
