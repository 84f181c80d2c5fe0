/* utf8.c: the table of well-formed byte sequences (Unicode, table 3-7) as code.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/utf8.h"

static bool is_within(const unsigned char *p, unsigned char least, unsigned char most)
{
    return *p >= least && *p <= most;
}

/* Bytes of the character at p, which has left bytes; 0 when it is none. */
static size_t char_length(const unsigned char *p, size_t left)
{
    unsigned char least = 0x80, most = 0xbf;
    size_t n;

    if (*p < 0x80)
        return 1;
    if (is_within(p, 0xc2, 0xdf)) {
        n = 2;
    } else if (is_within(p, 0xe0, 0xef)) {
        n = 3;
        least = *p == 0xe0 ? 0xa0 : least; /* overlong */
        most = *p == 0xed ? 0x9f : most;   /* surrogates */
    } else if (is_within(p, 0xf0, 0xf4)) {
        n = 4;
        least = *p == 0xf0 ? 0x90 : least; /* overlong */
        most = *p == 0xf4 ? 0x8f : most;   /* above U+10FFFF */
    } else {
        return 0;
    }
    if (left < n || !is_within(p + 1, least, most))
        return 0;
    for (size_t i = 2; i < n; i++)
        if (!is_within(p + i, 0x80, 0xbf))
            return 0;
    return n;
}

bool utf8_is_valid(struct slice s)
{
    for (size_t i = 0; i < s.n;) {
        size_t n = char_length((const unsigned char *)s.p + i, s.n - i);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}
