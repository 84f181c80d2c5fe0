/* crypto.c: the seam to OpenSSL and to the kernel's random bytes.
 *
 * SipHash is our own, because a MAC object of the library costs more than hashing a short key does.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/crypto.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/random.h>

void crypto_random(void *out, size_t n)
{
    char *at = out;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);

        if (got < 0 && errno != EINTR)
            abort();
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

void crypto_sha256(struct slice data, uint8_t out[CRYPTO_SHA256_LEN])
{
    if (EVP_Digest(data.n > 0 ? data.p : "", data.n, out, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

static void hmac(const EVP_MD *hash, struct slice key, struct slice data, uint8_t *out)
{
    if (key.n > INT_MAX ||
        HMAC(hash, key.n > 0 ? key.p : "", (int)key.n, (const uint8_t *)(data.n > 0 ? data.p : ""),
             data.n, out, NULL) == NULL)
        abort();
}

void crypto_hmac_sha1(struct slice key, struct slice data, uint8_t out[CRYPTO_SHA1_LEN])
{
    hmac(EVP_sha1(), key, data, out);
}

void crypto_hmac_sha256(struct slice key, struct slice data, uint8_t out[CRYPTO_SHA256_LEN])
{
    hmac(EVP_sha256(), key, data, out);
}

void crypto_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

void crypto_base64(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)bytes[i] << 16;
        if (left > 1)
            bits |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2)
            bits |= bytes[i + 2];
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[bits & 63] : '=';
    }
    *out = '\0';
}

static uint64_t load_le64(const uint8_t *p)
{
    uint64_t v = 0;

    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static uint64_t rotate(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], unsigned rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

uint64_t crypto_siphash(const uint8_t key[16], struct slice data)
{
    const uint8_t *p = (const uint8_t *)data.p;
    uint64_t k0 = load_le64(key), k1 = load_le64(key + 8), last = (uint64_t)data.n << 56;
    /* The initial state is "somepseudorandomlygeneratedbytes". */
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                     k1 ^ 0x7465646279746573};
    size_t whole = data.n / 8;

    for (size_t i = 0; i < whole; i++)
        sip_word(v, load_le64(p + 8 * i));
    for (size_t i = 8 * whole; i < data.n; i++)
        last |= (uint64_t)p[i] << (8 * (i & 7));
    sip_word(v, last);
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

bool crypto_equal(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}
