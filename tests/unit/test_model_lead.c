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
    for (int i = LEAD_NONE + 1; i < LEAD_WORDS; i++) {
        assert_int_equal(lead_word_of(slice_of(lead_slug(i))), i);
        assert_int_equal(lead_word_of(slice_of(lead_word(i))), i);
    }
    assert_int_equal(lead_word_of(SLICE("Pending")), LEAD_PENDING);
    assert_int_equal(lead_word_of(SLICE("nEw")), LEAD_NEW);
    assert_int_equal(lead_word_of(SLICE("open")), LEAD_NONE);
    assert_int_equal(lead_word_of(SLICE("")), LEAD_NONE);
}

static void test_a_lead_only_moves_as_the_tables_say(void **state)
{
    static const struct {
        enum lead_word from;
        const char *to;
    } table[] = {{LEAD_TRACKING, "pending approved rejected"},
                 {LEAD_PENDING, "approved rejected"},
                 {LEAD_APPROVED, ""},
                 {LEAD_REJECTED, ""},
                 {LEAD_NEW, "contacted converted lost"},
                 {LEAD_CONTACTED, "converted lost"},
                 {LEAD_CONVERTED, ""},
                 {LEAD_LOST, "new"}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (int to = LEAD_NONE; to < LEAD_WORDS; to++) {
            struct slice rest = slice_of(table[i].to), word;
            bool may = false;
            while (slice_cut(&rest, ' ', &word))
                may = may || (to != LEAD_NONE && slice_is(word, lead_slug(to)));
            assert_int_equal(lead_may(table[i].from, to), may);
        }
    }
}

static void test_a_source_is_a_slug_in_keys(void **state)
{
    static const struct {
        const char *word, *slug;
        enum lead_source source;
    } table[] = {{"BOOKING_FAILED", "booking_failed", LEAD_SOURCE_BOOKING_FAILED},
                 {"Booking_Failed", "booking_failed", LEAD_SOURCE_BOOKING_FAILED},
                 {"face analysis", "face_analysis", LEAD_SOURCE_FACE_ANALYSIS},
                 {"WhatsApp", "whatsapp", LEAD_SOURCE_WHATSAPP},
                 {"Trade fair: 2025", "trade_fair__2025", LEAD_SOURCE_OTHER},
                 {"Mé", "mé", LEAD_SOURCE_OTHER}};
    struct arena arena;
    char chunk[256];
    (void)state;
    arena_init(&arena, chunk, sizeof chunk);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct slice slug = lead_source_slug(slice_of(table[i].word), &arena);
        assert_true(slice_is(slug, table[i].slug));
        assert_int_equal(lead_source_of(slug), table[i].source);
    }
    assert_int_equal(lead_source_slug(SLICE(" -/ "), &arena).n, 0);
    assert_string_equal(lead_source_counted(LEAD_SOURCE_OTHER), "other");
    assert_string_equal(lead_source_word(LEAD_SOURCE_BOOKING_FORM), "Booking Form");
    arena_dispose(&arena);
}

static const char *stage(enum lead_word status, bool has_contact, bool is_active, int64_t score)
{
    return lead_stage((struct lead_facts){status, has_contact, is_active, score});
}

static void test_x03_the_stage_is_the_first_that_holds(void **state)
{
    (void)state;
    assert_string_equal(stage(LEAD_APPROVED, true, false, 90), "customer");
    assert_string_equal(stage(LEAD_REJECTED, true, true, 90), "inactive");
    assert_string_equal(stage(LEAD_PENDING, true, false, 90), "inactive");
    assert_string_equal(stage(LEAD_PENDING, true, true, 80), "hot");
    assert_string_equal(stage(LEAD_TRACKING, false, true, 0), "anonymous");
    assert_string_equal(stage(LEAD_TRACKING, true, true, 50), "tracking");
    assert_string_equal(stage(LEAD_PENDING, true, true, 50), "lead");
    assert_string_equal(contact_stage(LEAD_STATUS_CUSTOMER, 90, false), "customer");
    assert_string_equal(contact_stage(LEAD_STATUS_HOT_BOOKING, 90, false), "inactive");
    assert_string_equal(contact_stage(LEAD_STATUS_HOT_ABANDONED, 0, true), "hot");
    assert_string_equal(contact_stage(LEAD_STATUS_NEW_LEAD, 79, true), "lead");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_in_any_case_and_nothing_else_is_one),
        cmocka_unit_test(test_a_lead_only_moves_as_the_tables_say),
        cmocka_unit_test(test_a_source_is_a_slug_in_keys),
        cmocka_unit_test(test_x03_the_stage_is_the_first_that_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
