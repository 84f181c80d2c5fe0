/* test_base_log_line.c: one line per event whatever the values are, and no personal data.
 *
 * The lines are read back by a strict reader of logfmt and by jansson; both must find exactly the
 * fields that were given.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "kvcrm/base/log.h"
#include "log_capture.h"

static void test_a_line_has_time_level_message_and_fields(void **state)
{
    (void)state;
    capture_begin();
    log_info("workspace loaded", LOG_STR("name", SLICE("acme")), LOG_INT("settings", 3));
    log_flush();
    capture_end();
    assert_line_ends("level=info msg=\"workspace loaded\" name=acme settings=3\n");
}

static void test_numbers_are_written_to_their_limits(void **state)
{
    (void)state;
    capture_begin();
    log_info("n", LOG_INT("a", 0), LOG_INT("b", INT64_MIN), LOG_INT("c", INT64_MAX));
    log_flush();
    capture_end();
    assert_line_ends("level=info msg=n a=0 b=-9223372036854775808 c=9223372036854775807\n");
}

static void test_empty_texts_are_left_out(void **state)
{
    (void)state;
    capture_begin();
    log_info("m", LOG_STR("a", SLICE_NONE), LOG_TEXT("b", ""), LOG_TEXT("c", NULL),
             LOG_PHONE("d", SLICE_NONE), LOG_EMAIL("e", SLICE("")), LOG_NAME("f", SLICE("")),
             LOG_INT("g", 0));
    log_flush();
    capture_end();
    assert_line_ends("level=info msg=m g=0\n");
}

/* For static rows, where a compound literal is no constant. */
/* clang-format off */
#define TEXT(literal) {(literal), sizeof(literal) - 1}

static const struct {
    struct slice value, shown; /* shown is absent: as the value */
} evil[] = {
    {TEXT("a b"), {NULL, 0}},
    {TEXT("x\nts=2025-11-11T10:00:00.000Z level=error msg=forged"), {NULL, 0}},
    {TEXT("x\r\nmsg=forged"), {NULL, 0}},
    {TEXT("x level=error"), {NULL, 0}},
    {TEXT("x\" level=error y=\""), {NULL, 0}},
    {TEXT("x\\"), {NULL, 0}},
    {TEXT("x\\\" level=error"), {NULL, 0}},
    {TEXT("\\"), {NULL, 0}},
    {TEXT("\""), {NULL, 0}},
    {TEXT("="), {NULL, 0}},
    {TEXT(" "), {NULL, 0}},
    {TEXT("\t\x01\x1b[2J\x7f"), {NULL, 0}},
    {TEXT("a\0b"), {NULL, 0}},
    {TEXT("\xc2\x85 next line, \xc2\x9b" "31m"), {NULL, 0}},
    {TEXT("\xe2\x80\xa8 and \xe2\x80\xa9"), {NULL, 0}},
    {TEXT("Zo\xc3\xab \xf0\x9f\x98\x80"), {NULL, 0}},
    {TEXT("\xff\xc0\xafx"), TEXT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx")},
    {TEXT("cut \xe2\x82"), TEXT("cut \xef\xbf\xbd\xef\xbf\xbd")},
    {TEXT("\",\"level\":\"error\",\"x\":\""), {NULL, 0}},
    {TEXT("\\u0022}\n{"), {NULL, 0}},
    {TEXT("{\"a\":1}"), {NULL, 0}},
};
/* clang-format on */
enum { EVIL = sizeof(evil) / sizeof(evil[0]) };

static struct slice shown(size_t i)
{
    return evil[i].shown.p != NULL ? evil[i].shown : evil[i].value;
}

static void test_no_value_makes_a_line_or_field_of_its_own_in_logfmt(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVIL; i++) {
        struct pair pairs[MOST_PAIRS];

        capture_begin();
        log_info("m", LOG_STR("evil", evil[i].value), LOG_INT("last", 1));
        log_flush();
        capture_end();
        assert_int_equal(line_count(), 1);
        assert_int_equal(read_logfmt(output.bytes, pairs), 5);
        assert_string_equal(pairs[3].key, "evil");
        assert_int_equal(pairs[3].n, shown(i).n);
        assert_memory_equal(pairs[3].value, shown(i).p, pairs[3].n);
        assert_string_equal(pairs[4].key, "last");
        for (size_t j = 0; j < output.n - 1; j++) /* no control character is written */
            assert_true((unsigned char)output.bytes[j] >= 0x20 && output.bytes[j] != 0x7f);
        assert_null(memmem(output.bytes, output.n, "\xc2\x85", 2));
        assert_null(memmem(output.bytes, output.n, "\xe2\x80\xa8", 3));
    }
}

static void test_no_value_makes_a_line_or_member_of_its_own_in_json(void **state)
{
    (void)state;
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    for (size_t i = 0; i < EVIL; i++) {
        json_t *line, *value;

        capture_begin();
        log_info("m", LOG_STR("evil", evil[i].value), LOG_INT("last", -1));
        log_flush();
        capture_end();
        assert_int_equal(line_count(), 1);
        line = json_loadb(output.bytes, output.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        assert_non_null(line);
        assert_int_equal(json_object_size(line), 5);
        value = json_object_get(line, "evil");
        assert_int_equal(json_string_length(value), shown(i).n);
        assert_memory_equal(json_string_value(value), shown(i).p, shown(i).n);
        assert_int_equal(json_integer_value(json_object_get(line, "last")), -1);
        assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
        json_decref(line);
    }
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
}

static void test_a_message_is_escaped_like_a_value(void **state)
{
    (void)state;
    capture_begin();
    log_info("Received event: a\nb", LOG_INT("n", 1));
    log_flush();
    capture_end();
    assert_line_ends("level=info msg=\"Received event: a\\nb\" n=1\n");
}

/* Lines of every length around the limit, made of texts that need care at the cut. */
static void assert_cut_well(enum log_format format, struct slice unit)
{
    char value[2 * LINE_MOST];
    size_t longest = 0;

    log_setup(LOG_LEVEL_INFO, format);
    for (size_t units = 0; units * unit.n < sizeof(value); units++) {
        struct pair pairs[MOST_PAIRS];
        json_t *line = NULL;

        if (units > 0)
            memcpy(value + (units - 1) * unit.n, unit.p, unit.n);
        capture_begin();
        log_info("m", LOG_INT("first", 1), LOG_STR("v", ((struct slice){value, units * unit.n})),
                 LOG_INT("last", 2));
        log_flush();
        capture_end();
        assert_int_equal(line_count(), 1);
        assert_int_equal(output.bytes[output.n - 1], '\n');
        assert_true(output.n <= LINE_MOST);
        longest = output.n > longest ? output.n : longest;
        if (format == LOG_FORMAT_JSON) {
            line = json_loadb(output.bytes, output.n, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(line);
            assert_int_equal(json_integer_value(json_object_get(line, "first")), 1);
            json_decref(line);
        } else {
            assert_true(read_logfmt(output.bytes, pairs) >= 4);
        }
    }
    assert_in_range(longest, LINE_MOST - 16, LINE_MOST);
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
}

static void test_a_line_that_is_too_long_is_cut_and_still_well_formed(void **state)
{
    (void)state;
    for (int format = LOG_FORMAT_LOGFMT; format <= LOG_FORMAT_JSON; format++) {
        assert_cut_well((enum log_format)format, SLICE("x"));
        assert_cut_well((enum log_format)format, SLICE(" "));
        assert_cut_well((enum log_format)format, SLICE("\""));
        assert_cut_well((enum log_format)format, SLICE("\x01"));
        assert_cut_well((enum log_format)format, SLICE("\xf0\x9f\x98\x80"));
    }
}

static void test_many_fields_beyond_the_limit_are_left_out_whole(void **state)
{
    struct log_field fields[100];
    struct pair pairs[MOST_PAIRS];
    size_t count;

    (void)state;
    for (size_t i = 0; i < 100; i++)
        fields[i] = LOG_TEXT("a_field_with_a_name", "a value");
    capture_begin();
    log_write(LOG_LEVEL_INFO, "m", fields, 100);
    log_flush();
    capture_end();
    assert_int_equal(line_count(), 1);
    assert_true(output.n <= LINE_MOST);
    count = read_logfmt(output.bytes, pairs);
    assert_in_range(count, 20, 60);
    for (size_t i = 3; i < count; i++)
        assert_string_equal(pairs[i].value, "a value");
}

/* Writes the one field and looks how it is shown. */
static void assert_shown(struct log_field field, const char *expected)
{
    struct pair pairs[MOST_PAIRS];

    capture_begin();
    log_write(LOG_LEVEL_INFO, "m", &field, 1);
    log_flush();
    capture_end();
    assert_int_equal(line_count(), 1);
    assert_int_equal(read_logfmt(output.bytes, pairs), 4);
    assert_string_equal(pairs[3].key, field.key);
    assert_string_equal(pairs[3].value, expected);
}

static void test_personal_data_is_masked_by_its_type_and_escaped(void **state)
{
    (void)state;
    assert_shown(LOG_PHONE("p", SLICE("+15551234567")), "+1***67");
    assert_shown(LOG_EMAIL("e", SLICE("jane@example.com")), "j***@e***");
    assert_shown(LOG_EMAIL("e", SLICE("\nx@\"y")), "\n***@\"***");
    assert_shown(LOG_NAME("n", SLICE("Jane Doe")), "J***");
    assert_shown(LOG_NAME("n", SLICE("\n\nlevel=error")), "\n***");
    assert_shown(LOG_NAME("n", SLICE("\xff\xfe")), "\xef\xbf\xbd***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_time_level_message_and_fields),
        cmocka_unit_test(test_numbers_are_written_to_their_limits),
        cmocka_unit_test(test_empty_texts_are_left_out),
        cmocka_unit_test(test_no_value_makes_a_line_or_field_of_its_own_in_logfmt),
        cmocka_unit_test(test_no_value_makes_a_line_or_member_of_its_own_in_json),
        cmocka_unit_test(test_a_message_is_escaped_like_a_value),
        cmocka_unit_test(test_a_line_that_is_too_long_is_cut_and_still_well_formed),
        cmocka_unit_test(test_many_fields_beyond_the_limit_are_left_out_whole),
        cmocka_unit_test(test_personal_data_is_masked_by_its_type_and_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
