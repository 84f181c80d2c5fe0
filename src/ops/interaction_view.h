/* interaction_view.h: an interaction as the API shows it (API.md, "Interactions"): an activity in
 * the words of the form or call to action that it came from.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_INTERACTION_VIEW_H
#define KVCRM_OPS_INTERACTION_VIEW_H

#include "kvcrm/ops/call.h"

struct interaction {
    struct slice id, session_id, type;
    struct slice user_id, source_page, data; /* JSON, or none */
    int64_t created_ms;
};

/* Its members into the open object. */
void interaction_print_members(const struct interaction *interaction, struct jw *w);
/* One of a session, from its entry in a log or timeline; at: the entry's time. */
void interaction_print(struct call *call, struct slice session_id, struct slice entry, int64_t at,
                       struct jw *w);

#endif
