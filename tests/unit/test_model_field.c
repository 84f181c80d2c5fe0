/* test_model_field.c: bodies against a field table: values, faults, what is absent and what is
 * kept.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/field.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum {
    IN_TITLE,
    IN_NOTE,
    IN_REF,
    IN_DUE_AT,
    IN_SCORE,
    IN_ACTIVE,
    IN_AMOUNT,
    IN_CUSTOMER,
    IN_CUSTOMER_ID,
    IN_CUSTOMER_EMAIL,
    IN_CUSTOMER_ADDRESS,
    IN_CUSTOMER_ADDRESS_CITY,
    IN_DATA,
    IN_TAGS,
    IN_ANY,
    IN_SEEN_AT,
    IN_PRICE
};
static const struct field table[] = {
    [IN_TITLE] = {.name = "title", .type = FIELD_LINE, .need = REQUIRED, .max = 10},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = 10},
    [IN_REF] = {.name = "ref", .type = FIELD_ID, .max = 12},
    [IN_DUE_AT] = {.name = "due_at", .type = FIELD_TIME},
    [IN_SCORE] = {.name = "score", .type = FIELD_INT, .least = 0, .max = 10},
    [IN_ACTIVE] = {.name = "active", .type = FIELD_BOOL},
    [IN_AMOUNT] = {.name = "amount", .type = FIELD_MONEY},
    [IN_CUSTOMER] = {.name = "customer", .type = FIELD_OBJECT},
    [IN_CUSTOMER_ID] = {.name = "customer.id", .type = FIELD_ID, .need = REQUIRED},
    [IN_CUSTOMER_EMAIL] = {.name = "customer.email", .type = FIELD_LINE, .max = 254},
    [IN_CUSTOMER_ADDRESS] = {.name = "customer.address", .type = FIELD_OBJECT},
    [IN_CUSTOMER_ADDRESS_CITY] = {.name = "customer.address.city",
                                  .type = FIELD_LINE,
                                  .need = REQUIRED},
    [IN_DATA] = {.name = "data", .type = FIELD_OBJECT, .max = 40},
    [IN_TAGS] = {.name = "tags", .type = FIELD_ARRAY, .max = 3},
    [IN_ANY] = {.name = "any", .type = FIELD_JSON, .max = 20},
    [IN_SEEN_AT] = {.name = "seen_at", .type = FIELD_TIME, .lenient = true},
    [IN_PRICE] = {.name = "price", .type = FIELD_MONEY, .lenient = true},
    {.name = NULL},
};

enum { STRICT, CAPTURE };

static struct arena arena;
static struct field_result result;

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

static void check(bool capture, const char *json)
{
    struct jr_value root = {0};
    struct jr_fault fault;
    if (jr_parse(slice_of(json), &root, &fault) != OK)
        fail_msg("%s: %s", fault.detail, json);
    memset(&result, 0x55, sizeof(result));
    field_check(table, root, capture, 2, &arena, &result);
}

static void assert_fault(unsigned i, const char *field, const char *code, const char *detail)
{
    assert_true(i < result.faults.count);
    const struct fault *fault = &result.faults.list[i];
    if (!slice_is(fault->field, field) || strcmp(fault->code, code) != 0 ||
        !slice_is(fault->detail, detail))
        fail_msg("%.*s: %s: %.*s", SLICE_ARGS(fault->field), fault->code,
                 SLICE_ARGS(fault->detail));
}

/* The only fault of the body {"title":"x","<name>":<json>}. */
static void assert_refused(const char *name, const char *json, const char *code, const char *detail)
{
    char body[400];
    snprintf(body, sizeof(body), "{\"title\":\"x\",\"%s\":%s}", name, json);
    for (int capture = STRICT; capture <= CAPTURE; capture++) {
        check(capture, body);
        assert_int_equal(result.faults.count, 1);
        assert_fault(0, name, code, detail);
    }
}

static const struct field_value *value(bool capture, const char *name, const char *json, int row)
{
    char body[400];
    snprintf(body, sizeof(body), "{\"title\":\"x\",\"%s\":%s}", name, json);
    check(capture, body);
    if (result.faults.count != 0)
        fail_msg("%s: %.*s", body, SLICE_ARGS(result.faults.list[0].detail));
    return &result.values[row];
}

static void assert_text(const char *name, const char *json, int row, const char *text)
{
    const struct field_value *v = value(STRICT, name, json, row);
    assert_true(v->present && !v->is_null);
    if (!slice_is(v->text, text))
        fail_msg("%s: \"%.*s\"", json, SLICE_ARGS(v->text));
}

static void assert_number(const char *name, const char *json, int row, int64_t number)
{
    for (int capture = STRICT; capture <= CAPTURE; capture++) {
        const struct field_value *v = value(capture, name, json, row);
        assert_true(v->present && !v->is_null);
        if (v->number != number)
            fail_msg("%s: %lld", json, (long long)v->number);
    }
}

static void test_a_line_is_trimmed_and_free_text_is_not(void **state)
{
    (void)state;
    check(STRICT, "{\"title\":\" \\t\\r\\n\\u000b\\f a b \\n\"}");
    assert_true(slice_is(result.values[IN_TITLE].text, "a b"));
    assert_text("note", "\" a \\n\"", IN_NOTE, " a \n");
    assert_text("ref", "\" a7 \"", IN_REF, "a7");
    /* Other blanks than ASCII's belong to the text. */
    check(STRICT, "{\"title\":\"\xC2\xA0x\xC2\xA0\"}");
    assert_true(slice_is(result.values[IN_TITLE].text, "\xC2\xA0x\xC2\xA0"));
}

static void test_lengths_are_code_points_after_trimming(void **state)
{
    (void)state;
    assert_text("note", "\"1234567890\"", IN_NOTE, "1234567890");
    assert_text("note", "\"\xF0\x9F\x98\x80\\uD83D\\uDE00\xC3\xA9 567890\"", IN_NOTE,
                "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xC3\xA9 567890");
    assert_refused("note", "\"12345678901\"", "length", "Expected at most 10 characters");
    assert_refused("note",
                   "\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
                   "\xC3\xA9\xC3\xA9\xC3\xA9\"",
                   "length", "Expected at most 10 characters");
    assert_text("ref", "\"      123456789012      \"", IN_REF, "123456789012");
    assert_refused("ref", "1234567890123", "length", "Expected at most 12 characters");
}

static void test_characters_are_counted_as_code_points(void **state)
{
    (void)state;
    assert_int_equal(field_chars(SLICE_NONE), 0);
    assert_int_equal(field_chars(SLICE("abc")), 3);
    assert_int_equal(field_chars(SLICE("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
    assert_int_equal(field_chars(SLICE("e\xCC\x81")), 2);
}

static void test_only_text_is_text(void **state)
{
    static const char *const others[] = {"1", "1.5", "true", "[]", "{}", "[\"x\"]"};
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        assert_refused("note", others[i], "type", "Expected text");
    check(STRICT, "{\"title\":5}");
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "title", "type", "Expected text");
}

static void test_an_id_is_text_or_an_integer_with_its_text(void **state)
{
    static const char *const others[] = {"1.0", "1e3", "true", "[]", "{}"};
    (void)state;
    assert_text("ref", "\"u-7\"", IN_REF, "u-7");
    assert_text("ref", "7", IN_REF, "7");
    assert_text("ref", "-7", IN_REF, "-7");
    assert_text("ref", "0", IN_REF, "0");
    assert_text("ref", "123456789012", IN_REF, "123456789012");
    for (size_t i = 0; i < COUNT(others); i++)
        assert_refused("ref", others[i], "type", "Expected text or an integer");
}

static void test_a_text_row_without_maximum_has_that_of_its_type(void **state)
{
    char text[160];
    (void)state;
    snprintf(text, sizeof(text), "\"%0128d\"", 1);
    char body[300];
    snprintf(body, sizeof(body), "{\"title\":\"x\",\"customer\":{\"id\":%s}}", text);
    check(STRICT, body);
    assert_int_equal(result.faults.count, 0);
    snprintf(text, sizeof(text), "\"%0129d\"", 1);
    snprintf(body, sizeof(body), "{\"title\":\"x\",\"customer\":{\"id\":%s}}", text);
    check(STRICT, body);
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "customer.id", "length", "Expected at most 128 characters");
}

static void test_a_time_is_rfc_3339_or_unix_milliseconds(void **state)
{
    static const char detail[] = "Expected RFC 3339 time or Unix milliseconds";
    static const char *const bad[] = {"\"tomorrow\"",
                                      "1.5",
                                      "1e12",
                                      "true",
                                      "[]",
                                      "{}",
                                      "253402300800000",
                                      "\"2025-13-01\"",
                                      "99999999999999999999",
                                      "-62167219200001"};
    (void)state;
    assert_number("due_at", "\"2025-11-11T10:00:00.000Z\"", IN_DUE_AT, INT64_C(1762855200000));
    assert_number("due_at", "\" 2025-11-11T12:00:00+02:00 \"", IN_DUE_AT, INT64_C(1762855200000));
    assert_number("due_at", "\"2025-11-11\"", IN_DUE_AT, INT64_C(1762819200000));
    assert_number("due_at", "1762855200000", IN_DUE_AT, INT64_C(1762855200000));
    assert_number("due_at", "0", IN_DUE_AT, 0);
    assert_number("due_at", "-1", IN_DUE_AT, -1);
    assert_number("due_at", "253402300799999", IN_DUE_AT, INT64_C(253402300799999));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused("due_at", bad[i], "time", detail);
}

static void test_an_integer_stays_in_its_range(void **state)
{
    static const char detail[] = "Expected an integer from 0 to 10";
    static const char *const out[] = {
        "-1",    "11",     "1.5",    "1e1", "9223372036854775808",
        "1e309", "\"11\"", "\"-1\"", "1.0", "\"99999999999999999999\""};
    static const char *const other[] = {"\"ten\"", "\"1.5\"", "\"-\"", "\"+1\"",
                                        "\"0x1\"", "true",    "[]",    "{}"};
    (void)state;
    assert_number("score", "0", IN_SCORE, 0);
    assert_number("score", "-0", IN_SCORE, 0);
    assert_number("score", "10", IN_SCORE, 10);
    assert_number("score", "\"7\"", IN_SCORE, 7);
    assert_number("score", "\" 7 \"", IN_SCORE, 7);
    for (size_t i = 0; i < COUNT(out); i++)
        assert_refused("score", out[i], "range", detail);
    for (size_t i = 0; i < COUNT(other); i++)
        assert_refused("score", other[i], "type", detail);
}

static void test_a_boolean_is_a_word_or_its_text(void **state)
{
    static const char *const bad[] = {"0", "1", "\"yes\"", "\"True\"", "[]", "{}", "\"1\""};
    (void)state;
    assert_number("active", "true", IN_ACTIVE, 1);
    assert_number("active", "false", IN_ACTIVE, 0);
    assert_number("active", "\"true\"", IN_ACTIVE, 1);
    assert_number("active", "\"false\"", IN_ACTIVE, 0);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused("active", bad[i], "type", "Expected true or false");
}

static void test_money_is_exact_minor_units(void **state)
{
    static const char *const bad[] = {"-1",    "-0.01",    "\"-5\"", "10000000000.01",
                                      "1e308", "true",     "\"a\"",  "[]",
                                      "{}",    "\"1,50\"", "1e11",   "\"NaN\""};
    (void)state;
    assert_number("amount", "450.1", IN_AMOUNT, 45010);
    assert_number("amount", "450.10", IN_AMOUNT, 45010);
    assert_number("amount", "\"19.99\"", IN_AMOUNT, 1999);
    assert_number("amount", "\"1\\u0039\"", IN_AMOUNT, 1900);
    assert_number("amount", "0.005", IN_AMOUNT, 1);
    assert_number("amount", "1e3", IN_AMOUNT, 100000);
    assert_number("amount", "10000000000", IN_AMOUNT, INT64_C(1000000000000));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused("amount", bad[i], "money", "Expected an amount from 0 to 10000000000");
}

static void test_what_is_unreadable_counts_as_absent_in_a_lenient_row(void **state)
{
    (void)state;
    for (int capture = STRICT; capture <= CAPTURE; capture++) {
        assert_false(value(capture, "seen_at", "\"tomorrow\"", IN_SEEN_AT)->present);
        assert_false(value(capture, "seen_at", "{}", IN_SEEN_AT)->present);
        assert_false(value(capture, "price", "-1", IN_PRICE)->present);
        assert_false(value(capture, "price", "\"free\"", IN_PRICE)->present);
        assert_true(value(capture, "price", "1.5", IN_PRICE)->present);
        assert_int_equal(result.values[IN_PRICE].number, 150);
    }
}

static void test_objects_arrays_and_any_value_keep_their_source(void **state)
{
    const struct field_value *v = value(STRICT, "data", "{ \"a\" : 450.10 }", IN_DATA);
    (void)state;
    assert_true(slice_is(v->json.raw, "{ \"a\" : 450.10 }"));
    v = value(STRICT, "tags", "[1,\"b\" ,{}]", IN_TAGS);
    assert_true(slice_is(v->json.raw, "[1,\"b\" ,{}]"));
    v = value(STRICT, "any", "[ {} ]", IN_ANY);
    assert_true(slice_is(v->json.raw, "[ {} ]"));
    v = value(STRICT, "any", "-1e5", IN_ANY);
    assert_int_equal(v->json.type, JR_NUMBER);
    /* An object without nested rows takes any member. */
    value(STRICT, "data", "{\"x\":{\"y\":null},\"\":[]}", IN_DATA);
    value(CAPTURE, "data", "{\"x\":{\"y\":null},\"\":[]}", IN_DATA);
    assert_int_equal(result.extra_count, 0);
}

static void test_objects_and_arrays_have_their_type_and_their_size(void **state)
{
    (void)state;
    assert_refused("data", "[]", "type", "Expected an object");
    assert_refused("data", "\"{}\"", "type", "Expected an object");
    assert_refused("customer", "7", "type", "Expected an object");
    assert_refused("tags", "{}", "type", "Expected an array");
    assert_refused("tags", "\"a,b\"", "type", "Expected an array");
    assert_refused("tags", "[1,2,3,4]", "length", "Expected at most 3 elements");
    assert_refused("data", "{\"a\":\"1234567890123456789012345678901234\"}", "length",
                   "Expected at most 40 bytes of JSON");
    assert_refused("any", "\"1234567890123456789\"", "length", "Expected at most 20 bytes of JSON");
    assert_true(value(STRICT, "tags", "[1,2,3]", IN_TAGS)->present);
    assert_true(value(STRICT, "any", "\"123456789012345678\"", IN_ANY)->present);
}

/* Optional fields of all types. */
static const struct {
    const char *name;
    int row;
} optional[] = {
    {"note", IN_NOTE},     {"ref", IN_REF},           {"due_at", IN_DUE_AT}, {"score", IN_SCORE},
    {"active", IN_ACTIVE}, {"amount", IN_AMOUNT},     {"data", IN_DATA},     {"tags", IN_TAGS},
    {"any", IN_ANY},       {"customer", IN_CUSTOMER},
};

static void test_on_capture_null_and_empty_text_mean_absent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(optional); i++) {
        assert_false(value(CAPTURE, optional[i].name, "null", optional[i].row)->present);
        assert_false(result.values[optional[i].row].is_null);
        assert_false(value(CAPTURE, optional[i].name, "\"\"", optional[i].row)->present);
        assert_int_equal(result.extra_count, 0);
    }
    assert_false(value(CAPTURE, "ref", "\" \"", IN_REF)->present);
    assert_true(value(CAPTURE, "note", "\" \"", IN_NOTE)->present);
}

static void test_elsewhere_null_and_empty_text_are_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(optional); i++) {
        assert_true(value(STRICT, optional[i].name, "null", optional[i].row)->present);
        assert_true(result.values[optional[i].row].is_null);
    }
    assert_text("note", "\"\"", IN_NOTE, "");
    assert_text("ref", "\" \"", IN_REF, "");
    check(STRICT, "{\"title\":\"x\",\"amount\":\"\"}");
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "amount", "money", "Expected an amount from 0 to 10000000000");
}

static void test_nothing_that_was_sent_is_echoed(void **state)
{
    (void)state;
    check(STRICT, "{\"title\":[\"Secret\"],\"note\":{\"Secret\":1},\"ref\":[\"Secret\"],"
                  "\"due_at\":\"Secret\",\"score\":\"Secret\",\"active\":\"Secret\","
                  "\"amount\":\"Secret\",\"customer\":\"Secret\",\"data\":\"Secret\","
                  "\"tags\":\"Secret\",\"any\":\"Secret Secret Secret\"}");
    assert_int_equal(result.faults.count, 11);
    for (unsigned i = 0; i < result.faults.count; i++)
        assert_null(strstr(result.faults.list[i].detail.p, "Secret")); /* arena text ends in NUL */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_is_trimmed_and_free_text_is_not),
        cmocka_unit_test(test_lengths_are_code_points_after_trimming),
        cmocka_unit_test(test_characters_are_counted_as_code_points),
        cmocka_unit_test(test_only_text_is_text),
        cmocka_unit_test(test_an_id_is_text_or_an_integer_with_its_text),
        cmocka_unit_test(test_a_text_row_without_maximum_has_that_of_its_type),
        cmocka_unit_test(test_a_time_is_rfc_3339_or_unix_milliseconds),
        cmocka_unit_test(test_an_integer_stays_in_its_range),
        cmocka_unit_test(test_a_boolean_is_a_word_or_its_text),
        cmocka_unit_test(test_money_is_exact_minor_units),
        cmocka_unit_test(test_what_is_unreadable_counts_as_absent_in_a_lenient_row),
        cmocka_unit_test(test_objects_arrays_and_any_value_keep_their_source),
        cmocka_unit_test(test_objects_and_arrays_have_their_type_and_their_size),
        cmocka_unit_test(test_on_capture_null_and_empty_text_mean_absent),
        cmocka_unit_test(test_elsewhere_null_and_empty_text_are_values),
        cmocka_unit_test(test_nothing_that_was_sent_is_echoed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
