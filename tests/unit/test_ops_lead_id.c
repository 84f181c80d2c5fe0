/* test_ops_lead_id.c: a reference stands for exactly one lead number.
 *
 * SPDX-License-Identifier: MIT */
#include "../../src/ops/lead_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

static void check(uint64_t number, size_t digits)
{
    struct arena arena;
    uint64_t back = 0;

    arena_init(&arena, NULL, 0);
    struct slice text = lead_reference(number, &arena);
    assert_int_equal(text.n, 3 + digits);
    assert_true(slice_starts(text, SLICE("KV-")));
    assert_true(lead_reference_parse(text, &back));
    assert_true(back == number);
    arena_dispose(&arena);
}

static void test_a_reference_leads_back_to_its_number(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 5000; number++)
        check(number, 5);
    for (uint64_t number = (1u << 25) - 3; number < 1u << 25; number++)
        check(number, 5);
    check((uint64_t)1 << 25, 6);
    check(((uint64_t)1 << 30) - 1, 6);
    check((uint64_t)1 << 30, 7);
    check((uint64_t)1 << 59, 12);
}

static void test_what_is_no_reference_is_refused(void **state)
{
    static const char *const wrong[] = {"",         "KV-",    "KV-7F3K",  "KV-7F3KU",
                                        "KX-7F3K2", "7F3K2A", "KV 7F3K2", "KV-7F3K2A7F3K2A7"};
    uint64_t number;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(lead_reference_parse(slice_of(wrong[i]), &number));
}

static void test_a_reference_is_read_in_any_case(void **state)
{
    struct arena arena;
    uint64_t upper = 1, lower = 2;

    (void)state;
    arena_init(&arena, NULL, 0);
    assert_true(lead_reference_parse(SLICE("KV-7F3K2"), &upper));
    assert_true(lead_reference_parse(SLICE("kv-7f3k2"), &lower));
    assert_true(upper == lower);
    arena_dispose(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reference_leads_back_to_its_number),
        cmocka_unit_test(test_what_is_no_reference_is_refused),
        cmocka_unit_test(test_a_reference_is_read_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
