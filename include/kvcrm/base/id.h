/* id.h: ids that nobody can guess and that sort by time where that helps.
 *
 * UUIDv7 (RFC 9562, 5.7): 48 bits of ms, 26 bits of a counter that all threads share, 48 random
 * bits from a per-thread pool of getrandom(2) bytes. Contact ids: 13 characters of Crockford's base
 * 32 in lower case
 * ("0123456789abcdefghjkmnpqrstvwxyz"), a keyed permutation of the dense 64-bit contact number (a
 * Feistel network over SHA-256-derived round keys), so that the number is computed back without a
 * lookup and ids cannot be guessed (KEYS.md, "Names").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_ID_H
#define KVCRM_BASE_ID_H

#include "kvcrm/base/slice.h"

#define ID_UUID_LEN 36
#define ID_CONTACT_LEN 13

struct id_key {
    uint64_t round[4];
};

/* Writes 36 characters and a NUL. now_ms is the time in the id. */
void id_uuid7(int64_t now_ms, char out[ID_UUID_LEN + 1]);
/* The time in a UUIDv7; 0 for what is no UUID. */
int64_t id_uuid7_ms(struct slice id);
/* Is s a UUID in lower-case canonical form (any version)? */
bool id_is_uuid(struct slice s);

/* secret: any bytes, at least 16; the same secret gives the same key. */
void id_key_init(struct id_key *key, struct slice secret);
/* Writes 13 characters and a NUL. */
void id_contact_encode(const struct id_key *key, uint64_t number, char out[ID_CONTACT_LEN + 1]);
/* False when s is not 13 characters of the alphabet, or beyond 64 bits. */
MUST_CHECK bool id_contact_decode(const struct id_key *key, struct slice s, uint64_t *number);
/* Is s 13 characters of the alphabet? */
bool id_is_contact(struct slice s);

#endif
