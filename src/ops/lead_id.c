/* lead_id.c: the three ids of a lead: UUID, number, reference.
 *
 * A reference of d digits stands for (number × FACTOR + OFFSET) mod 32^d: FACTOR is odd, so every
 * number below 32^d has one of its own, and is found by the inverse.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_id.h"

#define DIGITS_LEAST 5
#define DIGITS_MOST 12               /* 32^12 = 2^60 */
#define FACTOR 0x9E3779B97F4A7C15ULL /* 2^64 ÷ golden ratio, odd (Knuth, TAOCP 3, 6.4) */
#define OFFSET 0x5BD1E995ULL

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's */

static uint64_t mask_of(unsigned digits)
{
    return ((uint64_t)1 << (5 * digits)) - 1;
}

/* FACTOR's inverse modulo 2^64: Newton's iteration doubles the good bits, from 3. */
static uint64_t inverse(void)
{
    uint64_t x = FACTOR;

    for (int i = 0; i < 5; i++)
        x *= 2 - FACTOR * x;
    return x;
}

struct slice lead_reference(uint64_t number, struct arena *arena)
{
    char text[3 + DIGITS_MOST] = "KV-";
    unsigned digits = DIGITS_LEAST;

    while (digits < DIGITS_MOST && number > mask_of(digits))
        digits++;
    uint64_t value = (number * FACTOR + OFFSET) & mask_of(digits);
    for (unsigned i = 0; i < digits; i++, value >>= 5)
        text[3 + digits - 1 - i] = alphabet[value & 31];
    return arena_copy(arena, (struct slice){text, 3 + digits});
}

bool lead_reference_parse(struct slice text, uint64_t *number)
{
    uint64_t value = 0;

    if (text.n < 3 + DIGITS_LEAST || text.n > 3 + DIGITS_MOST ||
        !slice_ieq((struct slice){text.p, 3}, SLICE("KV-")))
        return false;
    unsigned digits = (unsigned)text.n - 3;
    for (unsigned i = 0; i < digits; i++) {
        char c = text.p[3 + i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
        if (at == NULL)
            return false;
        value = value << 5 | (uint64_t)(at - alphabet);
    }
    uint64_t found = ((value - OFFSET) * inverse()) & mask_of(digits);
    if (digits > DIGITS_LEAST && found <= mask_of(digits - 1))
        return false; /* it has a shorter one */
    *number = found;
    return true;
}

bool lead_id_read(struct call *call, struct slice text, struct lead_id *id)
{
    uint64_t number;

    id->is_number = slice_u64(text, INT64_MAX, &number) || lead_reference_parse(text, &number);
    id->text = id->is_number ? arena_i64(&call->arena, (int64_t)number) : text;
    return id->is_number || id_is_uuid(text);
}

bool lead_id_parse(struct call *call, struct slice text, struct lead_id *id)
{
    if (lead_id_read(call, text, id))
        return true;
    call_fail(call, ERR_NOT_FOUND, NULL);
    return false;
}

struct slice lead_id_key(struct call *call, const struct lead_id *id)
{
    return call_key(call, id->is_number ? KEY_LEAD_NO : KEY_LEAD, id->text);
}

struct slice lead_id_kind(const struct lead_id *id)
{
    return id->is_number ? SLICE("no") : SLICE("id");
}
