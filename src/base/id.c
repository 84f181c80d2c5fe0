/* id.c: UUIDv7 from a pool of random bytes, and contact ids by a keyed permutation.
 *
 * A contact number goes through a Feistel network: six rounds of SipHash on 32-bit halves. Whatever
 * the round function is, such a network is a permutation, so every number has its id and back.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/id.h"

#include <stdatomic.h>

#include "kvcrm/base/crypto.h"

enum { POOL_SIZE = 4096, ROUNDS = 6 };

/* Per thread, as the pool must not hand out the same bytes twice. */
struct pool {
    unsigned char bytes[POOL_SIZE];
    size_t left;
};
static _Thread_local struct pool pool;

/* Ids made so far by all threads, from a random start: so those that are made one after the other
 * sort so, also when two workers make them in one millisecond. */
static atomic_uint made;
static atomic_bool started;

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void take_random(void *out, size_t n)
{
    if (pool.left < n) {
        crypto_random(pool.bytes, POOL_SIZE);
        pool.left = POOL_SIZE;
    }
    pool.left -= n;
    memcpy(out, pool.bytes + pool.left, n);
}

/* 26 bits that order the ids of one millisecond (RFC 9562, 6.2, method 1, never reset): they begin
 * anew once in 67 million ids. */
static unsigned next_counter(void)
{
    unsigned seed;

    if (!atomic_load_explicit(&started, memory_order_relaxed) && !atomic_exchange(&started, true)) {
        take_random(&seed, sizeof(seed));
        atomic_fetch_add(&made, seed & 0x1ffffff);
    }
    return atomic_fetch_add(&made, 1) & 0x3ffffff;
}

void id_uuid7(int64_t now_ms, char out[ID_UUID_LEN + 1])
{
    uint8_t b[16];
    char hex[2 * sizeof(b) + 1];
    unsigned counter = next_counter();

    for (int i = 0; i < 6; i++)
        b[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
    take_random(b + 10, 6);
    b[6] = (uint8_t)(0x70 | counter >> 22); /* version 7 */
    b[7] = (uint8_t)(counter >> 14);
    b[8] = (uint8_t)(0x80 | (counter >> 8 & 0x3f)); /* variant 10 */
    b[9] = (uint8_t)counter;
    crypto_hex(b, sizeof(b), hex);
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *out++ = '-';
        *out++ = hex[i];
    }
    *out = '\0';
}

int64_t id_uuid7_ms(struct slice id)
{
    int64_t ms = 0;

    if (!id_is_uuid(id))
        return 0;
    for (int i = 0; i < 13; i++) {
        char c = id.p[i];
        if (c != '-')
            ms = ms << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return ms;
}

bool id_is_uuid(struct slice s)
{
    if (s.n != ID_UUID_LEN)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

        if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !is_hex)
            return false;
    }
    return true;
}

static void store_le64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void id_key_init(struct id_key *key, struct slice secret)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    crypto_sha256(secret, hash);
    for (int i = 0; i < 4; i++) {
        key->round[i] = 0;
        for (int j = 7; j >= 0; j--)
            key->round[i] = key->round[i] << 8 | hash[8 * i + j];
    }
}

static uint32_t round_value(const struct id_key *key, unsigned round, uint32_t half)
{
    uint8_t sip_key[16], input[5] = {(uint8_t)half, (uint8_t)(half >> 8), (uint8_t)(half >> 16),
                                     (uint8_t)(half >> 24), (uint8_t)round};

    store_le64(sip_key, key->round[round % 4]);
    store_le64(sip_key + 8, key->round[(round + 1) % 4]);
    return (uint32_t)crypto_siphash(sip_key, (struct slice){(const char *)input, sizeof(input)});
}

static uint64_t permute(const struct id_key *key, uint64_t v)
{
    uint32_t left = (uint32_t)(v >> 32), right = (uint32_t)v, swap;

    for (unsigned i = 0; i < ROUNDS; i++) {
        swap = right;
        right = left ^ round_value(key, i, right);
        left = swap;
    }
    return (uint64_t)left << 32 | right;
}

static uint64_t permute_back(const struct id_key *key, uint64_t v)
{
    uint32_t left = (uint32_t)(v >> 32), right = (uint32_t)v, swap;

    for (unsigned i = ROUNDS; i > 0; i--) {
        swap = left;
        left = right ^ round_value(key, i - 1, left);
        right = swap;
    }
    return (uint64_t)left << 32 | right;
}

void id_contact_encode(const struct id_key *key, uint64_t number, char out[ID_CONTACT_LEN + 1])
{
    uint64_t v = permute(key, number);

    for (int i = ID_CONTACT_LEN - 1; i >= 0; i--) {
        out[i] = alphabet[v & 31];
        v >>= 5;
    }
    out[ID_CONTACT_LEN] = '\0';
}

/* Value of a character of the alphabet, or -1. */
static int digit_of(char c)
{
    const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

    return at != NULL ? (int)(at - alphabet) : -1;
}

bool id_contact_decode(const struct id_key *key, struct slice s, uint64_t *number)
{
    uint64_t v = 0;

    /* 13 characters hold 65 bits: the first one's top bit must be 0. */
    if (!id_is_contact(s) || digit_of(s.p[0]) > 15)
        return false;
    for (size_t i = 0; i < s.n; i++)
        v = v << 5 | (uint64_t)digit_of(s.p[i]);
    *number = permute_back(key, v);
    return true;
}

bool id_is_contact(struct slice s)
{
    if (s.n != ID_CONTACT_LEN)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (digit_of(s.p[i]) < 0)
            return false;
    return true;
}
