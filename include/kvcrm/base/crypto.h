/* crypto.h: hashes, random bytes, comparison in constant time. The only user of OpenSSL outside
 * TLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_CRYPTO_H
#define KVCRM_BASE_CRYPTO_H

#include "kvcrm/base/slice.h"

#define CRYPTO_SHA1_LEN 20
#define CRYPTO_SHA256_LEN 32

/* From the kernel; aborts when there are none. */
void crypto_random(void *out, size_t n);
void crypto_sha256(struct slice data, uint8_t out[CRYPTO_SHA256_LEN]);
/* HMAC (RFC 2104); the key may have any length. */
void crypto_hmac_sha1(struct slice key, struct slice data, uint8_t out[CRYPTO_SHA1_LEN]);
void crypto_hmac_sha256(struct slice key, struct slice data, uint8_t out[CRYPTO_SHA256_LEN]);
/* Writes 2 n lower-case hex digits and a NUL. */
void crypto_hex(const uint8_t *bytes, size_t n, char *out);
/* Base64 of n bytes (RFC 4648, section 4, padded) takes this much room, its NUL included. */
#define CRYPTO_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
void crypto_base64(const uint8_t *bytes, size_t n, char *out);
/* SipHash-2-4 (Aumasson, Bernstein 2012) of data: a fingerprint that fits a key, not a signature.
 */
uint64_t crypto_siphash(const uint8_t key[16], struct slice data);
/* Takes as long for every pair of the same two lengths. */
bool crypto_equal(struct slice a, struct slice b);

#endif
