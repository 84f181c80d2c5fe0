/* test_base_buf.c: the growable buffer keeps its maximum, and what it writes as JSON is JSON.
 *
 * jansson is the oracle: it must read back from our strings what went in.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "kvcrm/base/buf.h"

static void assert_content(struct buf *b, const char *expected)
{
    assert_false(b->full);
    assert_int_equal(b->n, strlen(expected));
    assert_memory_equal(b->n > 0 ? b->p : "", expected, b->n);
    buf_clear(b);
}

static void test_no_memory_is_taken_before_the_first_byte(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    assert_null(b.p);
    buf_add(&b, SLICE_NONE);
    buf_str(&b, "");
    assert_null(b.p);
    assert_false(b.full);
    buf_char(&b, 'x');
    assert_non_null(b.p);
    assert_content(&b, "x");
    buf_dispose(&b);
    assert_null(b.p);
}

static void test_content_survives_growing(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < 100000; i++)
        buf_char(&b, (char)('a' + i % 26));
    assert_false(b.full);
    assert_int_equal(b.n, 100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    buf_dispose(&b);
}

static void test_exactly_the_maximum_fits(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_str(&b, "12345");
    assert_content(&b, "12345");
    buf_printf(&b, "%d", 12345);
    assert_content(&b, "12345");
    buf_i64(&b, -1234);
    assert_content(&b, "-1234");
    buf_money(&b, 1234, 2);
    assert_content(&b, "12.34");
    buf_dispose(&b);
}

static void test_beyond_the_maximum_the_beginning_stays_and_full_is_set(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_str(&b, "123");
    buf_str(&b, "456");
    assert_true(b.full);
    assert_int_equal(b.n, 3);
    buf_char(&b, '7'); /* would fit, but would not be the beginning of what was written */
    buf_printf(&b, "%d", 8);
    buf_i64(&b, 9);
    assert_int_equal(b.n, 3);
    assert_memory_equal(b.p, "123", 3);
    buf_clear(&b);
    buf_str(&b, "45678");
    assert_content(&b, "45678");
    buf_dispose(&b);
}

static void test_a_printf_or_number_that_does_not_fit_is_dropped_whole(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_printf(&b, "%s", "123456");
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    buf_clear(&b);
    buf_i64(&b, 123456);
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    buf_dispose(&b);
}

static void test_a_maximum_of_nothing_takes_nothing(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    buf_char(&b, 'x');
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    buf_dispose(&b);
}

static void test_reserve_gives_room_that_counts_when_the_caller_says_so(void **state)
{
    struct buf b;
    char *at;

    (void)state;
    buf_init(&b, 1000);
    buf_str(&b, "ab");
    at = buf_reserve(&b, 998);
    assert_non_null(at);
    memset(at, 'c', 998);
    assert_int_equal(b.n, 2);
    b.n += 998;
    assert_null(buf_reserve(&b, 1));
    assert_true(b.full);
    buf_clear(&b);
    assert_null(buf_reserve(&b, SIZE_MAX)); /* no overflow in the sum */
    assert_true(b.full);
    buf_dispose(&b);
}

static void test_numbers_are_written_to_their_limits(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_i64(&b, 0);
    assert_content(&b, "0");
    buf_i64(&b, INT64_MIN);
    assert_content(&b, "-9223372036854775808");
    buf_i64(&b, INT64_MAX);
    assert_content(&b, "9223372036854775807");
    buf_u64(&b, UINT64_MAX);
    assert_content(&b, "18446744073709551615");
    buf_dispose(&b);
}

static void test_money_has_exactly_its_decimals(void **state)
{
    static const struct {
        int64_t minor_units;
        unsigned decimals;
        const char *text;
    } rows[] = {
        {45010, 2, "450.10"},
        {-5, 2, "-0.05"},
        {650, 0, "650"},
        {0, 2, "0.00"},
        {0, 0, "0"},
        {5, 3, "0.005"},
        {-12345, 3, "-12.345"},
        {100, 2, "1.00"},
        {INT64_MIN, 2, "-92233720368547758.08"},
        {INT64_MAX, 0, "9223372036854775807"},
        {INT64_MIN, 18, "-9.223372036854775808"},
    };
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_money(&b, rows[i].minor_units, rows[i].decimals);
        assert_content(&b, rows[i].text);
    }
    buf_dispose(&b);
}

static void assert_json_string(struct slice s, const char *expected)
{
    struct buf b;

    buf_init(&b, 10000);
    buf_json_string(&b, s);
    assert_content(&b, expected);
    buf_dispose(&b);
}

static void test_json_strings_escape_what_they_must_and_nothing_else(void **state)
{
    (void)state;
    assert_json_string(SLICE_NONE, "\"\"");
    assert_json_string(SLICE("plain"), "\"plain\"");
    assert_json_string(SLICE("\"\\/"), "\"\\\"\\\\/\"");
    assert_json_string(SLICE("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"");
    assert_json_string(SLICE("\0\x01\x0b\x1f"), "\"\\u0000\\u0001\\u000b\\u001f\"");
    assert_json_string(SLICE("\x7f<>&'"), "\"\x7f<>&'\"");
    assert_json_string(SLICE("a\"b"), "\"a\\\"b\"");
    assert_json_string(SLICE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\xa8"),
                       "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\xa8\"");
}

static void test_bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
#define BAD "\xef\xbf\xbd"
    (void)state;
    assert_json_string(SLICE("a\xff"
                             "b"),
                       "\"a" BAD "b\"");
    assert_json_string(SLICE("\x80"), "\"" BAD "\"");
    assert_json_string(SLICE("\xc0\xaf"), "\"" BAD BAD "\"");         /* too long a form */
    assert_json_string(SLICE("\xe0\x9f\xbf"), "\"" BAD BAD BAD "\""); /* likewise */
    assert_json_string(SLICE("\xed\xa0\x80"), "\"" BAD BAD BAD "\""); /* a surrogate */
    assert_json_string(SLICE("\xf0\x8f\xbf\xbf"), "\"" BAD BAD BAD BAD "\"");
    assert_json_string(SLICE("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\""); /* > U+10FFFF */
    assert_json_string(SLICE("\xe2\x82"), "\"" BAD BAD "\"");                 /* cut short */
    assert_json_string((struct slice){"\xe2\x82\xac", 2}, "\"" BAD BAD "\""); /* before its end */
    assert_json_string(SLICE("\xe2\x82\""), "\"" BAD BAD "\\\"\""); /* the quote stays one */
    assert_json_string(SLICE("\xf0\x9f\x98"), "\"" BAD BAD BAD "\"");
    assert_json_string(SLICE("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"),
                       "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\""); /* the last good ones */
#undef BAD
}

/* Every character up to U+10FFFF, in chunks, goes out and comes back. */
static void test_jansson_reads_back_every_character(void **state)
{
    char text[64 * 4];
    struct buf b;

    (void)state;
    buf_init(&b, 10000);
    for (uint32_t first = 0; first < 0x110000; first += 64) {
        size_t n = 0;
        json_t *back;

        if (first >= 0xd800 && first < 0xe000)
            continue;
        for (uint32_t c = first; c < first + 64; c++) {
            if (c < 0x80) {
                text[n++] = (char)c;
            } else if (c < 0x800) {
                text[n++] = (char)(0xc0 | c >> 6);
                text[n++] = (char)(0x80 | (c & 63));
            } else if (c < 0x10000) {
                text[n++] = (char)(0xe0 | c >> 12);
                text[n++] = (char)(0x80 | (c >> 6 & 63));
                text[n++] = (char)(0x80 | (c & 63));
            } else {
                text[n++] = (char)(0xf0 | c >> 18);
                text[n++] = (char)(0x80 | (c >> 12 & 63));
                text[n++] = (char)(0x80 | (c >> 6 & 63));
                text[n++] = (char)(0x80 | (c & 63));
            }
        }
        buf_clear(&b);
        buf_json_string(&b, (struct slice){text, n});
        back = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(back);
        assert_int_equal(json_string_length(back), n);
        assert_memory_equal(json_string_value(back), text, n);
        json_decref(back);
    }
    buf_dispose(&b);
}

static void test_the_json_writer_puts_the_commas(void **state)
{
    struct buf b;
    struct jw w;

    (void)state;
    buf_init(&b, 10000);
    w = jw_on(&b);
    jw_object(&w);
    jw_key(&w, "text");
    jw_string(&w, SLICE("a\"b"));
    jw_key_slice(&w, SLICE("k\n"));
    jw_i64(&w, -1);
    jw_key(&w, "list");
    jw_array(&w);
    jw_bool(&w, true);
    jw_bool(&w, false);
    jw_null(&w);
    jw_object(&w);
    jw_object_end(&w);
    jw_array(&w);
    jw_array_end(&w);
    jw_raw(&w, SLICE("{\"raw\":1}"));
    jw_money(&w, 45010, 2);
    jw_array_end(&w);
    jw_key(&w, "at");
    jw_time(&w, 1762855200000);
    jw_key(&w, "never");
    jw_time(&w, 0);
    jw_key(&w, "empty");
    jw_string_or_null(&w, SLICE(""));
    jw_key(&w, "none");
    jw_string_or_null(&w, SLICE_NONE);
    jw_key(&w, "some");
    jw_string_or_null(&w, SLICE("x"));
    jw_object_end(&w);
    assert_int_equal(w.depth, 0);
    assert_content(&b, "{\"text\":\"a\\\"b\",\"k\\n\":-1,\"list\":[true,false,null,{},[],"
                       "{\"raw\":1},450.10],\"at\":\"2025-11-11T10:00:00.000Z\",\"never\":null,"
                       "\"empty\":null,\"none\":null,\"some\":\"x\"}");
    buf_dispose(&b);
}

static void test_a_json_writer_in_a_full_buffer_writes_a_beginning(void **state)
{
    struct buf whole, part;

    (void)state;
    buf_init(&whole, 1000);
    for (size_t max = 0; max < 40; max++) {
        struct buf *both[] = {&whole, &part};

        buf_clear(&whole);
        buf_init(&part, max);
        for (int i = 0; i < 2; i++) {
            struct jw w = jw_on(both[i]);

            jw_array(&w);
            jw_string(&w, SLICE("one\ntwo"));
            jw_i64(&w, 12345);
            jw_money(&w, 678, 2);
            jw_array_end(&w);
        }
        assert_true(part.n <= max);
        assert_int_equal(part.full, whole.n > max);
        assert_memory_equal(part.n > 0 ? part.p : "", whole.p, part.n);
        buf_dispose(&part);
    }
    buf_dispose(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory_is_taken_before_the_first_byte),
        cmocka_unit_test(test_content_survives_growing),
        cmocka_unit_test(test_exactly_the_maximum_fits),
        cmocka_unit_test(test_beyond_the_maximum_the_beginning_stays_and_full_is_set),
        cmocka_unit_test(test_a_printf_or_number_that_does_not_fit_is_dropped_whole),
        cmocka_unit_test(test_a_maximum_of_nothing_takes_nothing),
        cmocka_unit_test(test_reserve_gives_room_that_counts_when_the_caller_says_so),
        cmocka_unit_test(test_numbers_are_written_to_their_limits),
        cmocka_unit_test(test_money_has_exactly_its_decimals),
        cmocka_unit_test(test_json_strings_escape_what_they_must_and_nothing_else),
        cmocka_unit_test(test_bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(test_jansson_reads_back_every_character),
        cmocka_unit_test(test_the_json_writer_puts_the_commas),
        cmocka_unit_test(test_a_json_writer_in_a_full_buffer_writes_a_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
