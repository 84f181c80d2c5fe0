/* clock.h: what time it is, and times as text.
 *
 * Times are epoch milliseconds, UTC. The wall clock can be moved for tests (--test-clock,
 * API.md): the offset is one atomic of the process and holds for all threads from then on.
 * Deadlines never use the wall clock but clock_mono_us, which nobody moves.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_CLOCK_H
#define KVCRM_BASE_CLOCK_H

#include "kvcrm/base/slice.h"

#define CLOCK_TEXT_SIZE 25 /* "2025-11-11T10:00:00.000Z" and NUL */

int64_t clock_now_ms(void);
int64_t clock_mono_us(void);
/* From now on clock_now_ms() gives now_ms and runs on in real time. Only under --test-clock. */
void clock_set_ms(int64_t now_ms);

/* RFC 3339 UTC with ms. ms is within years 0 to 9999. Returns out. */
char *clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE]);
/* RFC 3339 with any offset and any number of fraction digits (cut to ms), "T" or blank between, a
 * missing offset is UTC; a date alone is its midnight UTC. False, *ms untouched, when it is none.
 */
MUST_CHECK bool clock_parse(struct slice text, int64_t *ms);
/* A real calendar date YYYY-MM-DD (2025-02-30 is none). */
MUST_CHECK bool clock_is_date(struct slice text);
/* "20251113" of the UTC day, and its hour 0–23. out takes 9 bytes. */
char *clock_day(int64_t ms, char out[9]);
unsigned clock_hour(int64_t ms);

#endif
