/* name.c: folding a name for search.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/name.h"

#include "unicode.h"

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice name_fold(struct slice typed, struct arena *arena)
{
    struct slice s = is_ascii(typed) ? typed : unicode_fold(typed, UNICODE_NAME, arena);
    char *out = arena_alloc(arena, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!is_blank(c))
            out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    return n > 0 ? (struct slice){out, n} : SLICE_NONE;
}
