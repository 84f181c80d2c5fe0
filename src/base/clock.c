/* clock.c: the wall clock with its test offset, and RFC 3339 in both directions.
 *
 * Dates are counted in days from 1970-01-01 of the proleptic Gregorian calendar, in years that
 * begin in March, so that the leap day is the last one of a year and needs no exception.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/clock.h"

#include <stdatomic.h>
#include <time.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define FIRST_MS (-62167219200 * SECOND_MS)    /* 0000-01-01T00:00:00.000Z */
#define LAST_MS (253402300800 * SECOND_MS - 1) /* 9999-12-31T23:59:59.999Z */

/* Shared by all threads; 0 except under --test-clock. */
static atomic_int_least64_t offset_ms;

struct date {
    unsigned year, month, day;
};

static int64_t real_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    return real_now_ms() + atomic_load_explicit(&offset_ms, memory_order_relaxed);
}

int64_t clock_mono_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

void clock_set_ms(int64_t now_ms)
{
    atomic_store_explicit(&offset_ms, now_ms - real_now_ms(), memory_order_relaxed);
}

/* Day number of a date of the years 0 to 9999. */
static int64_t days_of_date(struct date d)
{
    /* From the 1st of March of the year -400: nothing is negative, and 400 years are 146,097 days.
     */
    int64_t year = (int64_t)d.year + 400 - (d.month <= 2);
    int64_t month = (d.month + 9) % 12; /* March is 0 */
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468 - 146097;
}

static struct date date_of_days(int64_t days)
{
    int64_t n = days + 719468 + 146097; /* from the same 1st of March */
    int64_t era = n / 146097, day_of_era = n % 146097;
    int64_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    bool is_next_year = month >= 10; /* January and February */

    return (struct date){
        .year = (unsigned)(year + era * 400 - 400 + is_next_year),
        .month = (unsigned)(is_next_year ? month - 9 : month + 3),
        .day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

/* A time outside of the calendar (only a damaged record can hold one) is shown as its nearest end.
 */
static int64_t within_calendar(int64_t ms)
{
    return ms < FIRST_MS ? FIRST_MS : ms > LAST_MS ? LAST_MS : ms;
}

static int64_t day_of(int64_t ms)
{
    return (ms - FIRST_MS) / DAY_MS + FIRST_MS / DAY_MS;
}

static char *put(char *at, unsigned v, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + v % 10);
        v /= 10;
    }
    return at + digits;
}

char *clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE])
{
    int64_t day = day_of(ms = within_calendar(ms));
    unsigned rest = (unsigned)(ms - day * DAY_MS);
    struct date d = date_of_days(day);
    char *at = put(out, d.year, 4);

    *at++ = '-';
    at = put(at, d.month, 2);
    *at++ = '-';
    at = put(at, d.day, 2);
    *at++ = 'T';
    at = put(at, rest / HOUR_MS, 2);
    *at++ = ':';
    at = put(at, rest / MINUTE_MS % 60, 2);
    *at++ = ':';
    at = put(at, rest / SECOND_MS % 60, 2);
    *at++ = '.';
    at = put(at, rest % SECOND_MS, 3);
    *at++ = 'Z';
    *at = '\0';
    return out;
}

char *clock_day(int64_t ms, char out[9])
{
    struct date d = date_of_days(day_of(within_calendar(ms)));

    *put(put(put(out, d.year, 4), d.month, 2), d.day, 2) = '\0';
    return out;
}

unsigned clock_hour(int64_t ms)
{
    ms = within_calendar(ms);
    return (unsigned)((ms - day_of(ms) * DAY_MS) / HOUR_MS);
}

/* Takes exactly `digits` decimal digits from the front of s; false when they are none or > most. */
static bool take(struct slice *s, unsigned digits, unsigned most, unsigned *out)
{
    uint64_t v;

    if (s->n < digits || !slice_u64((struct slice){s->p, digits}, most, &v))
        return false;
    s->p += digits;
    s->n -= digits;
    *out = (unsigned)v;
    return true;
}

static bool take_char(struct slice *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == '\0' || strchr(any_of, s->p[0]) == NULL)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_date(struct slice *s, struct date *d)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap;

    if (!take(s, 4, 9999, &d->year) || !take_char(s, "-") || !take(s, 2, 12, &d->month) ||
        !take_char(s, "-") || !take(s, 2, 31, &d->day) || d->month == 0 || d->day == 0)
        return false;
    is_leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
    return d->day <= lengths[d->month - 1] + (unsigned)(d->month == 2 && is_leap);
}

/* ".123456" when there is one; digits beyond the third are dropped. */
static bool take_fraction(struct slice *s, unsigned *ms)
{
    unsigned digit, worth = 100;

    *ms = 0;
    if (!take_char(s, "."))
        return true;
    if (!take(s, 1, 9, &digit))
        return false;
    do {
        *ms += digit * worth;
        worth /= 10;
    } while (take(s, 1, 9, &digit));
    return true;
}

/* "Z", "+01:30" or nothing, to the end of the text. */
static bool take_offset(struct slice *s, int64_t *offset)
{
    unsigned hours, minutes;
    bool is_west = s->n > 0 && s->p[0] == '-';

    *offset = 0;
    if (s->n == 0 || take_char(s, "Zz"))
        return s->n == 0;
    if (!take_char(s, "+-") || !take(s, 2, 23, &hours) || !take_char(s, ":") ||
        !take(s, 2, 59, &minutes) || s->n > 0)
        return false;
    *offset = (int64_t)hours * HOUR_MS + (int64_t)minutes * MINUTE_MS;
    if (is_west)
        *offset = -*offset;
    return true;
}

bool clock_parse(struct slice text, int64_t *ms)
{
    struct date d;
    unsigned hour, minute, second, fraction;
    int64_t at, offset;
    bool is_leap_second;

    if (!take_date(&text, &d))
        return false;
    at = days_of_date(d) * DAY_MS;
    if (text.n == 0) {
        *ms = at;
        return true;
    }
    if (!take_char(&text, "Tt ") || !take(&text, 2, 23, &hour) || !take_char(&text, ":") ||
        !take(&text, 2, 59, &minute) || !take_char(&text, ":") || !take(&text, 2, 60, &second) ||
        !take_fraction(&text, &fraction) || !take_offset(&text, &offset))
        return false;
    is_leap_second = second == 60;
    if (is_leap_second) {
        second = 59;
        fraction = 999;
    }
    at += hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fraction - offset;
    if (at < FIRST_MS || at > LAST_MS)
        return false;
    if (is_leap_second && (at + 1) % DAY_MS != 0)
        return false; /* leap seconds end a day of UTC, and stand nowhere else */
    *ms = at;
    return true;
}

bool clock_is_date(struct slice text)
{
    struct date d;

    return take_date(&text, &d) && text.n == 0;
}
