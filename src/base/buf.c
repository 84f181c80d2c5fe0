/* buf.c: the growable buffer and the JSON writer on top of it.
 *
 * Invariant: n <= cap <= max. Once something was dropped (`full`) everything after it is dropped as
 * well, so that what is in the buffer is always the beginning of what was written.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kvcrm/base/clock.h"
#include "utf8.h"

enum { FIRST_CAP = 256, U64_DIGITS = 20, MOST_DECIMALS = 18 };

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_dispose(struct buf *b)
{
    free(b->p);
    buf_init(b, b->max);
}

static void grow(struct buf *b, size_t least)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST_CAP;

    while (cap < least)
        cap = cap > b->max / 2 ? b->max : cap * 2;
    if (cap > b->max)
        cap = b->max;
    b->p = realloc(b->p, cap + 1); /* and a byte for the NUL of buf_printf */
    if (b->p == NULL)
        abort();
    b->cap = cap;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->full || n > b->max - b->n) {
        b->full = true;
        return NULL;
    }
    if (b->p == NULL || n > b->cap - b->n)
        grow(b, b->n + n);
    return b->p + b->n;
}

void buf_add(struct buf *b, struct slice s)
{
    char *at;

    if (s.n == 0)
        return;
    at = buf_reserve(b, s.n);
    if (at == NULL)
        return;
    memcpy(at, s.p, s.n);
    b->n += s.n;
}

void buf_str(struct buf *b, const char *text)
{
    buf_add(b, slice_of(text));
}

void buf_char(struct buf *b, char c)
{
    char *at = buf_reserve(b, 1);

    if (at == NULL)
        return;
    *at = c;
    b->n++;
}

/* Writes v before end, with at least `least` digits, and returns its first digit. */
static char *digits_before(char *end, uint64_t v, unsigned least)
{
    char *at = end;

    do {
        *--at = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0 || (unsigned)(end - at) < least);
    return at;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

void buf_u64(struct buf *b, uint64_t v)
{
    char text[U64_DIGITS], *end = text + sizeof(text), *at = digits_before(end, v, 1);

    buf_add(b, (struct slice){at, (size_t)(end - at)});
}

void buf_i64(struct buf *b, int64_t v)
{
    char text[U64_DIGITS + 1], *end = text + sizeof(text);
    char *at = digits_before(end, magnitude(v), 1);

    if (v < 0)
        *--at = '-';
    buf_add(b, (struct slice){at, (size_t)(end - at)});
}

void buf_money(struct buf *b, int64_t minor_units, unsigned decimals)
{
    char text[U64_DIGITS + 2], *end = text + sizeof(text), *at;

    assert(decimals <= MOST_DECIMALS);
    at = digits_before(end, magnitude(minor_units), decimals + 1);
    if (minor_units < 0)
        *--at = '-';
    buf_add(b, (struct slice){at, (size_t)(end - at) - decimals});
    if (decimals == 0)
        return;
    buf_char(b, '.');
    buf_add(b, (struct slice){end - decimals, decimals});
}

void buf_decimal(struct buf *b, int64_t minor_units, unsigned decimals)
{
    while (decimals > 0 && minor_units % 10 == 0) {
        minor_units /= 10;
        decimals--;
    }
    buf_money(b, minor_units, decimals);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    int n;
    char *at;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    at = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (at != NULL) {
        vsnprintf(at, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void json_escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letter[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    if (c >= 0x80) {
        buf_str(b, "\xef\xbf\xbd"); /* U+FFFD for a byte that is not UTF-8 */
    } else if (c >= 0x20 || letter[c] != 0) {
        char two[2] = {'\\', c >= 0x20 ? (char)c : letter[c]};
        buf_add(b, (struct slice){two, sizeof(two)});
    } else {
        char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        buf_add(b, (struct slice){six, sizeof(six)});
    }
}

void buf_json_string(struct buf *b, struct slice s)
{
    const char *p = s.p, *end = s.n > 0 ? s.p + s.n : s.p;

    buf_char(b, '"');
    while (p < end) {
        const char *run = p;
        size_t n = 1;

        /* Whole runs are copied at once: texts that need an escape are rare. */
        while (p < end && n > 0) {
            if (is_plain((unsigned char)*p))
                p++;
            else if ((unsigned char)*p < 0x80)
                break;
            else
                p += n = utf8_length(p, end);
        }
        buf_add(b, (struct slice){run, (size_t)(p - run)});
        if (p < end)
            json_escape(b, (unsigned char)*p++);
    }
    buf_char(b, '"');
}

/* What stands before a value or a key. */
static void separate(struct jw *w)
{
    if (w->comma)
        buf_char(w->b, ',');
    w->comma = true;
}

static void nest(struct jw *w, char bracket)
{
    separate(w);
    buf_char(w->b, bracket);
    w->depth++;
    w->comma = false;
}

static void unnest(struct jw *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    w->comma = true;
    buf_char(w->b, bracket);
}

void jw_object(struct jw *w)
{
    nest(w, '{');
}

void jw_object_end(struct jw *w)
{
    unnest(w, '}');
}

void jw_array(struct jw *w)
{
    nest(w, '[');
}

void jw_array_end(struct jw *w)
{
    unnest(w, ']');
}

void jw_key(struct jw *w, const char *key)
{
    jw_key_slice(w, slice_of(key));
}

void jw_key_slice(struct jw *w, struct slice key)
{
    assert(w->depth > 0);
    separate(w);
    buf_json_string(w->b, key);
    buf_char(w->b, ':');
    w->comma = false;
}

void jw_string(struct jw *w, struct slice s)
{
    separate(w);
    buf_json_string(w->b, s);
}

void jw_string_or_null(struct jw *w, struct slice s)
{
    if (s.n == 0)
        jw_null(w);
    else
        jw_string(w, s);
}

void jw_i64(struct jw *w, int64_t v)
{
    separate(w);
    buf_i64(w->b, v);
}

void jw_bool(struct jw *w, bool v)
{
    separate(w);
    buf_str(w->b, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
    separate(w);
    buf_str(w->b, "null");
}

void jw_time(struct jw *w, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    if (ms == 0)
        jw_null(w);
    else
        jw_string(w, slice_of(clock_format(ms, text)));
}

void jw_money(struct jw *w, int64_t minor_units, unsigned decimals)
{
    separate(w);
    buf_money(w->b, minor_units, decimals);
}

void jw_decimal(struct jw *w, int64_t minor_units, unsigned decimals)
{
    separate(w);
    buf_decimal(w->b, minor_units, decimals);
}

void jw_raw(struct jw *w, struct slice json)
{
    separate(w);
    buf_add(w->b, json);
}
