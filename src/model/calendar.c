/* calendar.c: days by number. The arithmetic of years and months is base/clock.c's.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/calendar.h"

#include "kvcrm/base/clock.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_DAY (-719528) /* 0000-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */

enum { DATE_LENGTH = 10, WEEK = 7, SATURDAY = 6, THURSDAY = 4 /* 1970-01-01 */ };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t within_calendar(int64_t day)
{
    return day < FIRST_DAY ? FIRST_DAY : day > LAST_DAY ? LAST_DAY : day;
}

bool calendar_read(struct slice text, int64_t *day)
{
    int64_t ms;

    if (!clock_is_date(text) || !clock_parse(text, &ms))
        return false;
    *day = calendar_day_of(ms);
    return true;
}

int64_t calendar_day_of(int64_t ms)
{
    return floor_div(ms, DAY_MS);
}

bool calendar_holds(int64_t day)
{
    return day == within_calendar(day);
}

struct slice calendar_text(int64_t day, struct arena *arena)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(within_calendar(day) * DAY_MS, text);
    return arena_copy(arena, (struct slice){text, DATE_LENGTH});
}

struct slice calendar_words(int64_t day, struct arena *arena)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct slice text = calendar_text(day, arena);
    int month = (text.p[5] - '0') * 10 + (text.p[6] - '0');
    int day_of_month = (text.p[8] - '0') * 10 + (text.p[9] - '0');

    return arena_printf(arena, "%s %d, %.4s", months[month - 1], day_of_month, text.p);
}

unsigned calendar_weekday(int64_t day)
{
    int64_t days = day + THURSDAY;

    return (unsigned)(days - floor_div(days, WEEK) * WEEK);
}

int64_t calendar_next_saturday(int64_t day)
{
    unsigned weekday = calendar_weekday(day);

    return day + (weekday == SATURDAY ? WEEK : SATURDAY - weekday);
}
