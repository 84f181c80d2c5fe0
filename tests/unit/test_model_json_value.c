/* test_model_json_value.c: iteration, members, texts and numbers of what jr_parse has taken.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "kvcrm/model/json.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static struct jr_value parsed(struct slice text)
{
    struct jr_value root = {0};
    struct jr_fault fault;
    if (jr_parse(text, &root, &fault) != OK)
        fail_msg("refused (%s): %.*s", fault.detail, SLICE_ARGS(text));
    return root;
}

static void assert_slice(struct slice s, struct slice expected)
{
    if (!slice_eq(s, expected))
        fail_msg("\"%.*s\" instead of \"%.*s\"", SLICE_ARGS(s), SLICE_ARGS(expected));
}

static void test_the_root_is_the_value_without_the_blanks_around_it(void **state)
{
    (void)state;
    assert_slice(parsed(SLICE(" \n{ \"a\" : 1 } \t")).raw, SLICE("{ \"a\" : 1 }"));
    assert_slice(parsed(SLICE(" 450.10 ")).raw, SLICE("450.10"));
    assert_false(parsed(SLICE("\"plain\"")).escaped);
    assert_true(parsed(SLICE("\"tab\\t\"")).escaped);
}

static void test_members_come_in_order_as_slices_of_the_source(void **state)
{
    static const struct {
        struct slice name, raw;
        enum jr_type type;
        bool escaped;
    } rows[] = {
        {SLICE_CONST("\"n\""), SLICE_CONST("450.10"), JR_NUMBER, false},
        {SLICE_CONST("\"s\""), SLICE_CONST("\"x\""), JR_STRING, false},
        {SLICE_CONST("\"e\""), SLICE_CONST("\"a\\\"}]\\\\\""), JR_STRING, true},
        {SLICE_CONST("\"o\""), SLICE_CONST("{\"}\" : [ \"]\", {} ] }"), JR_OBJECT, false},
        {SLICE_CONST("\"a\""), SLICE_CONST("[ 1,[2 ],\"\\\\\"]"), JR_ARRAY, false},
        {SLICE_CONST("\"\""), SLICE_CONST("null"), JR_NULL, false},
        {SLICE_CONST("\"\\u0074\""), SLICE_CONST("true"), JR_TRUE, false},
        {SLICE_CONST("\"a long name of more than sixteen bytes\""), SLICE_CONST("false"), JR_FALSE,
         false},
        {SLICE_CONST("\"z\""), SLICE_CONST("-0"), JR_NUMBER, false},
    };
    struct jr_value root = parsed(SLICE(
        "{\"n\":450.10,\"s\" :\"x\", \"e\": \"a\\\"}]\\\\\" ,\n\"o\" : {\"}\" : [ \"]\", {} ] } "
        ",\"a\":[ 1,[2 ],\"\\\\\"],\"\":null,\"\\u0074\":true,"
        "\"a long name of more than sixteen bytes\":false\t,\"z\":-0}"));
    struct jr_iter it = jr_iter(root);
    struct jr_value name, value;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(jr_next(&it, &name, &value));
        assert_slice(name.raw, rows[i].name);
        assert_int_equal(name.type, JR_STRING);
        assert_slice(value.raw, rows[i].raw);
        assert_int_equal(value.type, rows[i].type);
        assert_int_equal(value.escaped, rows[i].escaped);
    }
    assert_false(jr_next(&it, &name, &value));
    assert_false(jr_next(&it, &name, &value));
}

static void test_elements_come_in_order_and_leave_the_name_alone(void **state)
{
    struct jr_iter it = jr_iter(parsed(SLICE("[ 1 ,\"b\",[3],{\"c\":4},null ]")));
    const struct slice expected[] = {SLICE("1"), SLICE("\"b\""), SLICE("[3]"), SLICE("{\"c\":4}"),
                                     SLICE("null")};
    struct jr_value name = {.raw = SLICE_NONE, .type = JR_ARRAY}, value;
    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_true(jr_next(&it, i % 2 == 0 ? NULL : &name, &value));
        assert_slice(value.raw, expected[i]);
    }
    assert_false(jr_next(&it, &name, &value));
    assert_int_equal(name.type, JR_ARRAY);
    assert_null(name.raw.p);
}

static void test_nothing_is_in_what_is_empty_or_no_container(void **state)
{
    const struct slice texts[] = {SLICE("{}"),   SLICE("[]"),        SLICE("{ \n}"), SLICE("[\t]"),
                                  SLICE("null"), SLICE("\"[1,2]\""), SLICE("12"),    SLICE("true")};
    struct jr_value name, value;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct jr_iter it = jr_iter(parsed(texts[i]));
        assert_false(jr_next(&it, &name, &value));
        assert_false(jr_member(parsed(texts[i]), SLICE("a"), &value));
    }
}

static void test_a_member_is_found_by_its_name_however_it_is_spelled(void **state)
{
    struct jr_value root =
        parsed(SLICE("{\"a\":1,\"\\u0062\":2,\"a\\/b\":3,\"ab\":{\"x\":5},\"\":6}"));
    struct jr_value value;
    (void)state;
    assert_true(jr_member(root, SLICE("a"), &value));
    assert_slice(value.raw, SLICE("1"));
    assert_true(jr_member(root, SLICE("b"), &value));
    assert_slice(value.raw, SLICE("2"));
    assert_true(jr_member(root, SLICE("a/b"), &value));
    assert_slice(value.raw, SLICE("3"));
    assert_true(jr_member(root, SLICE("ab"), &value));
    assert_slice(value.raw, SLICE("{\"x\":5}"));
    assert_true(jr_member(root, SLICE(""), &value));
    assert_slice(value.raw, SLICE("6"));
    assert_false(jr_member(root, SLICE("x"), &value));
    assert_false(jr_member(root, SLICE("A"), &value));
    assert_false(jr_member(root, SLICE("\\u0062"), &value));
    assert_slice(value.raw, SLICE("6"));
    assert_false(jr_member(parsed(SLICE("[\"a\"]")), SLICE("a"), &value));
}

static void test_texts_come_with_their_escapes_resolved(void **state)
{
    static const struct {
        struct slice json, text;
    } rows[] = {
        {SLICE_CONST("\"\""), SLICE_CONST("")},
        {SLICE_CONST("\"plain\""), SLICE_CONST("plain")},
        {SLICE_CONST("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SLICE_CONST("\"\\/\b\f\n\r\t")},
        {SLICE_CONST("\"a\\u0041\\u00e9\\u20AC\\uD83D\\uDE00z\""),
         SLICE_CONST("aA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z")},
        {SLICE_CONST("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff\""),
         SLICE_CONST(
             "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
        {SLICE_CONST("\"\xC3\xA9\\n\xF0\x9F\x98\x80\""), SLICE_CONST("\xC3\xA9\n\xF0\x9F\x98\x80")},
        {SLICE_CONST("\"\\\\u0041\""), SLICE_CONST("\\u0041")},
        {SLICE_CONST("\"many plain bytes before the first escape\\tand many behind it\""),
         SLICE_CONST("many plain bytes before the first escape\tand many behind it")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct jr_value string = parsed(rows[i].json);
        assert_slice(jr_text(string, &arena), rows[i].text);
        assert_true(jr_string_is(string, rows[i].text));
        assert_true(jr_is_text(string));
        assert_int_equal(string.escaped, memchr(rows[i].json.p, '\\', rows[i].json.n) != NULL);
        struct slice shorter = {rows[i].text.p, rows[i].text.n > 0 ? rows[i].text.n - 1 : 0};
        assert_int_equal(jr_string_is(string, shorter), shorter.n == rows[i].text.n);
        assert_false(jr_string_is(string, SLICE("something else")));
        assert_false(jr_string_is(string, arena_join(&arena, 2, rows[i].text, SLICE("."))));
    }
}

static void test_a_text_without_escapes_is_a_slice_of_the_source(void **state)
{
    struct jr_value string = parsed(SLICE("\"plain\""));
    (void)state;
    assert_ptr_equal(jr_text(string, &arena).p, string.raw.p + 1);
    assert_non_null(jr_text(parsed(SLICE("\"\"")), &arena).p);
}

static void test_integers_are_exact_and_nothing_else_is_one(void **state)
{
    static const struct {
        struct slice text;
        bool good;
        int64_t value;
    } rows[] = {
        {SLICE_CONST("0"), true, 0},
        {SLICE_CONST("-0"), true, 0},
        {SLICE_CONST("7"), true, 7},
        {SLICE_CONST("-7"), true, -7},
        {SLICE_CONST("9007199254740993"), true, INT64_C(9007199254740993)},
        {SLICE_CONST("9223372036854775807"), true, INT64_MAX},
        {SLICE_CONST("-9223372036854775808"), true, INT64_MIN},
        {SLICE_CONST("9223372036854775808"), false, 0},
        {SLICE_CONST("-9223372036854775809"), false, 0},
        {SLICE_CONST("92233720368547758070"), false, 0},
        {SLICE_CONST("18446744073709551616"), false, 0},
        {SLICE_CONST("1.0"), false, 0},
        {SLICE_CONST("1e3"), false, 0},
        {SLICE_CONST("1E0"), false, 0},
        {SLICE_CONST("-0.0"), false, 0},
        {SLICE_CONST("\"7\""), false, 0},
        {SLICE_CONST("true"), false, 0},
        {SLICE_CONST("null"), false, 0},
        {SLICE_CONST("[1]"), false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t value = 4711;
        assert_int_equal(jr_i64(parsed(rows[i].text), &value), rows[i].good);
        assert_true(value == (rows[i].good ? rows[i].value : 4711));
    }
}

static void test_doubles_are_the_nearest_and_finite(void **state)
{
    static const struct {
        struct slice text;
        double value; /* NAN: none */
    } rows[] = {
        {SLICE_CONST("0"), 0.0},
        {SLICE_CONST("1"), 1.0},
        {SLICE_CONST("-450.10"), -450.10},
        {SLICE_CONST("0.1"), 0.1},
        {SLICE_CONST("1e3"), 1000.0},
        {SLICE_CONST("1E+3"), 1000.0},
        {SLICE_CONST("25e-2"), 0.25},
        {SLICE_CONST("0.000012345"), 0.000012345},
        {SLICE_CONST("100.00100"), 100.001},
        {SLICE_CONST("9007199254740993"), 9007199254740992.0},
        {SLICE_CONST("1.7976931348623157e308"), 1.7976931348623157e308},
        {SLICE_CONST("1e309"), NAN},
        {SLICE_CONST("-1e309"), NAN},
        {SLICE_CONST("1e99999999999999999999"), NAN},
        {SLICE_CONST("1e-400"), 0.0},
        {SLICE_CONST("1e-99999999999999999999"), 0.0},
        {SLICE_CONST("0e99999999999999999999"), 0.0},
        {SLICE_CONST("5e-324"), 5e-324},
        {SLICE_CONST("2.2250738585072011e-308"), 2.2250738585072011e-308},
        {SLICE_CONST("\"1\""), NAN},
        {SLICE_CONST("null"), NAN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double value = -4711;
        bool good = jr_double(parsed(rows[i].text), &value);
        assert_int_equal(good, !isnan(rows[i].value));
        assert_true(value == (good ? rows[i].value : -4711));
    }
    double zero = 1;
    assert_true(jr_double(parsed(SLICE("-0.0")), &zero));
    assert_true(zero == 0 && signbit(zero));
}

static double long_double(const char *begin, char filler, size_t count, const char *end)
{
    char *text = malloc(strlen(begin) + count + strlen(end) + 1);
    double value = NAN;
    assert_non_null(text);
    size_t n = strlen(begin);
    memcpy(text, begin, n);
    memset(text + n, filler, count);
    strcpy(text + n + count, end);
    if (!jr_double(parsed(slice_of(text)), &value))
        value = NAN;
    free(text);
    return value;
}

static void test_a_number_of_any_length_has_its_nearest_double(void **state)
{
    (void)state;
    assert_true(long_double("1", '0', 3000, "e-3000") == 1.0);
    assert_true(long_double("0.", '0', 3000, "1e3001") == 1.0);
    assert_true(long_double("0.", '3', 3000, "") == 1.0 / 3);
    assert_true(long_double("-0.", '0', 3000, "") == 0.0);
    assert_true(isnan(long_double("1", '0', 3000, "")));
    /* Halfway between 2^53 and its successor: down to even, unless something follows, however far.
     */
    assert_true(long_double("9007199254740993.", '0', 3000, "") == 9007199254740992.0);
    assert_true(long_double("9007199254740993.", '0', 3000, "1") == 9007199254740994.0);
    assert_true(long_double("9007199254740993", '0', 3000, "1e-3001") == 9007199254740994.0);
    assert_true(long_double("9007199254740992.", '9', 3000, "") == 9007199254740992.0);
}

static void test_a_walk_finds_every_value_of_a_deep_text(void **state)
{
    char text[400] = "";
    (void)state;
    for (int i = 0; i < 16; i++)
        strcat(text, "{\"]}\":[");
    strcat(text, "\"end\"");
    for (int i = 0; i < 16; i++)
        strcat(text, "]}");
    struct jr_value value = parsed(slice_of(text));
    for (int level = 0; level < 32; level++) {
        struct jr_iter it = jr_iter(value);
        struct jr_value name, inner, none;
        assert_true(jr_next(&it, &name, &inner));
        assert_false(jr_next(&it, &name, &none));
        assert_int_equal(inner.raw.n, value.raw.n - (value.type == JR_OBJECT ? 7 : 2));
        value = inner;
    }
    assert_true(jr_string_is(value, SLICE("end")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_root_is_the_value_without_the_blanks_around_it),
        cmocka_unit_test(test_members_come_in_order_as_slices_of_the_source),
        cmocka_unit_test(test_elements_come_in_order_and_leave_the_name_alone),
        cmocka_unit_test(test_nothing_is_in_what_is_empty_or_no_container),
        cmocka_unit_test(test_a_member_is_found_by_its_name_however_it_is_spelled),
        cmocka_unit_test(test_texts_come_with_their_escapes_resolved),
        cmocka_unit_test(test_a_text_without_escapes_is_a_slice_of_the_source),
        cmocka_unit_test(test_integers_are_exact_and_nothing_else_is_one),
        cmocka_unit_test(test_doubles_are_the_nearest_and_finite),
        cmocka_unit_test(test_a_number_of_any_length_has_its_nearest_double),
        cmocka_unit_test(test_a_walk_finds_every_value_of_a_deep_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
