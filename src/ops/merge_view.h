/* merge_view.h: a merge of two contacts as the API shows it (API.md, "Merges").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_MERGE_VIEW_H
#define KVCRM_OPS_MERGE_VIEW_H

#include "kvcrm/ops/call.h"

struct merge {
    struct slice id, winner, loser; /* the contacts by their full ids */
    bool automatic;                 /* by identities, not by a call */
    struct slice reason;
    struct slice evidence; /* JSON; none: [] */
    int64_t at_ms, undone_ms;
};

void merge_print(const struct merge *merge, struct jw *w);

/* Starts lua/contact_merge.lua or lua/merge_undo.lua: the keys and first arguments of both. */
void merge_script(struct call *call, const struct script *script,
                  void (*done)(struct script_call *, enum err, const struct reply *));

/* What a script's done does first, as call_failed: says in the error's members which contact is not
 * there, or which merge stands in the way. */
bool merge_failed(struct call *call, enum err err, const struct reply *reply);

#endif
