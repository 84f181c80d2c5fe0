/* utf8.h: where the next UTF-8 character ends, for the two writers of this layer (buf.c, log.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* Length of the well-formed sequence at p (Unicode, table 3-7; p < end), or 0 when there is none.
 */
static inline size_t utf8_length(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t room = (size_t)(end - p), n;
    unsigned char least = 0x80, most = 0xbf; /* of the second byte */

    if (u[0] < 0x80)
        return 1;
    if (u[0] < 0xc2 || u[0] > 0xf4)
        return 0;
    n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
    if (u[0] == 0xe0)
        least = 0xa0; /* shorter forms exist */
    else if (u[0] == 0xed)
        most = 0x9f; /* surrogates */
    else if (u[0] == 0xf0)
        least = 0x90;
    else if (u[0] == 0xf4)
        most = 0x8f; /* beyond U+10FFFF */
    if (room < n || u[1] < least || u[1] > most)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

#endif
