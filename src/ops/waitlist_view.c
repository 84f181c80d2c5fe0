/* waitlist_view.c: who waits for a slot, as the API shows it.
 *
 * SPDX-License-Identifier: MIT */
#include "waitlist_view.h"

struct slice waitlist_id(struct call *call, const struct waitlist_entry *entry)
{
    return arena_join(&call->arena, 5, entry->date, SLICE("."), entry->time, SLICE("."),
                      entry->lead);
}

void waitlist_print(struct call *call, const struct waitlist_entry *entry, struct jw *w)
{
    jw_key(w, "id");
    jw_string(w, waitlist_id(call, entry));
    jw_key(w, "lead_id");
    jw_string(w, entry->lead);
    jw_key(w, "contact_id");
    jw_string_or_null(w, entry->contact);
    jw_key(w, "date");
    jw_string(w, entry->date);
    jw_key(w, "time");
    jw_string(w, entry->time);
    jw_key(w, "position");
    if (entry->position > 0)
        jw_i64(w, entry->position);
    else
        jw_null(w);
    jw_key(w, "status");
    jw_string(w, entry->status);
}
