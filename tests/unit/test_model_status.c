/* test_model_status.c: the words of lead_status, the stage of a contact, the quality of a score.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/model/status.h"

static void test_each_status_has_its_word_and_its_slug(void **state)
{
    static const struct {
        const char *slug, *word;
    } rows[LEAD_STATUS_COUNT] = {
        [LEAD_STATUS_NEW_LEAD] = {"new_lead", "New Lead"},
        [LEAD_STATUS_HOT_BOOKING] = {"hot_booking", "Hot Lead - Booking In Progress"},
        [LEAD_STATUS_HOT_ABANDONED] = {"hot_abandoned", "Hot Lead - Abandoned Booking"},
        [LEAD_STATUS_CUSTOMER] = {"customer", "Customer - Active"},
    };
    (void)state;
    for (int i = LEAD_STATUS_NEW_LEAD; i < LEAD_STATUS_COUNT; i++) {
        assert_string_equal(lead_status_slug(i), rows[i].slug);
        assert_string_equal(lead_status_word(i), rows[i].word);
    }
    assert_string_equal(lead_status_slug(LEAD_STATUS_NONE), "");
    assert_null(lead_status_word(LEAD_STATUS_NONE));
}

static void test_a_status_is_found_by_word_or_slug_in_any_case(void **state)
{
    static const struct {
        const char *text;
        enum lead_status status;
    } rows[] = {
        {"New Lead", LEAD_STATUS_NEW_LEAD},
        {"NEW LEAD", LEAD_STATUS_NEW_LEAD},
        {"new_lead", LEAD_STATUS_NEW_LEAD},
        {"New_Lead", LEAD_STATUS_NEW_LEAD},
        {"hot lead - booking in progress", LEAD_STATUS_HOT_BOOKING},
        {"hot_booking", LEAD_STATUS_HOT_BOOKING},
        {"Hot Lead - Abandoned Booking", LEAD_STATUS_HOT_ABANDONED},
        {"Hot Lead - Abandoned", LEAD_STATUS_HOT_ABANDONED},
        {"hot lead - abandoned", LEAD_STATUS_HOT_ABANDONED},
        {"HOT_ABANDONED", LEAD_STATUS_HOT_ABANDONED},
        {"Customer - Active", LEAD_STATUS_CUSTOMER},
        {"customer", LEAD_STATUS_CUSTOMER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (lead_status_of(slice_of(rows[i].text)) != rows[i].status)
            fail_msg("%s", rows[i].text);
}

static void test_what_is_no_status_is_none(void **state)
{
    static const char *const texts[] = {"",         " ",      "new lead ", "new-lead", "hot",
                                        "Hot Lead", "active", "Customers", "lukewarm", "none"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (lead_status_of(slice_of(texts[i])) != LEAD_STATUS_NONE)
            fail_msg("%s", texts[i]);
    assert_int_equal(lead_status_of(SLICE_NONE), LEAD_STATUS_NONE);
    assert_int_equal(lead_status_of(SLICE("customer\0")), LEAD_STATUS_NONE);
}

static void test_words_survive_the_way_in_and_out(void **state)
{
    (void)state;
    for (int i = LEAD_STATUS_NEW_LEAD; i < LEAD_STATUS_COUNT; i++) {
        assert_int_equal(lead_status_of(slice_of(lead_status_word(i))), i);
        assert_int_equal(lead_status_of(slice_of(lead_status_slug(i))), i);
    }
}

static void test_the_stage_is_the_first_that_fits(void **state)
{
    static const struct {
        enum lead_status status;
        int64_t score;
        bool is_active;
        const char *stage;
    } rows[] = {
        {LEAD_STATUS_CUSTOMER, 50, true, "customer"},
        {LEAD_STATUS_CUSTOMER, 100, false, "customer"}, /* customer comes before inactive */
        {LEAD_STATUS_NEW_LEAD, 50, false, "inactive"},
        {LEAD_STATUS_HOT_BOOKING, 100, false, "inactive"}, /* and inactive before hot */
        {LEAD_STATUS_HOT_BOOKING, 0, true, "hot"},
        {LEAD_STATUS_HOT_ABANDONED, 0, true, "hot"},
        {LEAD_STATUS_NEW_LEAD, 80, true, "hot"},
        {LEAD_STATUS_NEW_LEAD, 79, true, "lead"},
        {LEAD_STATUS_NONE, 50, true, "lead"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(contact_stage(rows[i].status, rows[i].score, rows[i].is_active),
                            rows[i].stage);
}

static void test_80_is_hot_50_is_warm_and_less_is_cold(void **state)
{
    static const struct {
        int64_t score;
        const char *quality;
    } rows[] = {{100, "HOT"}, {85, "HOT"},  {80, "HOT"}, {79, "WARM"},
                {50, "WARM"}, {49, "COLD"}, {0, "COLD"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(score_quality(rows[i].score), rows[i].quality);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_status_has_its_word_and_its_slug),
        cmocka_unit_test(test_a_status_is_found_by_word_or_slug_in_any_case),
        cmocka_unit_test(test_what_is_no_status_is_none),
        cmocka_unit_test(test_words_survive_the_way_in_and_out),
        cmocka_unit_test(test_the_stage_is_the_first_that_fits),
        cmocka_unit_test(test_80_is_hot_50_is_warm_and_less_is_cold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
