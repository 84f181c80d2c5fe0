/* visitor.h: somebody who calls from a browser and need not be known: consent, session, device.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_VISITOR_H
#define KVCRM_OPS_VISITOR_H

#include "kvcrm/ops/call.h"

/* What may be kept of a visitor nobody knows: the strictest of the setting, of what the event says
 * (asked; empty: nothing) and of what the browser says. */
enum consent visitor_consent(const struct call *call, struct slice asked);

/* The session that the browser's cookie names; SLICE_NONE without one of ours. */
struct slice visitor_session(const struct call *call);
/* A session of its own for this visitor: "sess_" and a UUIDv7, in the call's arena. */
struct slice visitor_new_session(struct call *call);
/* Was this id made by visitor_new_session? */
bool visitor_made_session(struct slice session_id);
/* Has the answer tell the browser. */
void visitor_keep_session(struct call *call, struct slice session_id, enum consent consent);

/* The path of the page that the call comes from, without query; SLICE_NONE when it is not said. */
struct slice visitor_page(const struct call *call);

#endif
