/* test_base_log_mask.c: what is left of phones, e-mails and names.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_mask.h"

static void assert_masked(struct slice (*mask)(struct slice, char *), struct slice text,
                          const char *expected)
{
    char out[LOG_MASK_SIZE];
    struct slice shown = mask(text, out);

    assert_int_equal(shown.n, strlen(expected));
    assert_memory_equal(shown.p, expected, shown.n);
}

static void test_phones_show_three_digits_at_most(void **state)
{
    (void)state;
    assert_masked(log_mask_phone, SLICE("+15551234567"), "+1***67");
    assert_masked(log_mask_phone, SLICE("+1 (555) 123-45-67"), "+1***67");
    assert_masked(log_mask_phone, SLICE("+4915112345678"), "+4***78");
    assert_masked(log_mask_phone, SLICE("+49 1511 2345678 Jane"), "+4***78");
    assert_masked(log_mask_phone, SLICE("06 12 34 56 78"), "***78");
}

static void test_what_is_hardly_a_phone_shows_nothing(void **state)
{
    (void)state;
    assert_masked(log_mask_phone, SLICE("+123456"), "***");
    assert_masked(log_mask_phone, SLICE("112"), "***");
    assert_masked(log_mask_phone, SLICE("jane@example.com"), "***");
    assert_masked(log_mask_phone, SLICE("+"), "***");
    assert_masked(log_mask_phone, SLICE("\xd9\xa1\xd9\xa2\xd9\xa3"), "***"); /* Arabic digits */
}

static void test_emails_show_the_first_character_of_both_parts(void **state)
{
    (void)state;
    assert_masked(log_mask_email, SLICE("jane@example.com"), "j***@e***");
    assert_masked(log_mask_email, SLICE("j@e"), "j***@e***");
    assert_masked(log_mask_email, SLICE("\"a@b\"@example.com"), "\"***@e***");
    assert_masked(log_mask_email, SLICE("\xc3\xa9mile@\xc3\xa9.fr"), "\xc3\xa9***@\xc3\xa9***");
}

static void test_the_longest_mask_fits(void **state)
{
    (void)state;
    assert_masked(log_mask_email, SLICE("\xf0\x9f\x98\x80x@\xf0\x9f\x98\x80x"),
                  "\xf0\x9f\x98\x80***@\xf0\x9f\x98\x80***");
}

static void test_what_is_no_email_shows_nothing_more(void **state)
{
    (void)state;
    assert_masked(log_mask_email, SLICE("@"), "***@***");
    assert_masked(log_mask_email, SLICE("jane@"), "j***@***");
    assert_masked(log_mask_email, SLICE("Jane Doe"), "***");
    assert_masked(log_mask_email, SLICE("+15551234567"), "***");
}

static void test_names_show_their_first_character(void **state)
{
    (void)state;
    assert_masked(log_mask_name, SLICE("Jane Doe"), "J***");
    assert_masked(log_mask_name, SLICE("J"), "J***");
    assert_masked(log_mask_name, SLICE("\xc3\x89mile"), "\xc3\x89***");
    assert_masked(log_mask_name, SLICE("\xc3"), "\xc3***"); /* the log escapes what is no UTF-8 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phones_show_three_digits_at_most),
        cmocka_unit_test(test_what_is_hardly_a_phone_shows_nothing),
        cmocka_unit_test(test_emails_show_the_first_character_of_both_parts),
        cmocka_unit_test(test_the_longest_mask_fits),
        cmocka_unit_test(test_what_is_no_email_shows_nothing_more),
        cmocka_unit_test(test_names_show_their_first_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
