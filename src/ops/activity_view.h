/* activity_view.h: an activity as the API shows it (API.md), from its entry in the timeline.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_ACTIVITY_VIEW_H
#define KVCRM_OPS_ACTIVITY_VIEW_H

#include "kvcrm/ops/call.h"

/* member: the JSON of the sorted set or of the old list; occurred_ms: its score. */
void activity_print(struct call *call, struct slice member, int64_t occurred_ms, struct jw *w);

#endif
