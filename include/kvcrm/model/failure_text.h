/* failure_text.h: the texts that a failed booking leaves on its lead (seed 003): the error without
 * what must not be kept, the notes, the estimated budget.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_FAILURE_TEXT_H
#define KVCRM_MODEL_FAILURE_TEXT_H

#include "kvcrm/base/arena.h"

#define FAILURE_DETAIL_MAX 500 /* characters, not bytes */

/* `error_detail` (D-22): the first line of the error text, or the last one of a Python traceback;
 * frames of a stack trace that stand in the same line are cut off. E-mail addresses become
 * "***@***" and runs of seven digits or more, however they are grouped, "***" (dates YYYY-MM-DD
 * are left). Control characters become blanks, the rest is cut to 500 characters. SLICE_NONE when
 * nothing is left, and for "Unknown error", which tells nothing. */
struct slice failure_detail(struct slice error_text, struct arena *arena);

/* What the notes are made of, as the caller gave it. */
struct failure_facts {
    struct slice name;
    struct slice reason; /* a slug, always there */
    struct slice date, time;
    struct slice address; /* place_full() */
    struct slice detail;  /* failure_detail() */
};

/* "Failed booking attempt. Name: John Doe. Reason: slot_unavailable. Date: 2025-11-15 at 6PM.
 * Location: 123 Main St, Beverly Hills, CA 90210. Error: Slot already booked" (D-17). A sentence
 * whose part is absent is left out; of date and time alone one becomes "Date: 2025-11-15." or
 * "Time: 6PM.". */
struct slice failure_notes(const struct failure_facts *facts, struct arena *arena);

#define FAILURE_GUESTS_MAX 100000              /* adults, and kids */
#define FAILURE_KIDS_FACTOR_MAX 1000           /* thousandths: a kid counts at most as an adult */
#define FAILURE_PRICE_MAX INT64_C(10000000000) /* minor units */

struct failure_party {
    int64_t adults, kids;
};

/* Name, reason and error out of notes as above, for callers who send nothing else, as seed 003's
 * own does; what is not there is SLICE_NONE. Slices of the notes; the rest of *facts is zeroed. */
void failure_notes_read(struct slice notes, struct failure_facts *facts);

/* (adults + kids × factor) × price (D-14), rounded half up to a minor unit of the currency, as a
 * plain number: "650", "682.5". No floating point is involved. SLICE_NONE when something is
 * negative or beyond its limit above. decimals: of the currency, 0 to 4. */
struct slice failure_budget(struct failure_party party, int64_t kids_factor, int64_t price_minor,
                            unsigned decimals, struct arena *arena);

#endif
