/* slot.h: the times of day that are booked (seed 003: 12PM, 3PM, 6PM, 9PM), and what can be offered
 * instead of a slot that was not to be had.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_SLOT_H
#define KVCRM_MODEL_SLOT_H

#include "kvcrm/base/arena.h"

#define SLOT_ALTERNATIVES 5 /* most that are offered; D-29: 3 to 5 */
#define SLOT_STRETCH 7      /* days that are looked at before a day, and as many after it */

/* One offer. When slots were fed the operation fills these from them, confirmed; without slots
 * slot_alternatives() does, unconfirmed. */
struct slot_alternative {
    struct slice date; /* YYYY-MM-DD */
    struct slice time; /* "3PM"; SLICE_NONE: any time of that day */
    struct slice end;  /* of a slot that was fed with one; SLICE_NONE: two hours later */
    int64_t spots;     /* that are free; 0: not known */
    unsigned rank;     /* 1 is the best; 0: not among the best */
    bool confirmed;    /* it was free when it was looked at */
};

struct slot_failed {
    struct slice date; /* YYYY-MM-DD */
    struct slice time; /* as given: "6PM", "5:30 pm", "evening", nothing */
    bool is_day_full;  /* the whole day was not to be had (date_unavailable) */
};

/* Is it one of the four words, spelled exactly so? (D-15: others are kept, with a warning.) */
bool slot_is_word(struct slice time);

/* Minute of the day of "6PM", "6 pm", "6:30PM" or "18:30"; false, *minute untouched, for the rest.
 */
MUST_CHECK bool slot_minute(struct slice time, unsigned *minute);

/* "6:00 PM - 8:00 PM", as seed 003 shows them: from the time to the end, or to two hours later when
 * end is SLICE_NONE. A text that is no time of day stands in it as given: "evening",
 * "evening - late". */
struct slice slot_range(struct slice time, struct slice end, struct arena *arena);

/* Neighbours of a slot, for when no slots were fed: the other times of its day, the nearest first,
 * then its own time on the neighbouring days, the nearest first; of two that are equally near, the
 * earlier one. Never the slot itself, nothing that has begun by now_min, and of a full day nothing
 * at all. Of a time that is no time of day, all four times of the day are others, and the text is
 * repeated on the neighbouring days. The neighbours of a day that is past are those of today.
 * now_min: minutes since 1970-01-01, in the business's time zone.
 * Returns how many: 5, but none when the date is none, and fewer where the calendar ends. */
unsigned slot_alternatives(const struct slot_failed *failed, int64_t now_min, struct arena *arena,
                           struct slot_alternative out[SLOT_ALTERNATIVES]);
/* The same, without the days (calendar.h) of which it is known what they have. */
unsigned slot_alternatives_but(const struct slot_failed *failed, const int64_t *known,
                               unsigned known_count, int64_t now_min, struct arena *arena,
                               struct slot_alternative out[SLOT_ALTERNATIVES]);

/* The day around which neighbours are looked for: the failed one, or today when that is past.
 * False, *day untouched, when the date is none. */
MUST_CHECK bool slot_middle(const struct slot_failed *failed, int64_t now_min, int64_t *day);
/* Has a time of that day begun by now_min? A text that is no time may begin with its day. */
bool slot_is_past(int64_t day, struct slice time, int64_t now_min);

#endif
