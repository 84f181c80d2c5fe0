/* test_model_lead.c: the statuses of a booking form's lead, what may follow what, stage and score.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/lead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

static void test_words_are_found_in_any_case_and_nothing_else_is_one(void **state)
{
    (void)state;
    for (int i = BOOKING_STATUS_TRACKING; i < BOOKING_STATUS_COUNT; i++)
        assert_int_equal(booking_status_of(slice_of(booking_status_word(i))), i);
    assert_int_equal(booking_status_of(SLICE("Pending")), BOOKING_STATUS_PENDING);
    assert_int_equal(booking_status_of(SLICE("NEW")), BOOKING_STATUS_NONE);
    assert_int_equal(booking_status_of(SLICE("")), BOOKING_STATUS_NONE);
}

static void test_a_lead_only_moves_forward(void **state)
{
    static const bool may[BOOKING_STATUS_COUNT][BOOKING_STATUS_COUNT] = {
        [BOOKING_STATUS_TRACKING] = {false, false, true, true, true},
        [BOOKING_STATUS_PENDING] = {false, false, false, true, true},
    };
    (void)state;
    for (int from = 0; from < BOOKING_STATUS_COUNT; from++) {
        for (int to = 0; to < BOOKING_STATUS_COUNT; to++)
            assert_int_equal(booking_status_may(from, to), may[from][to]);
    }
}

static void test_only_a_live_lead_with_contact_details_has_the_floor(void **state)
{
    (void)state;
    assert_int_equal(lead_score(SLICE("tracking"), true, true), 50);
    assert_int_equal(lead_score(SLICE("approved"), true, true), 50);
    assert_int_equal(lead_score(SLICE("tracking"), false, true), 0);
    assert_int_equal(lead_score(SLICE("rejected"), true, true), 0);
    assert_int_equal(lead_score(SLICE("pending"), true, false), 0);
}

static void test_x03_the_stage_is_the_first_that_holds(void **state)
{
    (void)state;
    assert_string_equal(lead_stage(SLICE("approved"), true, false, 90), "customer");
    assert_string_equal(lead_stage(SLICE("rejected"), true, true, 90), "inactive");
    assert_string_equal(lead_stage(SLICE("pending"), true, false, 90), "inactive");
    assert_string_equal(lead_stage(SLICE("pending"), true, true, 80), "hot");
    assert_string_equal(lead_stage(SLICE("tracking"), false, true, 0), "anonymous");
    assert_string_equal(lead_stage(SLICE("tracking"), true, true, 50), "tracking");
    assert_string_equal(lead_stage(SLICE("pending"), true, true, 50), "lead");
    assert_string_equal(contact_stage(LEAD_STATUS_CUSTOMER, 90, false), "customer");
    assert_string_equal(contact_stage(LEAD_STATUS_HOT_BOOKING, 90, false), "inactive");
    assert_string_equal(contact_stage(LEAD_STATUS_HOT_ABANDONED, 0, true), "hot");
    assert_string_equal(contact_stage(LEAD_STATUS_NEW_LEAD, 79, true), "lead");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_in_any_case_and_nothing_else_is_one),
        cmocka_unit_test(test_a_lead_only_moves_forward),
        cmocka_unit_test(test_only_a_live_lead_with_contact_details_has_the_floor),
        cmocka_unit_test(test_x03_the_stage_is_the_first_that_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
