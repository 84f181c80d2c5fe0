/* lead_view.h: a lead as admins see it (API.md, "Leads").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_VIEW_H
#define KVCRM_OPS_LEAD_VIEW_H

#include "kvcrm/ops/call.h"

/* One flat object: what all leads have, what seed 004 names, what its own dialect names. lead: the
 * fields of its hash. */
void lead_print(struct call *call, const struct reply *lead, struct jw *w);
/* Answers with one lead: 200 with its ETag, or 304. */
void lead_answer(struct call *call, const struct reply *lead);

#endif
