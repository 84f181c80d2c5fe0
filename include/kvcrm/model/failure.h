/* failure.h: why a booking failed (seed 003): its reason, told from an error text in two ways.
 *
 * The literal rule is seed 003's: a word counts wherever its letters stand. It misfires ("Request
 * timeout" is a slot to it, "Failed to update" a date), so a rule of whole words stands beside it.
 * The literal one drives messages, templates and metrics unless the setting `classifier` says
 * otherwise. Reasons and words: failures.def.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_FAILURE_H
#define KVCRM_MODEL_FAILURE_H

#include "kvcrm/model/json.h"

enum failure_reason {
    FAILURE_NONE,
#define FAILURE(name, slug, template_id, user_message) FAILURE_##name,
#define FAILURE_WORD(word, reason, meaning)
#include "kvcrm/model/failures.def"
#undef FAILURE
#undef FAILURE_WORD
    FAILURE_COUNT
};

struct failure_row {
    const char *slug;         /* "slot_unavailable" */
    const char *template_id;  /* the template that `auto` chooses (D-34) */
    const char *user_message; /* word for word seed 003's (D-07, D-08, D-09) */
};

/* reason is not FAILURE_NONE. */
const struct failure_row *failure_row(enum failure_reason reason);
/* Of a slug, spelled exactly; FAILURE_NONE for anything else (D-05). */
enum failure_reason failure_reason_of(struct slice slug);

#define FAILURE_UNKNOWN_ERROR "Unknown error" /* the error text that says nothing (D-06) */

/* The error's text from the member `error`: the text itself, or the first of `detail` and `message`
 * of an object that is a text (or a number) and not blank; else "Unknown error". A member that is
 * not there is a zeroed value, which is null. */
struct slice failure_error_text(struct jr_value error, struct arena *arena);

/* The literal rule (D-02, D-03, D-04): first of slot, booked, unavailable, time: slot; else date:
 * date; else booking_failed. Case of ASCII letters does not count. An exception (error_kind
 * "exception": thrown, no answer of the API) is booking_error whatever its text says, as in seed
 * 003, where exceptions have a branch of their own. */
enum failure_reason failure_classify(struct slice error_text, bool is_exception);

/* By whole words, which are made of ASCII letters, digits and bytes beyond ASCII ("slot_taken" and
 * "time-slot" are two words each, "update" is one). The first that fits:
 * a slot or time word: slot; a date word together with booked, unavailable or available: date;
 * timeout, timed out, network or connection: booking_error; else booking_failed. An exception is
 * booking_error, as above. */
enum failure_reason failure_classify_refined(struct slice error_text, bool is_exception);

#endif
