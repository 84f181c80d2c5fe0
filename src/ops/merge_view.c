/* merge_view.c: a merge of two contacts as the API shows it.
 *
 * SPDX-License-Identifier: MIT */
#include "merge_view.h"

void merge_print(const struct merge *merge, struct jw *w)
{
    jw_object(w);
    jw_key(w, "id");
    jw_string(w, merge->id);
    jw_key(w, "winner");
    jw_string(w, merge->winner);
    jw_key(w, "loser");
    jw_string(w, merge->loser);
    jw_key(w, "automatic");
    jw_bool(w, merge->automatic);
    jw_key(w, "reason");
    jw_string_or_null(w, merge->reason);
    jw_key(w, "evidence");
    jw_raw(w, merge->evidence.n > 0 ? merge->evidence : SLICE("[]"));
    jw_key(w, "at");
    jw_time(w, merge->at_ms);
    jw_key(w, "undone_at");
    jw_time(w, merge->undone_ms);
    jw_object_end(w);
}
