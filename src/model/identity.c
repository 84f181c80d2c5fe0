/* identity.c: customer ids, e-mail addresses and phones as identities.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/identity.h"

#define EMAIL_MAX 254
#define PHONE_MIN_DIGITS 7
#define PHONE_MAX_DIGITS 15 /* E.164 */

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

struct slice identity_ext(struct slice typed, struct arena *arena)
{
    struct slice s = slice_trim(typed);

    (void)arena;
    return is_placeholder(s) ? SLICE_NONE : s;
}

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

static bool is_placeholder_email(struct slice s)
{
    return slice_is(s, "test@test.com") || slice_starts(s, SLICE("temp+"));
}

struct slice identity_email(struct slice typed, struct arena *arena)
{
    struct slice s = slice_trim(typed);
    const char *at = s.n > 0 ? memchr(s.p, '@', s.n) : NULL;

    if (at == NULL || at == s.p || s.n > EMAIL_MAX)
        return SLICE_NONE;
    struct slice domain = {at + 1, s.n - (size_t)(at + 1 - s.p)};
    if (memchr(domain.p, '@', domain.n) != NULL || !is_domain(domain))
        return SLICE_NONE;

    bool lower = true;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_email_char((unsigned char)s.p[i]))
            return SLICE_NONE;
        lower = lower && !(s.p[i] >= 'A' && s.p[i] <= 'Z');
    }
    if (!lower) {
        char *copy = arena_alloc(arena, s.n);
        for (size_t i = 0; i < s.n; i++)
            copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
        s.p = copy;
    }
    return is_placeholder_email(s) ? SLICE_NONE : s;
}

struct slice identity_phone(struct slice typed, struct arena *arena)
{
    struct slice s = slice_trim(typed);
    char digits[PHONE_MAX_DIGITS + 2]; /* "00" may stand before them */
    size_t n = 0;
    bool plus = false, nonzero = false;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9') {
            if (n == sizeof digits)
                return SLICE_NONE;
            digits[n++] = c;
            nonzero = nonzero || c != '0';
        } else if (c == '+' && n == 0 && !plus) {
            plus = true;
        } else if (memchr(" .-()/", c, 6) == NULL) {
            return SLICE_NONE;
        }
    }
    const char *first = digits;
    if (!plus && n > 2 && digits[0] == '0' && digits[1] == '0') {
        plus = true;
        first += 2;
        n -= 2;
    }
    if (n < PHONE_MIN_DIGITS || n > PHONE_MAX_DIGITS || !nonzero)
        return SLICE_NONE;
    return arena_join(arena, 2, plus ? SLICE("+") : SLICE(""), ((struct slice){first, n}));
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
