/* unicode.c: the only file that includes utf8proc.
 *
 * SPDX-License-Identifier: MIT */
#include "unicode.h"

#include <stdlib.h>
#include <utf8proc.h>

#define MINUS_SIGN 0x2212

/* Digits stand in runs of ten, zero first (Unicode, "Nd"), so that counting back gives the value.
 */
static utf8proc_int32_t digit_of(utf8proc_int32_t c)
{
    utf8proc_int32_t zero = c;

    while (utf8proc_category(zero - 1) == UTF8PROC_CATEGORY_ND)
        zero--;
    return '0' + (c - zero) % 10;
}

static utf8proc_int32_t number_char(utf8proc_int32_t c, void *data)
{
    (void)data;
    if (c < 0x80)
        return c;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_ND:
        return digit_of(c);
    case UTF8PROC_CATEGORY_PD:
        return '-';
    case UTF8PROC_CATEGORY_ZS:
        return ' ';
    default:
        return c == MINUS_SIGN ? '-' : c;
    }
}

struct slice unicode_fold(struct slice s, enum unicode_form form, struct arena *arena)
{
    static const int options[] = {
        [UNICODE_ADDRESS] =
            UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_IGNORE | UTF8PROC_CASEFOLD,
        [UNICODE_NAME] = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE |
                         UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK,
        [UNICODE_NUMBER] = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE,
    };
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t n = utf8proc_map_custom((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n,
                                             &folded, (utf8proc_option_t)options[form],
                                             form == UNICODE_NUMBER ? number_char : NULL, NULL);

    if (n < 0)
        return SLICE_NONE;
    struct slice copy = arena_copy(arena, (struct slice){(const char *)folded, (size_t)n});
    free(folded);
    return copy;
}
