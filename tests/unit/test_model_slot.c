/* test_model_slot.c: times of day as words and ranges, and the neighbours of a slot.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/calendar.h"
#include "kvcrm/model/slot.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define UNTOUCHED 4711

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

static void test_d15_four_words_are_times(void **state)
{
    static const char *const others[] = {"5PM", "6pm", "6 PM", "6PM ", "18:00", "", "12AM", "PM"};
    (void)state;
    assert_true(slot_is_word(SLICE("12PM")));
    assert_true(slot_is_word(SLICE("3PM")));
    assert_true(slot_is_word(SLICE("6PM")));
    assert_true(slot_is_word(SLICE("9PM")));
    for (size_t i = 0; i < COUNT(others); i++) {
        if (slot_is_word(slice_of(others[i])))
            fail_msg("%s was taken", others[i]);
    }
    assert_false(slot_is_word(SLICE_NONE));
}

static void test_a_time_of_day_is_read_in_the_usual_spellings(void **state)
{
    static const struct {
        const char *text;
        unsigned minute;
    } rows[] = {
        {"12PM", 720},     {"3PM", 900},    {"6PM", 1080},    {"9PM", 1260},      {"12AM", 0},
        {"1am", 60},       {"6 pm", 1080},  {"6:30PM", 1110}, {"06:30 Pm", 1110}, {"12:15am", 15},
        {"11:59PM", 1439}, {"18:30", 1110}, {"0:00", 0},      {"23:59", 1439},    {" 5PM\t", 1020},
    };
    static const char *const others[] = {
        "",       "PM",      "0PM",     "13PM",    "6:5PM", "6:60PM", "24:00",
        "18",     "evening", "6",       "6PMPM",   "6:PM",  ":30PM",  "-6PM",
        "6.30PM", "106PM",   "6:30:00", "6:030PM", "18:3",  "+6PM",
    };
    unsigned minute = UNTOUCHED;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!slot_minute(slice_of(rows[i].text), &minute) || minute != rows[i].minute)
            fail_msg("%s", rows[i].text);
    }
    minute = UNTOUCHED;
    for (size_t i = 0; i < COUNT(others); i++) {
        if (slot_minute(slice_of(others[i]), &minute))
            fail_msg("%s was taken", others[i]);
    }
    assert_false(slot_minute(SLICE_NONE, &minute));
    assert_int_equal(minute, UNTOUCHED);
}

static void test_d31_a_slot_is_shown_from_its_time_to_its_end(void **state)
{
    static const struct {
        const char *time, *end, *range;
    } rows[] = {
        {"12PM", NULL, "12:00 PM - 2:00 PM"}, /* the two of seed 003 */
        {"6PM", NULL, "6:00 PM - 8:00 PM"},
        {"3PM", NULL, "3:00 PM - 5:00 PM"},
        {"9PM", NULL, "9:00 PM - 11:00 PM"},
        {"11PM", NULL, "11:00 PM - 1:00 AM"},
        {"10PM", NULL, "10:00 PM - 12:00 AM"},
        {"11AM", NULL, "11:00 AM - 1:00 PM"},
        {"12AM", NULL, "12:00 AM - 2:00 AM"},
        {"6:30 pm", "21:15", "6:30 PM - 9:15 PM"},
        {"18:00", "9PM", "6:00 PM - 9:00 PM"},
        {"6PM", "late", "6:00 PM - late"},
        {"evening", NULL, "evening"},
        {"evening", "late", "evening - late"},
        {"evening", "11PM", "evening - 11:00 PM"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice range = slot_range(slice_of(rows[i].time), slice_of(rows[i].end), &arena);
        if (!slice_is(range, rows[i].range))
            fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(range), rows[i].range);
    }
}

/* Alternatives ----------------------------------------------------------------------------------
 */

/* Minutes of "2025-11-15 18:30". */
static int64_t minutes(const char *text)
{
    int64_t day = 0;
    unsigned minute = 0;
    assert_true(calendar_read((struct slice){text, 10}, &day));
    assert_true(slot_minute(slice_of(text + 11), &minute));
    return day * 1440 + minute;
}

static const char *const before = "2025-10-26 14:30";

/* "2025-11-15 3PM, 2025-11-15 9PM": what is offered, in order. */
static const char *offered(const char *date, const char *time, bool is_day_full, const char *now)
{
    char *text = arena_alloc(&arena, 512);
    struct slot_alternative out[SLOT_ALTERNATIVES];
    struct slot_failed failed = {slice_of(date), slice_of(time), is_day_full};
    unsigned count = slot_alternatives(&failed, minutes(now), &arena, out);
    int n = 0;

    text[0] = '\0';
    assert_true(count <= SLOT_ALTERNATIVES);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(out[i].rank, i + 1);
        assert_false(out[i].confirmed);
        assert_int_equal(out[i].spots, 0);
        assert_null(out[i].end.p);
        n += snprintf(text + n, 512 - (size_t)n, "%s%.*s %.*s", i > 0 ? ", " : "",
                      SLICE_ARGS(out[i].date), SLICE_ARGS(out[i].time));
    }
    return text;
}

static void test_d29_times_of_the_day_come_before_the_same_time_on_other_days(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15", "6PM", false, before),
                        "2025-11-15 3PM, 2025-11-15 9PM, 2025-11-15 12PM, "
                        "2025-11-14 6PM, 2025-11-16 6PM");
    assert_string_equal(offered("2025-11-15", "12PM", false, before),
                        "2025-11-15 3PM, 2025-11-15 6PM, 2025-11-15 9PM, "
                        "2025-11-14 12PM, 2025-11-16 12PM");
    assert_string_equal(offered("2025-11-15", "9PM", false, before),
                        "2025-11-15 6PM, 2025-11-15 3PM, 2025-11-15 12PM, "
                        "2025-11-14 9PM, 2025-11-16 9PM");
    assert_string_equal(offered("2025-12-31", "3PM", false, before),
                        "2025-12-31 12PM, 2025-12-31 6PM, 2025-12-31 9PM, "
                        "2025-12-30 3PM, 2026-01-01 3PM");
}

static void test_d29_nothing_is_offered_that_has_begun(void **state)
{
    (void)state;
    /* today, at half past three */
    assert_string_equal(offered("2025-11-15", "6PM", false, "2025-11-15 15:30"),
                        "2025-11-15 9PM, 2025-11-16 6PM, 2025-11-17 6PM, "
                        "2025-11-18 6PM, 2025-11-19 6PM");
    /* the minute in which a slot begins is too late for it */
    assert_string_equal(offered("2025-11-15", "6PM", false, "2025-11-15 15:00"),
                        offered("2025-11-15", "6PM", false, "2025-11-15 15:30"));
    assert_string_equal(offered("2025-11-15", "6PM", false, "2025-11-15 14:59"),
                        "2025-11-15 3PM, 2025-11-15 9PM, 2025-11-16 6PM, "
                        "2025-11-17 6PM, 2025-11-18 6PM");
    /* yesterday's time of the day before is past, today's is not */
    assert_string_equal(offered("2025-11-15", "6PM", false, "2025-11-14 17:59"),
                        "2025-11-15 3PM, 2025-11-15 9PM, 2025-11-15 12PM, "
                        "2025-11-14 6PM, 2025-11-16 6PM");
    assert_string_equal(offered("2025-11-15", "6PM", false, "2025-11-14 18:00"),
                        "2025-11-15 3PM, 2025-11-15 9PM, 2025-11-15 12PM, "
                        "2025-11-16 6PM, 2025-11-17 6PM");
}

static void test_d29_of_a_full_day_only_other_days_are_offered(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15", "6PM", true, before),
                        "2025-11-14 6PM, 2025-11-16 6PM, 2025-11-13 6PM, "
                        "2025-11-17 6PM, 2025-11-12 6PM");
    assert_string_equal(offered("2025-11-15", "6PM", true, "2025-11-15 10:00"),
                        "2025-11-16 6PM, 2025-11-17 6PM, 2025-11-18 6PM, "
                        "2025-11-19 6PM, 2025-11-20 6PM");
}

static void test_d29_the_failed_slot_is_known_in_every_spelling(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15", " 6:00 pm ", false, before),
                        offered("2025-11-15", "6PM", false, before));
    assert_string_equal(offered("2025-11-15", "18:00", false, before),
                        offered("2025-11-15", "6PM", false, before));
}

static void test_a_time_beside_the_four_is_repeated_on_other_days(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15", "5PM", false, before),
                        "2025-11-15 6PM, 2025-11-15 3PM, 2025-11-15 9PM, 2025-11-15 12PM, "
                        "2025-11-14 5PM");
    assert_string_equal(offered("2025-11-15", "evening", false, before),
                        "2025-11-15 12PM, 2025-11-15 3PM, 2025-11-15 6PM, 2025-11-15 9PM, "
                        "2025-11-14 evening");
    assert_string_equal(offered("2025-11-15", NULL, true, "2025-11-14 08:00"),
                        "2025-11-16 , 2025-11-17 , 2025-11-18 , 2025-11-19 , 2025-11-20 ");
}

static void test_the_neighbours_of_a_past_day_are_those_of_today(void **state)
{
    (void)state;
    assert_string_equal(offered("2020-01-01", "6PM", false, "2025-11-15 12:00"),
                        "2025-11-15 6PM, 2025-11-16 6PM, 2025-11-17 6PM, "
                        "2025-11-18 6PM, 2025-11-19 6PM");
    assert_string_equal(offered("2025-11-14", "12PM", false, "2025-11-15 12:00"),
                        "2025-11-16 12PM, 2025-11-17 12PM, 2025-11-18 12PM, "
                        "2025-11-19 12PM, 2025-11-20 12PM");
}

static void test_without_a_date_nothing_is_offered(void **state)
{
    (void)state;
    assert_string_equal(offered(NULL, "6PM", false, before), "");
    assert_string_equal(offered("2025-02-30", "6PM", false, before), "");
    assert_string_equal(offered("soon", NULL, false, before), "");
}

static void test_the_calendar_ends_without_offering_the_failed_slot(void **state)
{
    (void)state;
    assert_string_equal(offered("9999-12-31", "6PM", true, before),
                        "9999-12-30 6PM, 9999-12-29 6PM, 9999-12-28 6PM, "
                        "9999-12-27 6PM, 9999-12-26 6PM");
}

static void test_d29_every_slot_at_every_hour_has_three_to_five_alternatives(void **state)
{
    static const char *const times[] = {"12PM", "3PM", "6PM", "9PM", "5PM", "evening", ""};
    int64_t first = minutes("2025-11-10 00:00"), failed_day = minutes("2025-11-15 00:00") / 1440;
    (void)state;
    for (int64_t now = first; now < first + 10 * 1440; now += 30) {
        for (size_t t = 0; t < COUNT(times); t++) {
            for (int full = 0; full < 2; full++) {
                struct slot_alternative out[SLOT_ALTERNATIVES];
                struct slot_failed failed = {SLICE("2025-11-15"), slice_of(times[t]), full != 0};
                unsigned count = slot_alternatives(&failed, now, &arena, out);
                assert_true(count >= 3 && count <= 5);
                for (unsigned i = 0; i < count; i++) {
                    unsigned minute = 0;
                    int64_t day = 0;
                    assert_true(calendar_read(out[i].date, &day));
                    bool is_time = slot_minute(out[i].time, &minute);
                    assert_true(day * 1440 + minute > now);
                    assert_false(day == failed_day &&
                                 (full || slice_eq(out[i].time, failed.time) || !is_time));
                    for (unsigned k = 0; k < i; k++)
                        assert_false(slice_eq(out[i].date, out[k].date) &&
                                     slice_eq(out[i].time, out[k].time));
                }
            }
        }
        arena_dispose(&arena);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d15_four_words_are_times),
        TEST(test_a_time_of_day_is_read_in_the_usual_spellings),
        TEST(test_d31_a_slot_is_shown_from_its_time_to_its_end),
        TEST(test_d29_times_of_the_day_come_before_the_same_time_on_other_days),
        TEST(test_d29_nothing_is_offered_that_has_begun),
        TEST(test_d29_of_a_full_day_only_other_days_are_offered),
        TEST(test_d29_the_failed_slot_is_known_in_every_spelling),
        TEST(test_a_time_beside_the_four_is_repeated_on_other_days),
        TEST(test_the_neighbours_of_a_past_day_are_those_of_today),
        TEST(test_without_a_date_nothing_is_offered),
        TEST(test_the_calendar_ends_without_offering_the_failed_slot),
        TEST(test_d29_every_slot_at_every_hour_has_three_to_five_alternatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
