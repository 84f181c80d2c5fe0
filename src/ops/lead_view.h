/* lead_view.h: a lead as the API shows it, from its hash.
 *
 * There are two views (API.md, "Leads"): the record of seed 003, id is the UUID; and that of the
 * admins (seeds 000 and 004), flat, id is the number. Both show leads of every source.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_VIEW_H
#define KVCRM_OPS_LEAD_VIEW_H

#include "kvcrm/ops/call.h"

/* The members of the open object. */
void lead_print(struct call *call, const struct reply *lead, struct jw *w);
void lead_admin_print(struct call *call, const struct reply *lead, struct jw *w);

/* Those that both views begin with: reference, source, status, stage, quality, score, contact_id,
 * has_contact. */
void lead_put_head(struct call *call, const struct reply *lead, struct jw *w);

/* Whose is it: the name as typed, SLICE_NONE when it is not known. */
struct slice lead_name(const struct reply *lead);

/* ETag and Cache-Control of one lead. */
void lead_etag(struct call *call, const struct reply *lead);

/* 200 with one lead, whose members `print` writes; 304 when the caller has it already. */
void lead_answer(struct call *call, const struct reply *lead,
                 void (*print)(struct call *call, const struct reply *lead, struct jw *w));

#endif
