/* test_ops_slot_offer.c: what is offered out of an inventory, and beside it.
 *
 * SPDX-License-Identifier: MIT */
#include "../../src/ops/slot_offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

#include "../../src/store/reader.h"
#include "kvcrm/model/calendar.h"

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

/* A script's reply: a first element, then the slots, "2025-11-15 6PM 8PM 2 1 0" with '|' between
 * them and "-" for no end; "~" in a time stands for a blank. For free(). */
static struct reply *inventory(const char *slots)
{
    struct slice rest = slice_of(slots), slot, word;
    struct buf words, text;
    unsigned count = 1;
    const struct reply *reply;

    buf_init(&words, 1 << 20);
    buf_init(&text, 1 << 20);
    buf_str(&words, "$3\r\n0-0\r\n");
    while (rest.n > 0 && slice_cut(&rest, '|', &slot)) {
        slot = slice_trim(slot);
        while (slice_cut(&slot, ' ', &word)) {
            if (slice_is(word, "-"))
                word = SLICE("");
            buf_printf(&words, "$%zu\r\n", word.n);
            for (size_t i = 0; i < word.n; i++)
                buf_char(&words, word.p[i] == '~' ? ' ' : word.p[i]);
            buf_str(&words, "\r\n");
            count++;
        }
    }
    assert_int_equal(count % 6, 1);
    buf_printf(&text, "*%u\r\n", count);
    buf_add(&text, buf_slice(&words));
    struct reader *reader = reader_new();
    reader_feed(reader, buf_slice(&text));
    assert_int_equal(reader_next(reader, &reply), READER_REPLY);
    struct reply *copy = reply_copy(reply);
    reader_free(reader);
    buf_dispose(&words);
    buf_dispose(&text);
    return copy;
}

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

/* "2025-11-14 6PM 2, 2025-11-16 6PM ?": what is offered, with its free places where they are
 * confirmed. */
static const char *offered(const char *slots, const char *date, const char *time, bool is_day_full,
                           const char *now)
{
    struct slot_alternative out[SLOT_ALTERNATIVES];
    struct slot_failed failed = {slice_of(date), slice_of(time), is_day_full};
    struct reply *reply = inventory(slots);
    char *text = arena_alloc(&arena, 1024);
    unsigned count = slot_offer(reply, 1, &failed, minutes(now), &arena, out);
    int n = 0;

    free(reply);
    text[0] = '\0';
    assert_true(count <= SLOT_ALTERNATIVES);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(out[i].rank, i < 3 ? i + 1 : 0);
        n += snprintf(text + n, 1024 - (size_t)n, "%s%.*s %.*s ", i > 0 ? ", " : "",
                      SLICE_ARGS(out[i].date), SLICE_ARGS(out[i].time));
        if (out[i].confirmed)
            n += snprintf(text + n, 1024 - (size_t)n, "%lld", (long long)out[i].spots);
        else
            n += snprintf(text + n, 1024 - (size_t)n, "?");
    }
    return text;
}

static void test_d29_free_slots_are_offered_nearest_first(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-14 6PM - 2 0 0|2025-11-15 12PM 2PM 2 0 0|"
                                "2025-11-15 3PM - 1 0 0|2025-11-15 6PM - 1 1 0|"
                                "2025-11-15 9PM - 5 1 1|2025-11-16 6PM - 1 0 0",
                                "2025-11-15", "6PM", false, before),
                        "2025-11-15 3PM 1, 2025-11-15 9PM 3, 2025-11-15 12PM 2, "
                        "2025-11-14 6PM 2, 2025-11-16 6PM 1");
}

static void test_d29_other_times_of_other_days_come_after_the_same_time(void **state)
{
    (void)state;
    assert_string_equal(
        offered("2025-11-14 3PM - 1 0 0|2025-11-15 6PM - 1 1 0|2025-11-16 9PM - 1 0 0|"
                "2025-11-16 12PM - 1 0 0|2025-11-18 6PM - 1 0 0",
                "2025-11-15", "6PM", false, before),
        "2025-11-18 6PM 1, 2025-11-14 3PM 1, 2025-11-16 9PM 1, 2025-11-16 12PM 1");
}

static void test_d29_full_held_and_past_slots_are_not_offered(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-14 6PM - 1 0 0|2025-11-15 12PM - 1 0 0|"
                                "2025-11-15 3PM - 2 1 1|2025-11-15 9PM - 0 0 0|"
                                "2025-11-16 3PM - 2 3 0|2025-11-16 6PM - 1 0 0|"
                                "2025-11-17 6PM - 1 0 0|2025-11-18 6PM - 1 0 0",
                                "2025-11-15", "6PM", false, "2025-11-15 12:00"),
                        "2025-11-16 6PM 1, 2025-11-17 6PM 1, 2025-11-18 6PM 1");
}

static void test_d29_of_a_full_day_nothing_is_offered(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-14 6PM - 1 0 0|2025-11-15 3PM - 9 0 0|"
                                "2025-11-16 3PM - 1 0 0|2025-11-16 6PM - 1 0 0",
                                "2025-11-15", "6PM", true, before),
                        "2025-11-14 6PM 1, 2025-11-16 6PM 1, 2025-11-16 3PM 1");
}

static void test_d29_the_failed_slot_is_not_offered_in_any_spelling(void **state)
{
    const char *const slots = "2025-11-15 6PM - 9 0 0|2025-11-15 18:00 - 9 0 0|"
                              "2025-11-15 6:00~pm - 9 0 0|2025-11-15 late - 9 0 0|"
                              "2025-11-15 9PM - 1 0 0|2025-11-16 18:00 - 2 0 0";
    (void)state;
    assert_string_equal(offered(slots, "2025-11-15", " 6 PM", false, before),
                        "2025-11-15 9PM 1, 2025-11-15 late 9, 2025-11-16 18:00 2");
    assert_string_equal(offered(slots, "2025-11-15", "late ", false, before),
                        "2025-11-15 6PM 9, 2025-11-15 18:00 9, 2025-11-15 6:00 pm 9, "
                        "2025-11-15 9PM 1, 2025-11-16 18:00 2");
}

static void test_d29_without_a_time_any_time_will_do(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-14 9PM - 1 0 0|2025-11-15 6PM - 1 0 0|"
                                "2025-11-16 12PM - 1 0 0|2025-11-16 3PM - 1 0 0",
                                "2025-11-15", NULL, true, before),
                        "2025-11-14 9PM 1, 2025-11-16 12PM 1, 2025-11-16 3PM 1");
}

static void test_d29_days_that_were_not_fed_fill_up_to_three_unconfirmed(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15 6PM - 1 1 0|2025-11-15 9PM - 1 0 0|"
                                "2025-11-16 6PM - 1 1 0",
                                "2025-11-15", "6PM", false, before),
                        "2025-11-15 9PM 1, 2025-11-14 6PM ?, 2025-11-13 6PM ?");
    assert_string_equal(offered("2025-11-16 9PM - 1 0 0", "2025-11-15", "6PM", false, before),
                        "2025-11-16 9PM 1, 2025-11-15 3PM ?, 2025-11-15 9PM ?");
}

static void test_d29_when_all_days_around_are_full_nothing_is_made_up(void **state)
{
    struct buf slots;
    (void)state;
    buf_init(&slots, 4096);
    for (int day = 8; day <= 22; day++)
        buf_printf(&slots, "%s2025-11-%02d 6PM - 2 2 0", day > 8 ? "|" : "", day);
    buf_char(&slots, '\0');
    assert_string_equal(offered(slots.p, "2025-11-15", "6PM", false, before), "");
    buf_dispose(&slots);
}

static void test_d29_without_an_inventory_neighbours_are_offered(void **state)
{
    (void)state;
    assert_string_equal(offered("", "2025-11-15", "6PM", false, before),
                        "2025-11-15 3PM ?, 2025-11-15 9PM ?, 2025-11-15 12PM ?, "
                        "2025-11-14 6PM ?, 2025-11-16 6PM ?");
    assert_string_equal(offered("", "soon", "6PM", false, before), "");
    assert_string_equal(offered("2025-11-15 9PM - 1 0 0", NULL, "6PM", false, before), "");
}

static void test_a_past_day_has_the_neighbours_of_today(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-15 3PM - 1 0 0|2025-11-15 6PM - 1 0 0|"
                                "2025-11-16 6PM - 1 0 0",
                                "2020-01-01", "6PM", false, "2025-11-15 15:00"),
                        "2025-11-15 6PM 1, 2025-11-16 6PM 1, 2025-11-17 6PM ?");
}

static void test_days_that_are_far_away_are_no_neighbours(void **state)
{
    (void)state;
    assert_string_equal(offered("2025-11-22 6PM - 1 0 0|2025-11-23 6PM - 1 0 0|"
                                "2025-11-07 6PM - 1 0 0",
                                "2025-11-15", "6PM", false, "2025-10-26 14:30"),
                        "2025-11-22 6PM 1, 2025-11-15 3PM ?, 2025-11-15 9PM ?");
}

static void test_d67_the_best_three_are_printed_with_their_rank(void **state)
{
    static const struct slot_alternative offers[] = {
        {SLICE_CONST("2025-11-15"), SLICE_CONST("3PM"), SLICE_CONST("5PM"), 2, 1, true},
        {SLICE_CONST("2025-11-16"), {NULL, 0}, {NULL, 0}, 0, 0, false},
    };
    struct buf b;
    struct jw w;
    (void)state;
    buf_init(&b, 4096);
    w = jw_on(&b);
    slot_alternatives_print(offers, 2, &w);
    assert_true(slice_is(buf_slice(&b),
                         "[{\"date\":\"2025-11-15\",\"time\":\"3PM\",\"end\":\"5PM\",\"spots\":2,"
                         "\"confirmed\":true,\"rank\":1},{\"date\":\"2025-11-16\",\"time\":null,"
                         "\"spots\":null,\"confirmed\":false,\"rank\":null}]"));
    buf_dispose(&b);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d29_free_slots_are_offered_nearest_first),
        TEST(test_d29_other_times_of_other_days_come_after_the_same_time),
        TEST(test_d29_full_held_and_past_slots_are_not_offered),
        TEST(test_d29_of_a_full_day_nothing_is_offered),
        TEST(test_d29_the_failed_slot_is_not_offered_in_any_spelling),
        TEST(test_d29_without_a_time_any_time_will_do),
        TEST(test_d29_days_that_were_not_fed_fill_up_to_three_unconfirmed),
        TEST(test_d29_when_all_days_around_are_full_nothing_is_made_up),
        TEST(test_d29_without_an_inventory_neighbours_are_offered),
        TEST(test_a_past_day_has_the_neighbours_of_today),
        TEST(test_days_that_are_far_away_are_no_neighbours),
        TEST(test_d67_the_best_three_are_printed_with_their_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
