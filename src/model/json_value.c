/* json_value.c: accessors over values that jr_parse has checked.
 *
 * They trust the text: finding where a value ends means to look for the next structural byte, never
 * to check one. Nothing is kept between calls, so stepping over an object's members twice reads it
 * twice.
 *
 * SPDX-License-Identifier: MIT */
#include "json_scan.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int32_t hex4(const char *at)
{
    int32_t number = 0;
    for (unsigned i = 0; i < 4; i++) {
        int32_t c = at[i] | 0x20;
        if (at[i] >= '0' && at[i] <= '9')
            number = number << 4 | (at[i] - '0');
        else if (c >= 'a' && c <= 'f')
            number = number << 4 | (c - 'a' + 10);
        else
            return -1;
    }
    return number;
}

static unsigned utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

unsigned string_step(const char **at, char out[4])
{
    const char *p = *at;
    if (*p != '\\') {
        out[0] = *p;
        *at = p + 1;
        return 1;
    }
    *at = p + 2;
    switch (p[1]) {
    case 'b':
        out[0] = '\b';
        return 1;
    case 'f':
        out[0] = '\f';
        return 1;
    case 'n':
        out[0] = '\n';
        return 1;
    case 'r':
        out[0] = '\r';
        return 1;
    case 't':
        out[0] = '\t';
        return 1;
    case 'u':
        break;
    default:
        out[0] = p[1];
        return 1;
    }
    uint32_t c = (uint32_t)hex4(p + 2);
    *at = p + 6;
    if (c >= 0xD800 && c <= 0xDBFF) { /* its other half follows, or jr_parse had refused */
        c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)hex4(p + 8) - 0xDC00);
        *at = p + 12;
    }
    return utf8_encode(c, out);
}

/* at: an opening brace or bracket. Returns the place after the closing one. */
static const char *container_end(const char *at, const char *end)
{
    unsigned depth = 0;
    do {
        at = skip_to_structure(at, end);
        if (*at == '"')
            at = string_end(at + 1, end);
        else if (*at == '{' || *at == '[')
            depth++;
        else
            depth--;
        at++;
    } while (depth > 0);
    return at;
}

/* The string whose opening quote is at `at`. Returns the place after it. (Results are written
 * member by member where they stay: copied as a whole they would be read before the parts are
 * through the store buffer, which doubled the cost of a walk.) */
static const char *string_at(const char *at, const char *end, struct jr_value *string)
{
    const char *stop = skip_to_quote(at + 1, end);
    string->type = JR_STRING;
    string->escaped = *stop == '\\';
    if (string->escaped)
        stop = string_end(stop, end);
    string->raw.p = at;
    string->raw.n = (size_t)(stop + 1 - at);
    return stop + 1;
}

/* The value that begins at `at`. Returns the place after it. */
static const char *value_at(const char *at, const char *end, struct jr_value *value)
{
    if (*at == '"')
        return string_at(at, end, value);
    const char *last = at;
    if (*at == '{' || *at == '[') {
        last = container_end(at, end);
    } else {
        while (last < end && *last != ',' && !is_blank(*last))
            last++;
    }
    value->type = type_of(*at);
    value->escaped = false;
    value->raw.p = at;
    value->raw.n = (size_t)(last - at);
    return last;
}

struct jr_iter jr_iter(struct jr_value container)
{
    if (container.type != JR_OBJECT && container.type != JR_ARRAY)
        return (struct jr_iter){0};
    return (struct jr_iter){.at = container.raw.p + 1,
                            .end = container.raw.p + container.raw.n - 1,
                            .object = container.type == JR_OBJECT};
}

bool jr_next(struct jr_iter *it, struct jr_value *name, struct jr_value *value)
{
    const char *at = skip_blanks(it->at, it->end);
    if (at == it->end)
        return false;
    if (*at == ',')
        at = skip_blanks(at + 1, it->end);
    if (it->object) {
        at = skip_blanks(string_at(at, it->end, name), it->end);
        at = skip_blanks(at + 1, it->end); /* the colon */
    }
    it->at = value_at(at, it->end, value);
    return true;
}

bool jr_member(struct jr_value object, struct slice name, struct jr_value *value)
{
    if (object.type != JR_OBJECT)
        return false;
    struct jr_iter it = jr_iter(object);
    struct jr_value its_name, its_value;
    while (jr_next(&it, &its_name, &its_value)) {
        if (jr_string_is(its_name, name)) {
            *value = its_value;
            return true;
        }
    }
    return false;
}

bool jr_string_is(struct jr_value string, struct slice text)
{
    assert(string.type == JR_STRING);
    const char *at = string.raw.p + 1, *quote = string.raw.p + string.raw.n - 1;
    if (!string.escaped)
        return slice_eq((struct slice){at, (size_t)(quote - at)}, text);
    while (at < quote) {
        char bytes[4];
        unsigned n = string_step(&at, bytes);
        if (text.n < n || memcmp(text.p, bytes, n) != 0)
            return false;
        text.p += n;
        text.n -= n;
    }
    return text.n == 0;
}

struct slice jr_text(struct jr_value string, struct arena *arena)
{
    assert(string.type == JR_STRING);
    const char *at = string.raw.p + 1, *quote = string.raw.p + string.raw.n - 1;
    if (!string.escaped)
        return (struct slice){at, (size_t)(quote - at)};
    char *text = arena_alloc(arena, string.raw.n), *out = text; /* escapes only get shorter */
    while (at < quote) {
        const char *plain = skip_to_quote(at, quote);
        memcpy(out, at, (size_t)(plain - at));
        out += plain - at;
        at = plain;
        if (at < quote)
            out += string_step(&at, out);
    }
    return (struct slice){text, (size_t)(out - text)};
}

bool jr_i64(struct jr_value number, int64_t *out)
{
    if (number.type != JR_NUMBER)
        return false;
    const char *at = number.raw.p, *end = at + number.raw.n;
    bool negative = *at == '-';
    int64_t sum = 0; /* of the negative: its range is the larger one */
    for (at += negative; at < end; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, *at - '0', &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *out = negative ? sum : -sum;
    return true;
}

/* A double, and a point halfway between two, has at most 767 significant digits: of the digits
 * behind these it only matters whether all are 0. */
#define DOUBLE_DIGITS 800

bool jr_double(struct jr_value number, double *out)
{
    if (number.type != JR_NUMBER)
        return false;
    /* strtod wants a NUL and takes the locale's decimal point: it gets digits and an exponent. */
    char text[DOUBLE_DIGITS + 40];
    size_t n = 0, digits = 0;
    int64_t exponent = 0, written = 0;
    bool fraction = false, rest = false;
    const char *at = number.raw.p, *end = at + number.raw.n;
    if (*at == '-')
        text[n++] = *at++;
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        exponent -= fraction;
        if (digits == DOUBLE_DIGITS) {
            exponent++;
            rest = rest || *at != '0';
        } else if (digits > 0 || *at != '0') {
            text[n++] = *at;
            digits++;
        }
    }
    if (rest) {
        text[n++] = '1';
        exponent--;
    }
    if (digits == 0)
        text[n++] = '0';
    if (at < end) {
        bool negative = at[1] == '-';
        for (at += negative || at[1] == '+' ? 2 : 1; at < end; at++)
            written = written < INT32_MAX ? written * 10 + (*at - '0') : written;
        exponent += negative ? -written : written;
    }
    snprintf(text + n, sizeof(text) - n, "e%lld", (long long)exponent);
    double nearest = strtod(text, NULL);
    if (!isfinite(nearest))
        return false;
    *out = nearest;
    return true;
}
