/* slice.h: borrowed text, a pointer and a length.
 *
 * A slice never owns its bytes and need not end in NUL; it is valid as long as what it points into.
 * The empty slice ({NULL, 0}) stands for "absent" wherever a header does not say otherwise.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_SLICE_H
#define KVCRM_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct slice {
    const char *p;
    size_t n;
};

/* A slice of a string literal (or of any char array with its NUL). */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})
/* The same as an initialiser of static data. */
#define SLICE_CONST(literal)           \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
#define SLICE_NONE ((struct slice){NULL, 0})
/* For printf: "%.*s", SLICE_ARGS(s). */
#define SLICE_ARGS(s) (int)(s).n, (s).p

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, text != NULL ? strlen(text) : 0};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice s, const char *text)
{
    return slice_eq(s, slice_of(text));
}

/* Equal when ASCII letters differ in case only. */
bool slice_ieq(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
/* Without blank, tab, CR, LF, VT and FF at both ends. */
struct slice slice_trim(struct slice s);
/* Decimal digits only, no sign, no blank; false (and *out untouched) when empty, foreign or > max.
 */
MUST_CHECK bool slice_u64(struct slice s, uint64_t max, uint64_t *out);
/* Cuts at the first sep: *head is what stands before it, *s what stands after; the whole of *s, and
 * *s becomes SLICE_NONE, when there is none. False, and *head is SLICE_NONE, once *s is SLICE_NONE.
 */
bool slice_cut(struct slice *s, char sep, struct slice *head);

#endif
