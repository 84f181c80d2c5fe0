/* test_model_calendar.c: dates that are real, counted by day and put into words.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <time.h>

#include "kvcrm/model/calendar.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define UNTOUCHED (-4711000)

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static int64_t day_of(const char *text)
{
    int64_t day = UNTOUCHED;
    bool is_date = calendar_read(slice_of(text), &day);
    assert_int_equal(is_date, day != UNTOUCHED);
    return day;
}

static void assert_text(struct slice s, const char *expected)
{
    if (!slice_is(s, expected))
        fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(s), expected);
}

static void test_d16_a_date_is_a_real_day_of_the_calendar(void **state)
{
    static const char *const dates[] = {"2024-02-29", "2025-11-15", "2000-02-29", "1970-01-01",
                                        "0000-01-01", "9999-12-31", "1969-12-31", "2025-12-31"};
    static const char *const others[] = {
        "2025-02-30", "2025-13-01",  "soon",        "2025-02-29", "2100-02-29",
        "",           "2025-00-10",  "2025-01-00",  "2025-1-1",   "2025-11-15T00:00:00Z",
        "20251115",   "2025-11-15 ", " 2025-11-15", "11/15/2025", "2025-11-31",
        "-025-11-15", "2025-11",     "12025-11-15",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        if (day_of(dates[i]) == UNTOUCHED)
            fail_msg("%s was refused", dates[i]);
        assert_text(calendar_text(day_of(dates[i]), &arena), dates[i]);
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        if (day_of(others[i]) != UNTOUCHED)
            fail_msg("%s was taken", others[i]);
    }
    assert_int_equal(day_of("1970-01-01"), 0);
    assert_int_equal(day_of("1969-12-31"), -1);
    assert_int_equal(day_of("2025-11-15"), 20407);
}

static void test_days_are_counted_over_the_ends_of_months_and_years(void **state)
{
    (void)state;
    assert_text(calendar_text(day_of("2025-11-30") + 1, &arena), "2025-12-01");
    assert_text(calendar_text(day_of("2025-12-31") + 1, &arena), "2026-01-01");
    assert_text(calendar_text(day_of("2024-02-28") + 1, &arena), "2024-02-29");
    assert_text(calendar_text(day_of("2025-02-28") + 1, &arena), "2025-03-01");
    assert_text(calendar_text(day_of("2025-03-01") - 1, &arena), "2025-02-28");
    assert_text(calendar_text(day_of("1970-01-01") - 1, &arena), "1969-12-31");
    assert_text(calendar_text(day_of("2025-01-01") + 365, &arena), "2026-01-01");
}

static void test_all_days_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 1) {
        time_t seconds = (time_t)day * 86400;
        struct tm tm;
        char text[32], words[64];
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_true(strftime(text, sizeof text, "%Y-%m-%d", &tm) > 0);
        assert_true(strftime(words, sizeof words, "%B ", &tm) > 0);
        snprintf(words + strlen(words), 32, "%d, %d", tm.tm_mday, tm.tm_year + 1900);
        assert_text(calendar_text(day, &arena), text);
        assert_text(calendar_words(day, &arena), words);
        assert_int_equal(calendar_weekday(day), tm.tm_wday);
        assert_int_equal(day_of(text), day);
        if (day % 1000 == 0)
            arena_dispose(&arena);
    }
}

static void test_a_moment_belongs_to_the_day_it_is_in(void **state)
{
    (void)state;
    assert_int_equal(calendar_day_of(0), 0);
    assert_int_equal(calendar_day_of(86399999), 0);
    assert_int_equal(calendar_day_of(86400000), 1);
    assert_int_equal(calendar_day_of(-1), -1);
    assert_int_equal(calendar_day_of(-86400000), -1);
    assert_int_equal(calendar_day_of(-86400001), -2);
}

static void test_d30_a_date_is_put_into_words(void **state)
{
    (void)state;
    assert_text(calendar_words(day_of("2025-11-15"), &arena), "November 15, 2025");
    assert_text(calendar_words(day_of("2025-11-15") + 1, &arena), "November 16, 2025");
    assert_text(calendar_words(day_of("2026-01-05"), &arena), "January 5, 2026");
    assert_text(calendar_words(day_of("2024-02-29"), &arena), "February 29, 2024");
    assert_text(calendar_words(day_of("0999-05-01"), &arena), "May 1, 0999");
}

static void test_d30_the_next_weekend_is_the_first_saturday_after_the_day(void **state)
{
    static const struct {
        const char *day, *saturday;
    } rows[] = {
        {"2025-11-15", "2025-11-22"}, /* a Saturday itself */
        {"2025-11-16", "2025-11-22"}, /* Sunday */
        {"2025-11-17", "2025-11-22"}, {"2025-11-18", "2025-11-22"}, {"2025-11-19", "2025-11-22"},
        {"2025-11-20", "2025-11-22"}, {"2025-11-21", "2025-11-22"}, {"2025-11-22", "2025-11-29"},
        {"2025-12-31", "2026-01-03"}, {"1969-12-25", "1969-12-27"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_text(calendar_text(calendar_next_saturday(day_of(rows[i].day)), &arena),
                    rows[i].saturday);
    assert_int_equal(calendar_weekday(day_of("2025-11-15")), 6);
    assert_int_equal(calendar_weekday(day_of("2025-11-16")), 0);
}

static void test_beyond_its_ends_the_calendar_shows_its_nearest_day(void **state)
{
    (void)state;
    assert_true(calendar_holds(day_of("0000-01-01")));
    assert_true(calendar_holds(day_of("9999-12-31")));
    assert_false(calendar_holds(day_of("0000-01-01") - 1));
    assert_false(calendar_holds(day_of("9999-12-31") + 1));
    assert_text(calendar_text(day_of("9999-12-31") + 7, &arena), "9999-12-31");
    assert_text(calendar_words(INT64_MIN, &arena), "January 1, 0000");
    assert_text(calendar_text(INT64_MAX, &arena), "9999-12-31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_d16_a_date_is_a_real_day_of_the_calendar, begin, end),
        cmocka_unit_test_setup_teardown(test_days_are_counted_over_the_ends_of_months_and_years,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_all_days_agree_with_the_c_library, begin, end),
        cmocka_unit_test(test_a_moment_belongs_to_the_day_it_is_in),
        cmocka_unit_test_setup_teardown(test_d30_a_date_is_put_into_words, begin, end),
        cmocka_unit_test_setup_teardown(
            test_d30_the_next_weekend_is_the_first_saturday_after_the_day, begin, end),
        cmocka_unit_test_setup_teardown(test_beyond_its_ends_the_calendar_shows_its_nearest_day,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
