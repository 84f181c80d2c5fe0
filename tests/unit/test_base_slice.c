/* test_base_slice.c: comparing, trimming, cutting and reading numbers, at their edges.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/base/slice.h"

static void assert_text(struct slice s, const char *expected)
{
    assert_int_equal(s.n, strlen(expected));
    assert_memory_equal(s.n > 0 ? s.p : "", expected, s.n);
}

static void test_slices_are_equal_by_bytes_not_by_place(void **state)
{
    char same[] = "abc";

    (void)state;
    assert_true(slice_eq(SLICE("abc"), slice_of(same)));
    assert_false(slice_eq(SLICE("abc"), SLICE("abd")));
    assert_false(slice_eq(SLICE("abc"), SLICE("ab")));
    assert_true(slice_eq(SLICE_NONE, SLICE("")));
    assert_true(slice_eq(SLICE("a\0b"), SLICE("a\0b")));
    assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
    assert_true(slice_is(slice_of(NULL), ""));
}

static void test_case_is_ignored_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(slice_ieq(SLICE("Content-TYPE"), SLICE("cOnTent-type")));
    assert_true(slice_ieq(SLICE("azAZ09"), SLICE("AZaz09")));
    assert_true(slice_ieq(SLICE_NONE, SLICE("")));
    assert_false(slice_ieq(SLICE("abc"), SLICE("abcd")));
    assert_false(slice_ieq(SLICE("@"), SLICE("`"))); /* the characters around the letters differ */
    assert_false(slice_ieq(SLICE("["), SLICE("{"))); /* by the same bit as a and A */
    assert_false(slice_ieq(SLICE("\xc3\x84"), SLICE("\xc3\xa4"))); /* Ä, ä */
}

static void test_a_slice_starts_with_its_prefixes(void **state)
{
    (void)state;
    assert_true(slice_starts(SLICE("contact_x"), SLICE("contact_")));
    assert_true(slice_starts(SLICE("x"), SLICE("")));
    assert_true(slice_starts(SLICE_NONE, SLICE_NONE));
    assert_false(slice_starts(SLICE("contact"), SLICE("contact_")));
    assert_false(slice_starts(SLICE("Contact_x"), SLICE("contact_")));
}

static void test_trim_takes_the_six_blanks_at_both_ends(void **state)
{
    (void)state;
    assert_text(slice_trim(SLICE(" \t\r\n\v\fa b\f\v\n\r\t ")), "a b");
    assert_text(slice_trim(SLICE("   ")), "");
    assert_text(slice_trim(SLICE("")), "");
    assert_text(slice_trim(SLICE_NONE), "");
    assert_text(slice_trim(SLICE("\xc2\xa0x\x1f")), "\xc2\xa0x\x1f");
}

static void test_numbers_are_digits_up_to_the_maximum(void **state)
{
    uint64_t v = 7;

    (void)state;
    assert_true(slice_u64(SLICE("0"), 0, &v));
    assert_int_equal(v, 0);
    assert_true(slice_u64(SLICE("18446744073709551615"), UINT64_MAX, &v));
    assert_true(v == UINT64_MAX);
    assert_true(slice_u64(SLICE("00000000000000000000000000064"), 64, &v));
    assert_int_equal(v, 64);
    assert_true(slice_u64(SLICE("5"), 5, &v));
    assert_int_equal(v, 5);
}

static void test_what_is_no_number_leaves_the_result_untouched(void **state)
{
    static const char *const wrong[] = {"",     "-1",  "+1", " 1",  "1 ", "1.0",
                                        "0x10", "1e3", "65", "650", "a",  "9999999999999999999999"};
    uint64_t v = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(slice_u64(slice_of(wrong[i]), 64, &v));
    assert_false(slice_u64(SLICE("18446744073709551616"), UINT64_MAX, &v));
    assert_false(slice_u64(SLICE("28446744073709551615"), UINT64_MAX, &v));
    assert_false(slice_u64(SLICE("6"), 5, &v));
    assert_false(slice_u64(SLICE("1\0"), 64, &v));
    assert_false(slice_u64(SLICE_NONE, 64, &v));
    assert_int_equal(v, 7);
}

static void test_cut_gives_every_part_once_also_empty_ones(void **state)
{
    struct slice s = SLICE("a,,bc,"), head;

    (void)state;
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "a");
    assert_text(s, ",bc,");
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "");
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "bc");
    assert_text(s, "");
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "");
    assert_null(s.p);
    assert_false(slice_cut(&s, ',', &head));
}

static void test_cut_of_a_text_without_separator_gives_it_whole(void **state)
{
    struct slice s = SLICE("abc"), head;

    (void)state;
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "abc");
    assert_false(slice_cut(&s, ',', &head));
    s = SLICE("");
    assert_true(slice_cut(&s, ',', &head));
    assert_text(head, "");
    assert_false(slice_cut(&s, ',', &head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_are_equal_by_bytes_not_by_place),
        cmocka_unit_test(test_case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(test_a_slice_starts_with_its_prefixes),
        cmocka_unit_test(test_trim_takes_the_six_blanks_at_both_ends),
        cmocka_unit_test(test_numbers_are_digits_up_to_the_maximum),
        cmocka_unit_test(test_what_is_no_number_leaves_the_result_untouched),
        cmocka_unit_test(test_cut_gives_every_part_once_also_empty_ones),
        cmocka_unit_test(test_cut_of_a_text_without_separator_gives_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
