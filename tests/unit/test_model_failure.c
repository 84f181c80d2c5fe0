/* test_model_failure.c: the reasons of failed bookings, from seed 003's texts and from those at
 * which its rule misfires.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/failure.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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

/* Reasons ---------------------------------------------------------------------------------------
 */

static void test_d05_there_are_four_reasons_spelled_exactly(void **state)
{
    static const char *const others[] = {
        "", "slot", "SLOT_UNAVAILABLE", "slot_unavailable ", "general_failure", "unavailable"};
    (void)state;
    assert_int_equal(FAILURE_COUNT, 5);
    assert_int_equal(failure_reason_of(SLICE("slot_unavailable")), FAILURE_SLOT_UNAVAILABLE);
    assert_int_equal(failure_reason_of(SLICE("date_unavailable")), FAILURE_DATE_UNAVAILABLE);
    assert_int_equal(failure_reason_of(SLICE("booking_failed")), FAILURE_BOOKING_FAILED);
    assert_int_equal(failure_reason_of(SLICE("booking_error")), FAILURE_BOOKING_ERROR);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(failure_reason_of(slice_of(others[i])), FAILURE_NONE);
    assert_int_equal(failure_reason_of(SLICE_NONE), FAILURE_NONE);
}

static void assert_row(enum failure_reason reason, const char *slug, const char *message)
{
    assert_string_equal(failure_row(reason)->slug, slug);
    assert_string_equal(failure_row(reason)->user_message, message);
}

static void test_d07_the_customer_reads_the_seeds_sentence_of_a_slot(void **state)
{
    (void)state;
    assert_row(FAILURE_SLOT_UNAVAILABLE, "slot_unavailable",
               "Sorry, this time slot is no longer available. We've saved your information and "
               "will contact you with alternative times.");
}

static void test_d08_the_customer_reads_the_seeds_sentence_of_a_date(void **state)
{
    (void)state;
    assert_row(FAILURE_DATE_UNAVAILABLE, "date_unavailable",
               "Sorry, this date is no longer available. We've saved your information and will "
               "contact you with alternative dates.");
}

static void test_d09_the_customer_reads_the_seeds_sentence_of_any_other_failure(void **state)
{
    static const char message[] = "Sorry, there was an error submitting your booking. Please try "
                                  "again or contact us directly.";
    (void)state;
    assert_row(FAILURE_BOOKING_FAILED, "booking_failed", message);
    assert_row(FAILURE_BOOKING_ERROR, "booking_error", message);
}

static void test_d34_each_reason_has_its_template(void **state)
{
    (void)state;
    assert_string_equal(failure_row(FAILURE_SLOT_UNAVAILABLE)->template_id, "slot_unavailable");
    assert_string_equal(failure_row(FAILURE_DATE_UNAVAILABLE)->template_id, "date_unavailable");
    assert_string_equal(failure_row(FAILURE_BOOKING_FAILED)->template_id, "general_failure");
    assert_string_equal(failure_row(FAILURE_BOOKING_ERROR)->template_id, "general_failure");
}

/* Rules -----------------------------------------------------------------------------------------
 */

struct example {
    const char *text, *literal, *refined;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice text = slice_of(examples[i].text);
        const char *literal = failure_row(failure_classify(text, false))->slug;
        const char *refined = failure_row(failure_classify_refined(text, false))->slug;
        if (strcmp(literal, examples[i].literal) != 0 || strcmp(refined, examples[i].refined) != 0)
            fail_msg("\"%s\" is %s and %s", examples[i].text, literal, refined);
    }
}

static const char slot[] = "slot_unavailable", date[] = "date_unavailable",
                  failed[] = "booking_failed", error[] = "booking_error";

static void test_d02_slot_booked_unavailable_and_time_anywhere_are_a_slot(void **state)
{
    static const struct example examples[] = {
        {"slot", slot, slot},
        {"booked", slot, failed},
        {"unavailable", slot, failed},
        {"time", slot, slot},
        {"Slot already booked", slot, slot},
        {"This SLOT is taken", slot, slot},
        {"That Time is gone", slot, slot},
        {"Time slot unavailable", slot, slot},
        {"OVERBOOKED", slot, failed},
        {"xxtimexx", slot, failed},
        {"sometimes", slot, failed},
        {"the slots are gone", slot, slot},
        {"TIMESLOT_TAKEN", slot, slot},
        {"ERR_SLOT_TAKEN: 42", slot, slot},
        {"time-slot", slot, slot},
        {"(slot)", slot, slot},
        {"date and time are taken", slot, slot}, /* slot words come first */
        {"lot s", failed, failed},
        {"ti me", failed, failed},
        {"slo", failed, failed},
        {"lot", failed, failed},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d03_date_is_a_date_when_nothing_says_slot(void **state)
{
    static const struct example examples[] = {
        {"That date is no longer available", date, date},
        {"date", date, failed},
        {"DATE not available", date, date},
        {"Available dates: none", date, date},
        {"dates", date, failed},
        {"The day is not available", failed, date},
        {"Not available on these days", failed, date},
        {"not available today", failed, failed},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d04_any_other_error_is_a_failed_booking(void **state)
{
    static const struct example examples[] = {
        {"Unknown error", failed, failed},
        {"Internal Server Error", failed, failed},
        {"", failed, failed},
        {"Payment declined", failed, failed},
        {"\xC3\xA9\xC3\xA9", failed, failed},
    };
    (void)state;
    check(examples, COUNT(examples));
    assert_int_equal(failure_classify(SLICE_NONE, false), FAILURE_BOOKING_FAILED);
    assert_int_equal(failure_classify_refined(SLICE_NONE, false), FAILURE_BOOKING_FAILED);
}

static void test_d04_an_exception_is_an_error_whatever_it_says(void **state)
{
    static const char *const texts[] = {"Failed to fetch", "slot booked", "date unavailable", "",
                                        "Unknown error"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct slice text = slice_of(texts[i]);
        assert_int_equal(failure_classify(text, true), FAILURE_BOOKING_ERROR);
        assert_int_equal(failure_classify_refined(text, true), FAILURE_BOOKING_ERROR);
    }
}

static void test_where_the_literal_rule_misfires_whole_words_do_not(void **state)
{
    static const struct example examples[] = {
        {"Request timeout", slot, error},
        {"This date is fully booked", slot, date},
        {"Date unavailable", slot, date},
        {"runtime error", slot, failed},
        {"Failed to update", date, failed},
        {"Request timed out", slot, error},
        {"Gateway Timeout", slot, error},
        {"Network error", failed, error},
        {"Connection reset", failed, error},
        {"networking", failed, failed},
        {"timed  out", slot, failed},
        {"Invalid candidate", date, failed},
        {"mandate unavailable", slot, failed},
        {"\xC3\xA9time", slot, failed}, /* a letter beyond ASCII is one, too */
        {"time\xC3\xA9", slot, failed},
        {"connection lost while the date was booked", slot, date},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_a_text_ends_where_its_slice_does(void **state)
{
    (void)state;
    assert_int_equal(failure_classify((struct slice){"slot", 3}, false), FAILURE_BOOKING_FAILED);
    assert_int_equal(failure_classify_refined((struct slice){"slotted", 4}, false),
                     FAILURE_SLOT_UNAVAILABLE);
}

/* The error's text ------------------------------------------------------------------------------
 */

static void test_d06_the_error_is_a_text_or_an_object_or_nothing(void **state)
{
    static const struct {
        const char *json, *text;
    } rows[] = {
        {"\"Slot already booked\"", "Slot already booked"},
        {"\"tab\\tand \\u00e9\"", "tab\tand \xC3\xA9"},
        {"{\"detail\":\"Slot already booked\"}", "Slot already booked"},
        {"{\"message\":\"Date unavailable\"}", "Date unavailable"},
        {"{\"message\":\"second\",\"detail\":\"first\"}", "first"},
        {"{\"detail\":\"  \",\"message\":\"second\"}", "second"},
        {"{\"detail\":null,\"message\":\"second\"}", "second"},
        {"{\"detail\":{\"code\":1},\"message\":\"second\"}", "second"},
        {"{\"detail\":500}", "500"},
        {"{\"detail\":[{\"msg\":\"date\"}]}", "Unknown error"},
        {"{\"error\":\"slot\"}", "Unknown error"},
        {"{}", "Unknown error"},
        {"\"\"", "Unknown error"},
        {"\" \\n \"", "Unknown error"},
        {"null", "Unknown error"},
        {"false", "Unknown error"},
        {"[\"slot\"]", "Unknown error"},
        {"42", "Unknown error"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct jr_value value;
        struct jr_fault fault;
        assert_int_equal(jr_parse(slice_of(rows[i].json), &value, &fault), OK);
        struct slice text = failure_error_text(value, &arena);
        if (!slice_is(text, rows[i].text))
            fail_msg("%s gives \"%.*s\"", rows[i].json, SLICE_ARGS(text));
    }
}

static void test_d06_an_absent_error_is_unknown_and_a_failed_booking(void **state)
{
    struct slice text = failure_error_text((struct jr_value){0}, &arena);
    (void)state;
    assert_true(slice_is(text, "Unknown error"));
    assert_int_equal(failure_classify(text, false), FAILURE_BOOKING_FAILED);
    assert_int_equal(failure_classify_refined(text, false), FAILURE_BOOKING_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d05_there_are_four_reasons_spelled_exactly),
        TEST(test_d07_the_customer_reads_the_seeds_sentence_of_a_slot),
        TEST(test_d08_the_customer_reads_the_seeds_sentence_of_a_date),
        TEST(test_d09_the_customer_reads_the_seeds_sentence_of_any_other_failure),
        TEST(test_d34_each_reason_has_its_template),
        TEST(test_d02_slot_booked_unavailable_and_time_anywhere_are_a_slot),
        TEST(test_d03_date_is_a_date_when_nothing_says_slot),
        TEST(test_d04_any_other_error_is_a_failed_booking),
        TEST(test_d04_an_exception_is_an_error_whatever_it_says),
        TEST(test_where_the_literal_rule_misfires_whole_words_do_not),
        TEST(test_a_text_ends_where_its_slice_does),
        TEST(test_d06_the_error_is_a_text_or_an_object_or_nothing),
        TEST(test_d06_an_absent_error_is_unknown_and_a_failed_booking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
