/* test_base_err.c: the error table is consistent, and replies find their row.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/base/err.h"

static void test_a_row_carries_its_code_status_and_sentence(void **state)
{
    const struct err_row *row = err_row(ERR_NOT_FOUND);

    (void)state;
    assert_string_equal(row->code, "not_found");
    assert_int_equal(row->status, 404);
    assert_string_equal(row->word, "NOTFOUND");
    assert_string_equal(row->sentence, "There is no such record");
}

static void test_the_table_is_in_order_and_no_word_stands_twice(void **state)
{
    (void)state;
    for (int i = OK + 1; i < ERR_COUNT; i++) {
        const struct err_row *row = err_row((enum err)i);

        assert_true(row->status >= 400 && row->status < 600);
        assert_true(i == OK + 1 || row->status >= err_row((enum err)(i - 1))->status);
        assert_true(strlen(row->code) > 0 && strlen(row->sentence) > 0);
        for (int j = OK + 1; j < i && row->word != NULL; j++)
            if (err_row((enum err)j)->word != NULL)
                assert_string_not_equal(row->word, err_row((enum err)j)->word);
    }
}

static void test_every_word_finds_its_row_with_and_without_a_sentence(void **state)
{
    char reply[128];

    (void)state;
    for (int i = OK + 1; i < ERR_COUNT; i++) {
        const char *word = err_row((enum err)i)->word;

        if (word == NULL)
            continue;
        assert_int_equal(err_of_reply(slice_of(word)), i);
        assert_true(strlen(word) + 8 < sizeof(reply));
        strcat(strcpy(reply, word), " lead 7");
        assert_int_equal(err_of_reply(slice_of(reply)), i);
    }
}

static void test_replies_of_redis_find_their_row(void **state)
{
    (void)state;
    assert_int_equal(err_of_reply(SLICE("OOM command not allowed when used memory > 'maxmemory'.")),
                     ERR_REDIS_FULL);
    assert_int_equal(err_of_reply(SLICE("MISCONF Redis is configured to save RDB snapshots")),
                     ERR_REDIS_MISCONF);
    assert_int_equal(err_of_reply(SLICE("READONLY You can't write against a read only replica.")),
                     ERR_REDIS_READONLY);
    assert_int_equal(err_of_reply(SLICE("BUSY Redis is busy running a script.")), ERR_REDIS_BUSY);
    assert_int_equal(err_of_reply(SLICE("LOADING Redis is loading")), ERR_REDIS_UNAVAILABLE);
    assert_int_equal(err_of_reply(SLICE("MOVED 3999 127.0.0.1:6381")), ERR_REDIS_MOVED);
}

static void test_words_that_no_row_has_are_internal(void **state)
{
    static const char *const unknown[] = {
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "ERR unknown command",
        "notfound lead 7",
        "NOTFOUNDER",
        "NOT",
        " NOTFOUND",
        "NOTFOUND\tlead",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(err_of_reply(slice_of(unknown[i])), ERR_INTERNAL);
    assert_int_equal(err_of_reply(SLICE_NONE), ERR_INTERNAL);
    assert_int_equal(err_of_reply(SLICE("NOTFOUND\0 lead")), ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_carries_its_code_status_and_sentence),
        cmocka_unit_test(test_the_table_is_in_order_and_no_word_stands_twice),
        cmocka_unit_test(test_every_word_finds_its_row_with_and_without_a_sentence),
        cmocka_unit_test(test_replies_of_redis_find_their_row),
        cmocka_unit_test(test_words_that_no_row_has_are_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
