/* identity_args.h: identities as arguments of the scripts that capture.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_IDENTITY_ARGS_H
#define KVCRM_OPS_IDENTITY_ARGS_H

#include "kvcrm/model/identity.h"
#include "kvcrm/ops/call.h"

/* The index that a canonical identity is found by. */
struct slice identity_index_key(struct call *call, enum identity_kind kind, struct slice canonical);
/* The indexes of the identities that are there, as a script's keys, strongest first; and each one's
 * word and canonical text, as its arguments. */
void identity_keys(struct call *call, const struct slice identity[IDENTITY_KINDS]);
void identity_args(struct call *call, const struct slice identity[IDENTITY_KINDS]);
/* Ids for the merges that this many identities may make necessary: pairs merge_1, merge_2. */
void identity_merge_args(struct call *call, unsigned identities);
unsigned identity_count(const struct slice identity[IDENTITY_KINDS]);

#endif
