/* identity.h: what makes two calls the same person: customer id, e-mail, phone (API.md, "Who is
 * it?").
 *
 * Normalising happens here, once, at the edge; the store only ever compares bytes. What cannot be
 * an identity (a placeholder, a phone that is too short) is still data: it is kept as typed and
 * never becomes part of a key.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_IDENTITY_H
#define KVCRM_MODEL_IDENTITY_H

#include "kvcrm/base/arena.h"

/* Strongest first: the order in which the store asks its indexes. */
enum identity_kind { IDENTITY_EXT, IDENTITY_EMAIL, IDENTITY_PHONE, IDENTITY_KINDS };

/* "ext", "email", "phone": the word in index keys and in the alias set. */
const char *identity_word(enum identity_kind kind);

/* Each gives the identity's canonical text (in the arena, or a slice of `typed`), or SLICE_NONE
 * when it is none: ext    trimmed; not a placeholder (null, undefined, anonymous, -1, zeros and
 * dashes …) email  trimmed, ASCII letters in lower case, one @ with something sensible on both
 * sides, at most 254 bytes; not a placeholder (test@test.com, temp+…@…) phone  E.164: "+" or "00"
 * and 7 to 15 digits after blanks, dots, dashes, brackets and slashes are taken out; otherwise 7 to
 * 15 bare digits are an identity of their own; not all zeros */
struct slice identity_ext(struct slice typed, struct arena *arena);
struct slice identity_email(struct slice typed, struct arena *arena);
struct slice identity_phone(struct slice typed, struct arena *arena);

/* A name as first and last name, split at the first blank (seed 001): "John van der Doe" is
 * John / van der Doe. Slices of full. */
void identity_split_name(struct slice full, struct slice *first, struct slice *last);

#endif
