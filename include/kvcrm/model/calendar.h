/* calendar.h: days, as numbers to count with and as texts to read.
 *
 * A day is its number, 1970-01-01 being 0: the next day is day + 1, an earlier day is a smaller
 * number. It is a day of somebody's calendar, not a stretch of time: no time zone is involved.
 * Dates are those of base/clock.h, years 0000 to 9999.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_CALENDAR_H
#define KVCRM_MODEL_CALENDAR_H

#include "kvcrm/base/arena.h"

/* A real date YYYY-MM-DD and nothing else: 2024-02-29 is one, 2025-02-30, 2025-13-01, "soon" and
 * a date with a blank are none (D-16). False, *day untouched, then. */
MUST_CHECK bool calendar_read(struct slice text, int64_t *day);
/* The day of epoch milliseconds (UTC, or moved by the offset of another zone). */
int64_t calendar_day_of(int64_t ms);

/* Is it a day of the years 0000 to 9999? The functions below show another one as the nearest. */
bool calendar_holds(int64_t day);
/* "2025-11-15" */
struct slice calendar_text(int64_t day, struct arena *arena);
/* "November 15, 2025" */
struct slice calendar_words(int64_t day, struct arena *arena);
/* 0 is Sunday, 6 Saturday. */
unsigned calendar_weekday(int64_t day);
/* The first Saturday after the day; of a Saturday, the one a week later. */
int64_t calendar_next_saturday(int64_t day);

#endif
