/* name.c: names of people as they are compared.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/name.h"

struct slice name_fold(struct slice typed, struct arena *arena)
{
    struct slice s = slice_trim(typed);
    char *folded = arena_alloc(arena, s.n);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (blank && folded[n - 1] == ' ')
            continue;
        folded[n++] = blank ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct slice){folded, n};
}
