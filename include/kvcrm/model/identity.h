/* identity.h: what makes two calls the same person: customer id, e-mail, phone, WhatsApp id
 * (API.md, "Who is it?").
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
enum identity_kind {
    IDENTITY_EXT,
    IDENTITY_EMAIL,
    IDENTITY_PHONE,
    IDENTITY_WHATSAPP, /* an id of WhatsApp's that is no phone number */
    IDENTITY_KINDS
};

/* "ext", "email", "phone", "wa": the word in index keys and in the alias set. */
const char *identity_word(enum identity_kind kind);

/* What a workspace has decided; changes hold for what comes after them. */
struct identity_rules {
    char region[3];       /* ISO 3166, where numbers without a country code are dialled */
    bool gmail;           /* addresses at Gmail without their dots and +tag */
    char temp_email[129]; /* "temp+{phone}@edubot.local", or "": see identity_temp_email */
};

/* Can a national number of this region be explained? Two capital letters. Without libphonenumber
 * (KVCRM_PHONE_LIB=OFF) none can, and any two letters will do. */
bool identity_region_is_known(struct slice region);

/* Makes ready what the first call would have to wait for; once, before the threads start. */
void identity_init(void);

/* Each gives the identity's canonical text (in the arena, or a slice of `typed`), or SLICE_NONE
 * when it is none. What is canonical is its own canonical text. */
struct slice identity_of(enum identity_kind kind, struct slice typed,
                         const struct identity_rules *rules, struct arena *arena);

/* All of a call, from what was typed: what is none is left empty. An address that was made up for a
 * phone is that phone, unless one was typed as well, and no address: it is taken out of typed. */
void identity_read(struct slice typed[IDENTITY_KINDS], const struct identity_rules *rules,
                   struct arena *arena, struct slice identity[IDENTITY_KINDS]);

/* A customer id: trimmed; not a placeholder (null, undefined, anonymous, -1, zeros and dashes …).
 */
struct slice identity_ext(struct slice typed);

/* An e-mail address: trimmed, at most 254 bytes, one @ with something sensible on both sides, in
 * lower case. The domain is the one that DNS knows (IDNA 2008 by UTS #46, non-transitional:
 * bücher.example is xn--bcher-kva.example); before the @ letters beyond ASCII are case-folded and
 * composed (NFC). With rules->gmail j.doe+shop@googlemail.com is jdoe@gmail.com. Not a placeholder
 * (test@test.com, temp+…@…). */
struct slice identity_email(struct slice typed, const struct identity_rules *rules,
                            struct arena *arena);

/* A phone: E.164, "+" and 7 to 15 digits.
 *
 * With "+" or "00" in front it is that already, once blanks, dots, dashes, brackets, slashes and an
 * extension are taken out; only a zero after the calling code (+44 (0)20 …) is libphonenumber's to
 * judge, for it belongs to the number in Italy and not in England. Without, it is what somebody in
 * the region dials; a *possible* number is enough, for the seeds' own ones are not in use. A word
 * for digits (1-800-FLOWERS) and less than 7 digits have to be numbers in use. 7 to 15 digits that
 * the region does not explain are an identity of their own, bare. Nothing else is one, nor is
 * zeros.
 *
 * Three countries have two spellings of one number, which callers and WhatsApp mix:
 *   Mexico     +52 1 and 10 digits is +52 and 10 digits: mobiles lost their 1 on 3 August 2019
 *   Brazil     +55, area, 8 digits from 6 on is +55, area, 9, 8 digits: all mobiles have had
 *              their ninth digit since 2016 (Anatel); fixed lines begin with 2 to 5
 *   Argentina  +54 and 10 digits is +54 9 and 10 digits: 9 marks mobiles called from abroad;
 *              which numbers are mobiles cannot be seen, but WhatsApp's and most people's are
 * The lengths are those of the countries' notices to ITU-T (E.164 national numbering plans). */
struct slice identity_phone(struct slice typed, const char *region, struct arena *arena);

/* The phone that a WhatsApp id stands for: its digits with a "+", in the same spelling as above.
 * SLICE_NONE when the id is no phone number. */
struct slice identity_whatsapp(struct slice wa_id, struct arena *arena);

/* The address that stands in for one of somebody of whom only the phone is known:
 * rules->temp_email with the digits for {phone}. It is never an identity. */
struct slice identity_temp_email(struct slice phone, const struct identity_rules *rules,
                                 struct arena *arena);
/* The phone in such an address; SLICE_NONE for any other. */
struct slice identity_temp_phone(struct slice typed, const struct identity_rules *rules,
                                 struct arena *arena);

/* A name as first and last name, split at the first blank (seed 001): "John van der Doe" is
 * John / van der Doe. Slices of full. */
void identity_split_name(struct slice full, struct slice *first, struct slice *last);

#endif
