/* identity.c: the kinds of identities, and customer ids; for the others see email.c and phone.c.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/identity.h"

const char *identity_word(enum identity_kind kind)
{
    static const char *const words[IDENTITY_KINDS] = {"ext", "email", "phone", "wa"};
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
    case IDENTITY_PHONE:
        return identity_phone(typed, rules->region, arena);
    default:
        return identity_whatsapp(typed, arena).n > 0 ? SLICE_NONE : identity_ext(typed);
    }
}

void identity_read(struct slice typed[IDENTITY_KINDS], const struct identity_rules *rules,
                   struct arena *arena, struct slice identity[IDENTITY_KINDS])
{
    struct slice phone = identity_temp_phone(typed[IDENTITY_EMAIL], rules, arena);

    if (phone.n > 0)
        typed[IDENTITY_EMAIL] = SLICE_NONE;
    for (int kind = 0; kind < IDENTITY_KINDS; kind++)
        identity[kind] = identity_of(kind, typed[kind], rules, arena);
    if (identity[IDENTITY_PHONE].n == 0)
        identity[IDENTITY_PHONE] = phone;
}

/* Around {phone}; false when it is not there. */
static bool split_temp(const struct identity_rules *rules, struct slice *before,
                       struct slice *after)
{
    const char *at = strstr(rules->temp_email, "{phone}");

    if (at == NULL)
        return false;
    *before = (struct slice){rules->temp_email, (size_t)(at - rules->temp_email)};
    *after = slice_of(at + 7);
    return true;
}

struct slice identity_temp_email(struct slice phone, const struct identity_rules *rules,
                                 struct arena *arena)
{
    struct slice before, after;

    if (phone.n == 0 || !split_temp(rules, &before, &after))
        return SLICE_NONE;
    if (phone.p[0] == '+')
        phone = (struct slice){phone.p + 1, phone.n - 1};
    return arena_join(arena, 3, before, phone, after);
}

struct slice identity_temp_phone(struct slice typed, const struct identity_rules *rules,
                                 struct arena *arena)
{
    struct slice s = slice_trim(typed), before, after;

    if (!split_temp(rules, &before, &after) || s.n <= before.n + after.n)
        return SLICE_NONE;
    struct slice head = {s.p, before.n}, tail = {s.p + s.n - after.n, after.n};
    struct slice digits = {s.p + before.n, s.n - before.n - after.n};
    if (!slice_ieq(head, before) || !slice_ieq(tail, after) || digits.p[0] == '+')
        return SLICE_NONE;
    return identity_whatsapp(digits, arena);
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
