/* json.h: a strict RFC 8259 reader over slices, without allocation.
 *
 * jr_parse walks the whole text once and checks everything: grammar, UTF-8 (RFC 3629), escapes,
 * depth, number of members, duplicate names. After that the accessors below trust the text and only
 * step over it. Values are slices of the source: a number keeps its text (450.10 stays 450.10), an
 * object can be stored unchanged. Why by hand: ARCHITECTURE.md, "What is written by hand".
 *
 * Two kinds of refusal (API.md, "Bodies"): what is not JSON at all is ERR_BAD_JSON with the byte
 * offset; what is JSON but not taken (duplicate member, \u0000, lone surrogate, depth > 32, > 256
 * members in one object) is ERR_VALIDATION with the field's path.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_JSON_H
#define KVCRM_MODEL_JSON_H

#include "kvcrm/base/arena.h"
#include "kvcrm/base/err.h"
#include "kvcrm/base/slice.h"

#define JR_MAX_DEPTH 32    /* open objects and arrays at once */
#define JR_MAX_MEMBERS 256 /* of one object */
#define JR_PATH_SIZE 256

enum jr_type { JR_NULL, JR_FALSE, JR_TRUE, JR_NUMBER, JR_STRING, JR_OBJECT, JR_ARRAY };

struct jr_value {
    struct slice
        raw; /* the value's source text, with quotes, braces or brackets, no blanks around */
    enum jr_type type;
    bool escaped; /* a string with at least one backslash */
};

struct jr_fault {
    const char *code;        /* "bad_json", "duplicate", "nul", "surrogate", "depth", "members" */
    const char *detail;      /* a public sentence: what was expected */
    size_t offset;           /* byte where it was noticed */
    char path[JR_PATH_SIZE]; /* dotted path of the member ("customer.email", "events.3.id"), cut if
                                long */
};

/* The whole of text is one JSON value, blanks around allowed. OK: *root is it. ERR_BAD_JSON or
 * ERR_VALIDATION: *fault says what and where. text must stay as it is while values of it are used.
 */
MUST_CHECK enum err jr_parse(struct slice text, struct jr_value *root, struct jr_fault *fault);

/* Steps over the members of an object or the elements of an array that jr_parse has checked:
 *     struct jr_iter it = jr_iter(object);
 *     while (jr_next(&it, &name, &value)) …
 * For arrays name is left alone (may be NULL). Names come as jr_value strings. */
struct jr_iter {
    const char *at, *end;
    bool object;
};
struct jr_iter jr_iter(struct jr_value container);
bool jr_next(struct jr_iter *it, struct jr_value *name, struct jr_value *value);

/* The member of that name (plain ASCII without escapes in `name`; escaped spellings in the source
 * are found too). False when there is none, or when object is not one. */
bool jr_member(struct jr_value object, struct slice name, struct jr_value *value);
/* Does the string value spell exactly `text`? */
bool jr_string_is(struct jr_value string, struct slice text);

/* The characters of a string, escapes resolved: a slice of the source where there are none, else a
 * copy in the arena. */
struct slice jr_text(struct jr_value string, struct arena *arena);
static inline bool jr_is_text(struct jr_value v)
{
    return v.type == JR_STRING;
}

/* Integer in [-2^63, 2^63): the number's text has neither fraction nor exponent (1.0 and 1e3 are
 * not integers here). False, *out untouched, otherwise. */
MUST_CHECK bool jr_i64(struct jr_value number, int64_t *out);
/* Finite IEEE double nearest to the text; false for 1e309. */
MUST_CHECK bool jr_double(struct jr_value number, double *out);

#endif
