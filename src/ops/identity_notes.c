/* identity_notes.c: from the words of a script to "merged" and "kept_apart".
 *
 * SPDX-License-Identifier: MIT */
#include "identity_notes.h"

struct kind {
    struct slice word;      /* in the script's reply */
    const char *list;       /* in the answer */
    const char *members[3]; /* of a row, in the order of the note's words */
};

static const struct kind kinds[] = {
    {{"merged", 6}, "merged", {"contact_id", "merge_id"}},
    {{"apart", 5}, "kept_apart", {"identity", "contact_id", "reason"}},
};

static void print_row(const struct kind *kind, struct slice words, struct jw *w)
{
    struct slice word;

    jw_object(w);
    for (unsigned i = 0; i < 3 && kind->members[i] != NULL && slice_cut(&words, ':', &word); i++) {
        jw_key(w, kind->members[i]);
        jw_string(w, slice_is(word, "ext") ? SLICE("customer_id") : word);
    }
    jw_object_end(w);
}

void identity_notes_print(const struct identity_notes *notes, struct jw *w)
{
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        bool open = false;
        for (size_t i = notes->from; i < reply_count(notes->reply); i++) {
            struct slice rest = reply_text_at(notes->reply, i), word;
            if (!slice_cut(&rest, ':', &word) || !slice_eq(word, kinds[k].word))
                continue;
            if (!open) {
                jw_key(w, kinds[k].list);
                jw_array(w);
                open = true;
            }
            print_row(&kinds[k], rest, w);
        }
        if (open)
            jw_array_end(w);
    }
}
