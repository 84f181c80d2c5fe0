/* email.c: an e-mail address as an identity; the only file that includes libidn2.
 *
 * Nearly all addresses are ASCII and are lower-cased in one pass. What is not is folded part by
 * part (the two sides of the @ have different rules), and then read like any other.
 *
 * SPDX-License-Identifier: MIT */
#include <idn2.h>

#include "kvcrm/model/identity.h"
#include "unicode.h"

#define EMAIL_MAX 254

static bool is_email_char(unsigned char c)
{
    return c > ' ' && c != 0x7F && memchr("\"'\\(),:;<>[]{}", c, 14) == NULL;
}

/* A dot inside, none at either end, no two together. */
static bool is_domain(struct slice s)
{
    bool dot = false;

    if (s.n < 3 || s.p[0] == '.' || s.p[0] == '-' || s.p[s.n - 1] == '.' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.') {
            if (s.p[i - 1] == '.')
                return false;
            dot = true;
        }
    }
    return dot;
}

static bool is_placeholder(struct slice s)
{
    return slice_is(s, "test@test.com") || slice_starts(s, SLICE("temp+"));
}

/* Around the only @; false when there is none, or another. */
static bool split(struct slice s, struct slice *local, struct slice *domain)
{
    *domain = s;
    return slice_cut(domain, '@', local) && local->n > 0 && domain->n > 0 &&
           memchr(domain->p, '@', domain->n) == NULL;
}

/* The domain's name in DNS. The library lets through what no name has (it maps a full-width slash
 * to
 * "/"), or drops it when told to be strict, so what it gives is looked at once more. */
static struct slice domain_to_ascii(struct slice domain, struct arena *arena)
{
    struct slice terminated = arena_join(arena, 2, domain, (struct slice){"", 1});
    char *name = NULL;

    if (idn2_to_ascii_8z(terminated.p, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return SLICE_NONE;
    struct slice ascii = arena_copy(arena, slice_of(name));
    idn2_free(name);
    for (size_t i = 0; i < ascii.n; i++) {
        char c = ascii.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return SLICE_NONE;
    }
    return ascii;
}

/* An address that is not ASCII, its domain by DNS and the rest by Unicode; SLICE_NONE when there is
 * no such domain or letter. */
static struct slice fold(struct slice s, struct arena *arena)
{
    struct slice local, domain;

    if (!split(s, &local, &domain))
        return SLICE_NONE;
    if (!is_ascii(local))
        local = unicode_fold(local, UNICODE_ADDRESS, arena);
    if (!is_ascii(domain))
        domain = domain_to_ascii(domain, arena);
    if (local.n == 0 || domain.n == 0)
        return SLICE_NONE;
    return arena_join(arena, 3, local, SLICE("@"), domain);
}

static struct slice lower(struct slice s, struct arena *arena)
{
    size_t i = 0;

    while (i < s.n && !(s.p[i] >= 'A' && s.p[i] <= 'Z'))
        i++;
    if (i == s.n)
        return s;
    char *copy = arena_alloc(arena, s.n);
    for (i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (struct slice){copy, s.n};
}

/* Gmail delivers all of these to one box; other addresses stay as they are. */
static struct slice gmail(struct slice s, struct arena *arena)
{
    struct slice local, domain;

    if (!split(s, &local, &domain) ||
        !(slice_is(domain, "gmail.com") || slice_is(domain, "googlemail.com")))
        return s;
    char *box = arena_alloc(arena, local.n);
    size_t n = 0;
    for (size_t i = 0; i < local.n && local.p[i] != '+'; i++) {
        if (local.p[i] != '.')
            box[n++] = local.p[i];
    }
    return n == 0 ? SLICE_NONE : arena_join(arena, 2, (struct slice){box, n}, SLICE("@gmail.com"));
}

struct slice identity_email(struct slice typed, const struct identity_rules *rules,
                            struct arena *arena)
{
    struct slice s = slice_trim(typed), local, domain;

    if (s.n > EMAIL_MAX)
        return SLICE_NONE;
    if (!is_ascii(s))
        s = fold(s, arena);
    if (s.n > EMAIL_MAX || !split(s, &local, &domain) || !is_domain(domain))
        return SLICE_NONE;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_email_char((unsigned char)s.p[i]))
            return SLICE_NONE;
    }
    s = lower(s, arena);
    if (is_placeholder(s) || identity_temp_phone(s, rules, arena).n > 0)
        return SLICE_NONE;
    return rules->gmail ? gmail(s, arena) : s;
}
