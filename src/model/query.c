/* query.c: query strings and cursors.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/query.h"

#include <assert.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/crypto.h"
#include "kvcrm/model/utf8.h"

#define MS_MOST 253402300799999 /* the end of year 9999 */
#define FINGERPRINT 8           /* bytes of it in front of a cursor's position */
#define CURSOR_MAX_BYTES (FINGERPRINT + CURSOR_MAX_POSITION)
#define CURSOR_MAX_TEXT ((CURSOR_MAX_BYTES * 4 + 2) / 3)

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* blanks: are they spelled "+"? */
static bool unescape(struct slice raw, bool blanks, struct arena *arena, struct slice *text)
{
    char *p;
    size_t n = 0;

    if (raw.n == 0 ||
        (memchr(raw.p, '%', raw.n) == NULL && (!blanks || memchr(raw.p, '+', raw.n) == NULL))) {
        *text = raw;
        return true;
    }
    p = arena_alloc(arena, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '%') {
            int high = raw.n - i > 2 ? hex_digit(raw.p[i + 1]) : -1;
            int low = raw.n - i > 2 ? hex_digit(raw.p[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            p[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            p[n++] = blanks && raw.p[i] == '+' ? ' ' : raw.p[i];
        }
    }
    *text = (struct slice){p, n};
    return true;
}

bool query_unescape(struct slice raw, struct arena *arena, struct slice *text)
{
    return unescape(raw, true, arena, text);
}

static bool is_text(struct slice s)
{
    return utf8_is_valid(s) && (s.n == 0 || memchr(s.p, 0, s.n) == NULL);
}

bool query_path_text(struct slice segment, struct arena *arena, struct slice *text)
{
    return unescape(segment, false, arena, text) && is_text(*text);
}

/* Unescapes in place of *s; false for what no parameter may be. */
static bool clean(struct slice *s, struct arena *arena)
{
    return query_unescape(*s, arena, s) && is_text(*s);
}

static unsigned count_params(struct slice text)
{
    struct slice pair;
    unsigned n = 0;

    while (slice_cut(&text, '&', &pair))
        n += pair.n > 0;
    return n;
}

enum err query_parse(struct slice text, struct arena *arena, struct query *query)
{
    unsigned count = count_params(text);
    struct query parsed = {0};
    struct slice pair;

    if (count > QUERY_MAX_PARAMS)
        return ERR_BAD_QUERY;
    parsed.params = arena_alloc(arena, count * sizeof(*parsed.params));
    while (slice_cut(&text, '&', &pair)) {
        struct query_param param;

        if (pair.n == 0)
            continue;
        slice_cut(&pair, '=', &param.name);
        param.value = pair.p != NULL ? pair : SLICE("");
        if (!clean(&param.name, arena) || !clean(&param.value, arena))
            return ERR_BAD_QUERY;
        parsed.params[parsed.count++] = param;
    }
    *query = parsed;
    return OK;
}

struct slice query_text(const struct query *query, const char *name)
{
    for (unsigned i = 0; i < query->count; i++)
        if (slice_is(query->params[i].name, name))
            return query->params[i].value;
    return SLICE_NONE;
}

static bool is_digits(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

bool query_limit(const struct query *query, unsigned most, struct arena *arena,
                 struct faults *faults, unsigned *out)
{
    struct slice text = query_text(query, "limit");
    uint64_t limit = most;

    if (text.n == 0)
        return true;
    if (!is_digits(text)) {
        fault_add(faults, arena, SLICE("limit"), "type", "Expected a whole number from 1 to %u",
                  most);
        return false;
    }
    if (slice_u64(text, most, &limit) && limit == 0) {
        fault_add(faults, arena, SLICE("limit"), "range", "Expected a whole number from 1 to %u",
                  most);
        return false;
    }
    *out = (unsigned)limit;
    return true;
}

bool query_time(const struct query *query, const char *name, struct arena *arena,
                struct faults *faults, int64_t *out)
{
    struct slice text = query_text(query, name);
    uint64_t ms;

    if (text.n == 0 || clock_parse(text, out))
        return true;
    if (slice_u64(text, MS_MOST, &ms)) {
        *out = (int64_t)ms;
        return true;
    }
    fault_add(faults, arena, slice_of(name), "time", "Expected RFC 3339 time or Unix milliseconds");
    return false;
}

static void put_u64(uint8_t *out, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

/* A fingerprint of everything that went into h, and of s. */
static uint64_t mix(uint64_t h, struct slice s)
{
    uint8_t key[16] = "kvcrm.. cursor1";

    put_u64(key, h);
    return crypto_siphash(key, s);
}

uint64_t cursor_scope(struct slice list, const struct query *query, const char *const *names)
{
    uint64_t scope = mix(0, list);

    for (; *names != NULL; names++)
        scope = mix(scope, query_text(query, *names));
    return scope;
}

/* base64url (RFC 4648, 5) without padding. */
static size_t base64url_encode(const uint8_t *in, size_t n, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned held = 0;
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | in[i];
        for (held += 8; held >= 6;) {
            held -= 6;
            out[to++] = alphabet[bits >> held & 63];
        }
    }
    if (held > 0)
        out[to++] = alphabet[bits << (6 - held) & 63];
    return to;
}

static int base64url_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Strict: one spelling for each value. out takes 3/4 of s.n bytes. */
static bool base64url_decode(struct slice s, uint8_t *out, size_t *out_n)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        int digit = base64url_digit(s.p[i]);

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (uint8_t)(bits >> held);
        }
    }
    *out_n = n;
    return held < 6 && (bits & ((1U << held) - 1)) == 0;
}

struct slice cursor_make(uint64_t scope, struct slice position, struct arena *arena)
{
    uint8_t bytes[CURSOR_MAX_BYTES];
    char *text = arena_alloc(arena, CURSOR_MAX_TEXT);

    assert(position.n <= CURSOR_MAX_POSITION);
    put_u64(bytes, mix(scope, position));
    if (position.n > 0)
        memcpy(bytes + FINGERPRINT, position.p, position.n);
    return (struct slice){text, base64url_encode(bytes, FINGERPRINT + position.n, text)};
}

enum err cursor_read(uint64_t scope, struct slice cursor, struct arena *arena,
                     struct slice *position)
{
    uint8_t bytes[CURSOR_MAX_BYTES + 2], fingerprint[FINGERPRINT];
    struct slice text;
    size_t n;

    if (cursor.n > CURSOR_MAX_TEXT || !base64url_decode(cursor, bytes, &n) || n < FINGERPRINT)
        return ERR_BAD_CURSOR;
    text = (struct slice){(const char *)bytes + FINGERPRINT, n - FINGERPRINT};
    put_u64(fingerprint, mix(scope, text));
    if (memcmp(fingerprint, bytes, FINGERPRINT) != 0)
        return ERR_BAD_CURSOR;
    *position = arena_copy(arena, text);
    return OK;
}
