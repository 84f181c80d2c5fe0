/* slice.c: comparing, trimming, cutting and reading borrowed text.
 *
 * Everything here is about bytes and ASCII: no locale, no allocation.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/slice.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool slice_ieq(struct slice a, struct slice b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

struct slice slice_trim(struct slice s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool slice_u64(struct slice s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';

        if (digit > 9 || digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool slice_cut(struct slice *s, char sep, struct slice *head)
{
    const char *at;

    *head = SLICE_NONE;
    if (s->p == NULL)
        return false;
    at = s->n > 0 ? memchr(s->p, sep, s->n) : NULL;
    if (at == NULL) {
        *head = *s;
        *s = SLICE_NONE;
        return true;
    }
    *head = (struct slice){s->p, (size_t)(at - s->p)};
    *s = (struct slice){at + 1, s->n - head->n - 1};
    return true;
}
