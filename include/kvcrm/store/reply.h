/* reply.h: typed, checked readers over a reply of Redis.
 *
 * Scripts answer arrays of one shape; the accessors never fail: what is missing or of another type
 * reads as empty, 0 or NULL, and the caller's contract with its script says what must be there.
 * Slices point into the reply: copy what must outlive the done callback.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_REPLY_H
#define KVCRM_STORE_REPLY_H

#include "kvcrm/base/slice.h"

struct reply; /* what the connection's reader made; no other layer sees hiredis */

/* An error reply, its text; SLICE_NONE for every other reply. */
struct slice reply_error(const struct reply *r);
bool reply_is_null(const struct reply *r);
/* Elements of an array, 0 for anything else. */
size_t reply_count(const struct reply *r);
/* NULL beyond the end, and for anything but an array. All readers take NULL. */
const struct reply *reply_at(const struct reply *r, size_t i);
/* Text of a bulk or status string; SLICE_NONE for null and for other types. */
struct slice reply_text(const struct reply *r);
/* Integer reply, or text that is one; otherwise 0. */
int64_t reply_i64(const struct reply *r);

/* Shorthands for element i. */
static inline struct slice reply_text_at(const struct reply *r, size_t i)
{
    return reply_text(reply_at(r, i));
}
static inline int64_t reply_i64_at(const struct reply *r, size_t i)
{
    return reply_i64(reply_at(r, i));
}
/* Value of a field in a flat field-value array (HGETALL); SLICE_NONE when it is not there. */
struct slice reply_field(const struct reply *flat, struct slice field);

#endif
