/* unicode.h: spellings of a text that count as one, by Unicode's rules (utf8proc).
 *
 * For what is not ASCII only: callers deal with ASCII themselves, at a fraction of the cost.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MODEL_UNICODE_H
#define MODEL_UNICODE_H

#include "kvcrm/base/arena.h"

enum unicode_form {
    UNICODE_ADDRESS, /* NFC, case-folded */
    UNICODE_NAME,    /* NFKC, case-folded, without combining marks */
    UNICODE_NUMBER,  /* NFKC; digits of all scripts are 0-9, dashes "-", blanks " " */
};

/* In the arena; also without what is not seen (joiners, direction marks). SLICE_NONE when s is no
 * UTF-8. */
struct slice unicode_fold(struct slice s, enum unicode_form form, struct arena *arena);

static inline bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    }
    return true;
}

#endif
