/* json_scan.h: the steps that the checker (json.c) and the accessors (json_value.c) have in common.
 *
 * The three runs below eat almost all bytes of a body, 16 at a time with SSE2; the loop that
 * finishes a run is also the portable version. None reads at or beyond `end`.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_JSON_SCAN_H
#define KVCRM_MODEL_JSON_SCAN_H

#include "kvcrm/model/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* To the first byte that is no plain character of a string: quote, backslash, control or non-ASCII.
 */
static inline const char *skip_plain(const char *at, const char *end)
{
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        /* Bytes are signed here: one comparison finds controls and non-ASCII. */
        __m128i stop = _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')),
                                    _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                 _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask != 0)
            return at + __builtin_ctz(mask);
    }
#endif
    while (at < end && (unsigned char)(*at - ' ') < 0x60 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* To the first quote or backslash. */
static inline const char *skip_to_quote(const char *at, const char *end)
{
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask != 0)
            return at + __builtin_ctz(mask);
    }
#endif
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* To the first quote, bracket or brace. */
static inline const char *skip_to_structure(const char *at, const char *end)
{
#ifdef __SSE2__
    for (; end - at >= 16; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        /* '[' and '{', ']' and '}' differ in one bit. */
        __m128i folded = _mm_or_si128(block, _mm_set1_epi8('{' ^ '['));
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                    _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')),
                                                 _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask != 0)
            return at + __builtin_ctz(mask);
    }
#endif
    while (at < end && *at != '"' && *at != '{' && *at != '}' && *at != '[' && *at != ']')
        at++;
    return at;
}

/* at: after a string's opening quote. Its closing quote, or end when there is none. */
static inline const char *string_end(const char *at, const char *end)
{
    while ((at = skip_to_quote(at, end)) < end && *at == '\\')
        at = end - at > 2 ? at + 2 : end;
    return at;
}

/* The type of a value by its first byte, in a text that is known to be good. */
static inline enum jr_type type_of(char first)
{
    switch (first) {
    case '{':
        return JR_OBJECT;
    case '[':
        return JR_ARRAY;
    case '"':
        return JR_STRING;
    case 't':
        return JR_TRUE;
    case 'f':
        return JR_FALSE;
    case 'n':
        return JR_NULL;
    default:
        return JR_NUMBER;
    }
}

/* Four hexadecimal digits as a number, or -1. */
int32_t hex4(const char *at);
/* One character of a checked string, escapes resolved, as 1 to 4 bytes of UTF-8; *at steps over it.
 * Unescaped text comes byte by byte. */
unsigned string_step(const char **at, char out[4]);

#endif
