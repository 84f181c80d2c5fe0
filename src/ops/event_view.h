/* event_view.h: what is answered to an event, in the parts that the dialects share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_EVENT_VIEW_H
#define KVCRM_OPS_EVENT_VIEW_H

#include "event_capture.h"

/* Members of the open object: activity_id, event_id, created, lead_status, score, quality, task_id
 * if there is one, and what the identities have told. Without a contact the last ones are null. */
void event_result_print(const struct event_result *result, struct jw *w);
/* 202: the event was not stored. */
void event_ignore(struct call *call, const char *why, const char *message);

#endif
