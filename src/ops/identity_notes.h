/* identity_notes.h: what a capture says of the other contacts that its identities name.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_IDENTITY_NOTES_H
#define KVCRM_OPS_IDENTITY_NOTES_H

#include "kvcrm/model/json.h"
#include "kvcrm/store/reply.h"

/* The elements of a script's reply from `from` on, made by lua/lib/settle.lua:
 * "merged:<contact id>:<merge id>" and "apart:<identity>:<contact id>:<reason>". */
struct identity_notes {
    const struct reply *reply;
    size_t from;
};

/* Members of the open object, each only if there is something to say:
 * "merged":[{"contact_id","merge_id"}], "kept_apart":[{"identity","contact_id","reason"}]. */
void identity_notes_print(const struct identity_notes *notes, struct jw *w);

#endif
