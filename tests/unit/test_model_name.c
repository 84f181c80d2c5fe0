/* test_model_name.c: names that a search takes for the same.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/model/name.h"

static void test_a_folded_name_has_no_case_no_accents_and_single_blanks(void **state)
{
    static const struct {
        const char *typed, *folded; /* NULL: nothing to search for */
    } rows[] = {
        {"John Doe", "john doe"},
        {"  JOHN \t van\n der   DOE ", "john van der doe"},
        {"o'neill-smith 2", "o'neill-smith 2"},
        {" Ji\u0159\u00ed  NOV\u00c1K", "jiri novak"},
        {"Jir\u030ci\u0301", "jiri"}, /* combining accents */
        {"Stra\u00dfe", "strasse"},
        {"STRASSE", "strasse"},
        {"\uff2a\uff4f\uff48\uff4e", "john"}, /* full width */
        {"\ufb01nn", "finn"},                 /* a ligature */
        {"Mary\u00a0Ann\u3000Lee", "mary ann lee"},
        {"\u0130stanbul", "istanbul"},
        {"\u0418\u0412\u0410\u041d", "\u0438\u0432\u0430\u043d"},
        {"\u1f08\u03a7\u0399\u039b\u039b\u0395\u03a5\u03a3",
         "\u03b1\u03c7\u03b9\u03bb\u03bb\u03b5\u03c5\u03c3"},
        {"\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530 \u592a\u90ce"},
        {"\uff76\uff9e", "\u30ab"}, /* half width, its mark a combining one */
        {"J\u200do\u200bhn", "john"},
        {"", NULL},
        {" \t ", NULL},
        {"\u00a0", NULL},
        {"\xff", NULL},
        {"Jo\xc3", NULL},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice got = name_fold(slice_of(rows[i].typed), &arena);
        if (!slice_eq(got, slice_of(rows[i].folded)))
            fail_msg("\"%s\" became \"%.*s\"", rows[i].typed, SLICE_ARGS(got));
        if (got.n > 0)
            assert_true(slice_eq(name_fold(got, &arena), got));
    }
    arena_dispose(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_folded_name_has_no_case_no_accents_and_single_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
