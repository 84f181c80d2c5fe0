/* test_base_clock.c: calendar arithmetic against the C library's, and a strict reader of RFC 3339.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <time.h>

#include "kvcrm/base/clock.h"

#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void assert_parsed(const char *text, int64_t expected)
{
    int64_t ms = -1;

    if (!clock_parse(slice_of(text), &ms))
        fail_msg("\"%s\" was refused", text);
    if (ms != expected)
        fail_msg("\"%s\" is %lld, not %lld", text, (long long)expected, (long long)ms);
}

static void assert_refused(struct slice text)
{
    int64_t ms = 4711;

    if (clock_parse(text, &ms))
        fail_msg("\"%.*s\" was taken", SLICE_ARGS(text));
    assert_int_equal(ms, 4711);
}

static void assert_agrees_with_libc(int64_t ms)
{
    int64_t seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
    time_t t = (time_t)seconds;
    struct tm tm;
    char expected[64], text[CLOCK_TEXT_SIZE], day[9];
    int64_t back;

    assert_non_null(gmtime_r(&t, &tm));
    snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
             (int)(ms - seconds * 1000));
    assert_string_equal(clock_format(ms, text), expected);
    assert_parsed(text, ms);
    assert_true(clock_parse(slice_of(text), &back));
    snprintf(expected, sizeof(expected), "%04d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday);
    assert_string_equal(clock_day(ms, day), expected);
    assert_int_equal(clock_hour(ms), tm.tm_hour);
}

static void test_every_day_of_ten_thousand_years_agrees_with_the_c_library(void **state)
{
    uint64_t noise = 1;

    (void)state;
    for (int64_t day = FIRST_MS; day < LAST_MS; day += 86400000) {
        noise = noise * 6364136223846793005 + 1442695040888963407;
        assert_agrees_with_libc(day + (int64_t)((noise >> 33) % 86400000));
    }
}

static void test_the_edges_of_days_and_of_the_calendar(void **state)
{
    static const int64_t edges[] = {0,
                                    -1,
                                    1,
                                    999,
                                    -999,
                                    -1000,
                                    -86400000,
                                    -86400001,
                                    951782399999,
                                    951782400000,
                                    1762855200000,
                                    FIRST_MS,
                                    LAST_MS};
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
        assert_agrees_with_libc(edges[i]);
    assert_string_equal(clock_format(0, text), "1970-01-01T00:00:00.000Z");
    assert_string_equal(clock_format(FIRST_MS, text), "0000-01-01T00:00:00.000Z");
    assert_string_equal(clock_format(LAST_MS, text), "9999-12-31T23:59:59.999Z");
}

static void test_a_time_outside_of_the_calendar_is_shown_as_its_end(void **state)
{
    char text[CLOCK_TEXT_SIZE], day[9];

    (void)state;
    assert_string_equal(clock_format(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
    assert_string_equal(clock_format(INT64_MIN, text), "0000-01-01T00:00:00.000Z");
    assert_string_equal(clock_day(INT64_MAX, day), "99991231");
    assert_int_equal(clock_hour(INT64_MIN), 0);
}

static void test_times_are_read_with_any_offset_and_fraction(void **state)
{
    (void)state;
    assert_parsed("2025-11-11T10:00:00Z", 1762855200000);
    assert_parsed("2025-11-11T10:00:00.000Z", 1762855200000);
    assert_parsed("2025-11-11t10:00:00z", 1762855200000);
    assert_parsed("2025-11-11 10:00:00", 1762855200000);
    assert_parsed("2025-11-11T10:00:00", 1762855200000);
    assert_parsed("2025-11-11T12:00:00+02:00", 1762855200000);
    assert_parsed("2025-11-11T04:30:00-05:30", 1762855200000);
    assert_parsed("2025-11-12T09:59:00+23:59", 1762855200000);
    assert_parsed("2025-11-11T10:00:00-00:00", 1762855200000);
    assert_parsed("2025-11-11T10:00:00.5Z", 1762855200500);
    assert_parsed("2025-11-11T10:00:00.05Z", 1762855200050);
    assert_parsed("2025-11-11T10:00:00.1239Z", 1762855200123);
    assert_parsed("2025-11-11T10:00:00.123456789012345678901234567890", 1762855200123);
    assert_parsed("2025-11-11T10:00:00.007+00:00", 1762855200007);
    assert_parsed("2025-11-11", 1762819200000);
    assert_parsed("1969-12-31T23:59:59.999Z", -1);
}

static void test_the_29th_of_february_exists_in_leap_years_only(void **state)
{
    (void)state;
    assert_parsed("2024-02-29", 1709164800000);
    assert_parsed("2000-02-29T00:00:00Z", 951782400000);
    assert_refused(SLICE("2025-02-29"));
    assert_refused(SLICE("1900-02-29"));
    assert_refused(SLICE("2100-02-29T00:00:00Z"));
    assert_refused(SLICE("2024-02-30"));
    assert_parsed("0000-02-29", -62162121600000);
}

static void test_a_leap_second_is_the_last_ms_of_its_utc_day(void **state)
{
    (void)state;
    assert_parsed("2016-12-31T23:59:60Z", 1483228799999);
    assert_parsed("2016-12-31T23:59:60.2Z", 1483228799999);
    assert_parsed("2016-12-31T15:59:60-08:00", 1483228799999);
    assert_refused(SLICE("2016-12-31T23:58:60Z"));
    assert_refused(SLICE("2016-12-31T23:59:60-08:00"));
    assert_refused(SLICE("2016-12-31T23:59:61Z"));
}

static void test_what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        " 2025-11-11",
        "2025-11-11 ",
        "2025-11-11T",
        "2025-11-11T10",
        "2025-11-11T10:00",
        "2025-11-11T10:00Z",
        "2025-11-11T10:00:00.",
        "2025-11-11T10:00:00.Z",
        "2025-11-11T10:00:00,5Z",
        "2025-11-11T10:00:00ZZ",
        "2025-11-11T10:00:00Z ",
        "2025-11-11T10:00:00+0200",
        "2025-11-11T10:00:00+02",
        "2025-11-11T10:00:00+02:",
        "2025-11-11T10:00:00+24:00",
        "2025-11-11T10:00:00+02:60",
        "2025-11-11T10:00:00+02:00x",
        "2025-11-11T24:00:00Z",
        "2025-11-11T10:60:00Z",
        "2025-11-11T1:00:00Z",
        "2025-11-11T-1:00:00Z",
        "2025-11-11T+1:00:00Z",
        "2025-11-11  10:00:00Z",
        "2025-11-11_10:00:00Z",
        "2025-11-11Z",
        "2025-00-11",
        "2025-13-11",
        "2025-11-00",
        "2025-11-31",
        "2025-1-1",
        "25-11-11",
        "+2025-11-11",
        "12025-11-11",
        "20251111",
        "2025/11/11",
        "11.11.2025",
        "yesterday",
        "1762855200000",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_refused(slice_of(wrong[i]));
    assert_refused(SLICE_NONE);
    assert_refused(SLICE("2025-11-11\0"));
    assert_refused(SLICE("2025-11-11T10:00:00\0Z"));
    assert_refused(SLICE("2025-11-11\0"
                         "10:00:00Z"));
}

static void test_every_beginning_of_a_time_is_read_without_looking_beyond(void **state)
{
    static const char whole[] = "2025-11-11T10:00:00.123+02:00";

    (void)state;
    for (size_t n = 0; n < sizeof(whole); n++) {
        char exact[sizeof(whole)]; /* what follows would make more of it */
        int64_t ms;
        /* A date, whole seconds, fractions of 1 to 3 digits, the whole. */
        bool is_time = n == 10 || n == 19 || (n >= 21 && n <= 23) || n == sizeof(whole) - 1;

        memset(exact, '9', sizeof(exact));
        memcpy(exact, whole, n);
        assert_int_equal(clock_parse((struct slice){exact, n}, &ms), is_time);
    }
}

static void test_dates_are_real_calendar_dates(void **state)
{
    (void)state;
    assert_true(clock_is_date(SLICE("2025-11-11")));
    assert_true(clock_is_date(SLICE("2024-02-29")));
    assert_false(clock_is_date(SLICE("2025-02-30")));
    assert_false(clock_is_date(SLICE("2025-02-29")));
    assert_false(clock_is_date(SLICE("2025-04-31")));
    assert_false(clock_is_date(SLICE("2025-11-11T10:00:00Z")));
    assert_false(clock_is_date(SLICE("2025-11-1")));
    assert_false(clock_is_date(SLICE("")));
    assert_false(clock_is_date(SLICE_NONE));
}

static void test_the_clock_is_the_real_one_until_it_is_set(void **state)
{
    int64_t before = real_ms(), now = clock_now_ms(), after = real_ms();

    (void)state;
    assert_true(now >= before && now <= after);
}

static void test_a_set_clock_runs_on_and_can_be_set_back(void **state)
{
    const int64_t t = 1762855200000;
    int64_t deadline;

    (void)state;
    clock_set_ms(t);
    deadline = clock_mono_us() + 10000000;
    while (clock_now_ms() < t + 3)
        assert_true(clock_mono_us() < deadline);
    assert_true(clock_now_ms() < t + 3600000);
    clock_set_ms(t - 86400000);
    assert_true(clock_now_ms() >= t - 86400000 && clock_now_ms() < t);
    clock_set_ms(real_ms());
}

static void test_the_monotonic_clock_ignores_the_set_one(void **state)
{
    int64_t before = clock_mono_us(), after;

    (void)state;
    clock_set_ms(0);
    after = clock_mono_us();
    clock_set_ms(real_ms());
    assert_true(after >= before && after < before + INT64_C(3600000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clock_is_the_real_one_until_it_is_set),
        cmocka_unit_test(test_every_day_of_ten_thousand_years_agrees_with_the_c_library),
        cmocka_unit_test(test_the_edges_of_days_and_of_the_calendar),
        cmocka_unit_test(test_a_time_outside_of_the_calendar_is_shown_as_its_end),
        cmocka_unit_test(test_times_are_read_with_any_offset_and_fraction),
        cmocka_unit_test(test_the_29th_of_february_exists_in_leap_years_only),
        cmocka_unit_test(test_a_leap_second_is_the_last_ms_of_its_utc_day),
        cmocka_unit_test(test_what_is_no_time_is_refused),
        cmocka_unit_test(test_every_beginning_of_a_time_is_read_without_looking_beyond),
        cmocka_unit_test(test_dates_are_real_calendar_dates),
        cmocka_unit_test(test_a_set_clock_runs_on_and_can_be_set_back),
        cmocka_unit_test(test_the_monotonic_clock_ignores_the_set_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
