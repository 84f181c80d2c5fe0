/* query.h: name=value text (the query of a URL), and the cursors that lists hand out.
 *
 * A parameter given twice counts once, the first time; unknown ones are nobody's business. Getters
 * put what is wrong into a list of faults, so that one answer names all of them (422).
 *
 * A cursor is base64url of a position (short text of the list's own) behind a 64-bit fingerprint of
 * it and of the query it belongs to. It is opaque, not secret and not signed: whoever reads a
 * position checks it like any other input.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_QUERY_H
#define KVCRM_MODEL_QUERY_H

#include "kvcrm/base/arena.h"
#include "kvcrm/base/err.h"
#include "kvcrm/model/field.h"

#define QUERY_MAX_PARAMS 64
#define QUERY_LIMIT_DEFAULT 50
#define QUERY_LIMIT_MOST 200
#define CURSOR_MAX_POSITION 512

struct query_param {
    struct slice name, value;
};

struct query {
    struct query_param *params;
    unsigned count;
};

/* Resolves %XX and '+' (a blank). False, *text untouched, for a % without two hex digits. A slice
 * of raw where nothing is escaped, else in the arena. */
MUST_CHECK bool query_unescape(struct slice raw, struct arena *arena, struct slice *text);

/* A segment of a path as text: only %XX is resolved. False, too, for bad UTF-8 and U+0000. */
MUST_CHECK bool query_path_text(struct slice segment, struct arena *arena, struct slice *text);

/* text: what stands behind the question mark, without it. ERR_BAD_QUERY: a bad escape, bad UTF-8,
 * U+0000, or more than QUERY_MAX_PARAMS parameters. A name without "=" has the value "". */
MUST_CHECK enum err query_parse(struct slice text, struct arena *arena, struct query *query);

/* The value of a parameter; SLICE_NONE when it was not given, p is not NULL when it was given
 * empty. */
struct slice query_text(const struct query *query, const char *name);

/* The getters below leave *out alone and return true when the parameter is absent or empty, so the
 * caller puts its default there first; false, and a fault, when it cannot be read. */

/* `limit`: 1 and more; what is above most counts as most. */
MUST_CHECK bool query_limit(const struct query *query, unsigned most, struct arena *arena,
                            struct faults *faults, unsigned *out);
/* RFC 3339, a date (its midnight UTC), or Unix milliseconds. */
MUST_CHECK bool query_time(const struct query *query, const char *name, struct arena *arena,
                           struct faults *faults, int64_t *out);

/* What a cursor belongs to: the list (its path, with the workspace) and the values of those
 * parameters that decide what is in it and in which order. names ends with NULL; `limit`, `cursor`
 * and unknown parameters are best left out, since they may change from page to page. */
uint64_t cursor_scope(struct slice list, const struct query *query, const char *const *names);

/* At most CURSOR_MAX_POSITION bytes of position. In the arena. */
struct slice cursor_make(uint64_t scope, struct slice position, struct arena *arena);
/* ERR_BAD_CURSOR: not one of ours, damaged, or made for another scope. */
MUST_CHECK enum err cursor_read(uint64_t scope, struct slice cursor, struct arena *arena,
                                struct slice *position);

#endif
