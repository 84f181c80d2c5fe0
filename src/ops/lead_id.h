/* lead_id.h: the three ids of a lead: UUID, number, reference (API.md, "Ids").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_ID_H
#define KVCRM_OPS_LEAD_ID_H

#include "kvcrm/ops/call.h"

/* "KV-7F3K2": at least 5 base-32 digits that stand for exactly one number, in no visible order, so
 * that a reference does not tell how many leads there are. It is a name, not a secret. */
struct slice lead_reference(uint64_t number, struct arena *arena);
/* False when it is none; letters in any case. */
MUST_CHECK bool lead_reference_parse(struct slice text, uint64_t *number);

struct lead_id {
    bool is_number;
    struct slice text; /* the UUID, or the number's digits */
};

/* Which lead does a text name? False when it is no id. */
MUST_CHECK bool lead_id_read(struct call *call, struct slice text, struct lead_id *id);
/* The same of a path: then 404 is answered. */
MUST_CHECK bool lead_id_parse(struct call *call, struct slice text, struct lead_id *id);
/* What a script finds it by: its hash, or its number's string; and which of them, "id" or "no". */
struct slice lead_id_key(struct call *call, const struct lead_id *id);
struct slice lead_id_kind(const struct lead_id *id);

#endif
