/* buf.h: a growable byte buffer that is born with its largest size, and a JSON writer on top of it.
 *
 * Appending beyond the maximum drops the bytes and sets `full`; callers look once, at the end. Out
 * of memory aborts. The JSON writer puts the commas; the caller nests begin/end rightly (asserted).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_BUF_H
#define KVCRM_BASE_BUF_H

#include "kvcrm/base/slice.h"

struct buf {
    char *p;
    size_t n, cap, max;
    bool full;
};

/* No memory is taken before the first byte. */
void buf_init(struct buf *b, size_t max);
void buf_dispose(struct buf *b);
static inline void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
}
static inline struct slice buf_slice(const struct buf *b)
{
    return (struct slice){b->p, b->n};
}
/* Room for n more bytes, or NULL when the maximum is in the way (then `full` is set). The caller
 * writes at the returned place and adds what it wrote to b->n. */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, struct slice s);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bytes of s as a JSON string with its quotes (s is valid UTF-8; invalid bytes become U+FFFD).
 */
void buf_json_string(struct buf *b, struct slice s);
/* Minor units as decimal text: 45010 with 2 decimals is 450.10, -5 is -0.05, 650 with 0 is 650. */
void buf_money(struct buf *b, int64_t minor_units, unsigned decimals);
/* The same without zeros at the end: 45010 is 450.1, 65000 with 2 decimals is 650. */
void buf_decimal(struct buf *b, int64_t minor_units, unsigned decimals);

/* JSON writer. A key is written before each value inside an object, never inside an array. */
struct jw {
    struct buf *b;
    unsigned depth;
    bool comma; /* a value stands before, on this level */
};

static inline struct jw jw_on(struct buf *b)
{
    return (struct jw){b, 0, false};
}
void jw_object(struct jw *w);
void jw_object_end(struct jw *w);
void jw_array(struct jw *w);
void jw_array_end(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_key_slice(struct jw *w, struct slice key);
void jw_string(struct jw *w, struct slice s);
/* As jw_string, but null for SLICE_NONE and for empty text. */
void jw_string_or_null(struct jw *w, struct slice s);
void jw_i64(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
/* RFC 3339 UTC with ms; null for 0. */
void jw_time(struct jw *w, int64_t ms);
void jw_money(struct jw *w, int64_t minor_units, unsigned decimals);
void jw_decimal(struct jw *w, int64_t minor_units, unsigned decimals);
/* A complete JSON value that is already text. */
void jw_raw(struct jw *w, struct slice json);

#endif
