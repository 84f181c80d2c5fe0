/* visitor_capture.h: an event of somebody who may not be known: the contact's if one is named, else
 * the session's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_VISITOR_CAPTURE_H
#define KVCRM_OPS_VISITOR_CAPTURE_H

#include "event_capture.h"

/* As event_capture. An event without an identity goes to its session, which is made when neither
 * the body nor the browser's cookie names one; when that session is a contact's, to the contact.
 * Without consent it is answered 202 and not stored. */
void visitor_capture(struct call *call, struct event_input *event,
                     void (*done)(struct call *call, const struct event_result *result));

#endif
