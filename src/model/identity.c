/* identity.c: the kinds of identities, and customer ids; for the others see email.c and phone.c.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/identity.h"

const char *identity_word(enum identity_kind kind)
{
    static const char *const words[IDENTITY_KINDS] = {"ext", "email", "phone"};
    return words[kind];
}

/* What callers send when they have nothing to send (API.md). */
static bool is_placeholder(struct slice s)
{
    static const char *const words[] = {"null",      "undefined",       "none", "nil", "nan",
                                        "anonymous", "[object object]", "-1"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_ieq(s, slice_of(words[i])))
            return true;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '0' && s.p[i] != '-')
            return false;
    }
    return true; /* empty, or nothing but zeros and dashes */
}

struct slice identity_ext(struct slice typed)
{
    struct slice s = slice_trim(typed);

    return is_placeholder(s) ? SLICE_NONE : s;
}

struct slice identity_of(enum identity_kind kind, struct slice typed,
                         const struct identity_rules *rules, struct arena *arena)
{
    switch (kind) {
    case IDENTITY_EXT:
        return identity_ext(typed);
    case IDENTITY_EMAIL:
        return identity_email(typed, rules, arena);
    default:
        return identity_phone(typed, rules->region, arena);
    }
}

void identity_split_name(struct slice full, struct slice *first, struct slice *last)
{
    struct slice s = slice_trim(full);
    const char *blank = s.n > 0 ? memchr(s.p, ' ', s.n) : NULL;

    *last = SLICE_NONE;
    *first = s;
    if (blank != NULL) {
        first->n = (size_t)(blank - s.p);
        *last = slice_trim((struct slice){blank, s.n - first->n});
    }
}
