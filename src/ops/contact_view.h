/* contact_view.h: a contact as the API shows it (API.md), from its hash.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_CONTACT_VIEW_H
#define KVCRM_OPS_CONTACT_VIEW_H

#include "kvcrm/ops/call.h"

/* flat: the hash as HGETALL gives it. */
void contact_print(struct call *call, const struct reply *flat, struct jw *w);

/* Answers a call with one contact: 200 with ETag "v7", or 304. */
void contact_answer(struct call *call, const struct reply *flat);

/* id is the contact that the answer is about. When the path names another one, which was merged
 * into it, says where the answer's own place is (Content-Location). */
void contact_locate(struct call *call, struct slice id);

/* "contact_" and 13 characters; gives the bare <c>. */
bool contact_id_parse(struct slice id, struct slice *c);

#endif
