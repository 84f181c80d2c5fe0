/* test_model_field_body.c: whole bodies: names, nesting, what is required, what is unknown.
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
    IN_AMOUNT,
    IN_CUSTOMER,
    IN_CUSTOMER_ID,
    IN_CUSTOMER_EMAIL,
    IN_CUSTOMER_ADDRESS,
    IN_CUSTOMER_ADDRESS_CITY,
    IN_TAGS
};
static const struct field table[] = {
    [IN_TITLE] = {.name = "title", .type = FIELD_LINE, .need = REQUIRED, .max = 10},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT},
    [IN_REF] = {.name = "ref", .type = FIELD_ID},
    [IN_DUE_AT] = {.name = "due_at", .type = FIELD_TIME},
    [IN_SCORE] = {.name = "score", .type = FIELD_INT, .least = 0, .max = 10},
    [IN_AMOUNT] = {.name = "amount", .type = FIELD_MONEY},
    [IN_CUSTOMER] = {.name = "customer", .type = FIELD_OBJECT},
    [IN_CUSTOMER_ID] = {.name = "customer.id", .type = FIELD_ID, .need = REQUIRED},
    [IN_CUSTOMER_EMAIL] = {.name = "customer.email", .type = FIELD_LINE, .max = 254},
    [IN_CUSTOMER_ADDRESS] = {.name = "customer.address", .type = FIELD_OBJECT},
    [IN_CUSTOMER_ADDRESS_CITY] = {.name = "customer.address.city",
                                  .type = FIELD_LINE,
                                  .need = REQUIRED},
    [IN_TAGS] = {.name = "tags", .type = FIELD_ARRAY},
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

static void test_members_fill_the_rows_of_their_names_in_any_order(void **state)
{
    (void)state;
    check(STRICT, "{\"amount\":450.1,\"ref\":7,\"customer\":{\"email\":\"e\",\"id\":\"i\"},"
                  "\"t\\u0069tle\":\"T\"}");
    assert_int_equal(result.faults.count, 0);
    assert_true(slice_is(result.values[IN_TITLE].text, "T"));
    assert_true(slice_is(result.values[IN_REF].text, "7"));
    assert_int_equal(result.values[IN_AMOUNT].number, 45010);
    assert_true(slice_is(result.values[IN_CUSTOMER_ID].text, "i"));
    assert_true(slice_is(result.values[IN_CUSTOMER_EMAIL].text, "e"));
    assert_false(result.values[IN_NOTE].present);
    assert_false(result.values[IN_CUSTOMER_ADDRESS].present);
}

static void test_a_required_field_is_missing_when_absent_null_or_empty(void **state)
{
    static const char *const bodies[] = {"{}", "{\"title\":null}", "{\"title\":\"\"}",
                                         "{\"title\":\" \\n \"}", "{\"note\":\"x\"}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        for (int capture = STRICT; capture <= CAPTURE; capture++) {
            check(capture, bodies[i]);
            assert_int_equal(result.faults.count, 1);
            assert_fault(0, "title", "required", "Required");
        }
    }
}

static void test_a_missing_field_is_not_blamed_for_its_type_too(void **state)
{
    static const struct field score[] = {
        {.name = "score", .type = FIELD_INT, .need = REQUIRED, .max = 10},
        {.name = NULL},
    };
    struct jr_value root = {0};
    struct jr_fault fault;
    (void)state;
    assert_int_equal(jr_parse(SLICE("{\"score\":\"\"}"), &root, &fault), OK);
    field_check(score, root, STRICT, 2, &arena, &result);
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "score", "required", "Required");
}

static void test_a_nested_field_is_required_only_when_its_object_is_there(void **state)
{
    (void)state;
    check(STRICT, "{\"title\":\"x\"}");
    assert_int_equal(result.faults.count, 0);
    check(CAPTURE, "{\"title\":\"x\",\"customer\":null}");
    assert_int_equal(result.faults.count, 0);
    check(STRICT, "{\"title\":\"x\",\"customer\":null}");
    assert_int_equal(result.faults.count, 0);
    check(STRICT, "{\"title\":\"x\",\"customer\":{}}");
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "customer.id", "required", "Required");
    check(STRICT, "{\"title\":\"x\",\"customer\":{\"id\":1,\"address\":{}}}");
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "customer.address.city", "required", "Required");
    /* A type fault is not told twice. */
    check(STRICT, "{\"title\":\"x\",\"customer\":\"Ann\"}");
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "customer", "type", "Expected an object");
}

static void test_unknown_members_are_faults(void **state)
{
    (void)state;
    check(STRICT, "{\"title\":\"x\",\"Title\":1,\"\":2,\"caf\\u00e9\":3,\"customer\":{\"id\":1,"
                  "\"nick\":\"n\"},\"customer.id\":4,\"customer.\":5}");
    assert_int_equal(result.faults.count, 6);
    assert_fault(0, "Title", "unknown_field", "There is no such field");
    assert_fault(1, "", "unknown_field", "There is no such field");
    assert_fault(2, "caf\xC3\xA9", "unknown_field", "There is no such field");
    assert_fault(3, "customer.id", "unknown_field", "There is no such field");
    assert_fault(4, "customer.", "unknown_field", "There is no such field");
    assert_fault(5, "customer.nick", "unknown_field", "There is no such field");
    assert_int_equal(result.extra_count, 0);
}

static void test_on_capture_unknown_members_are_kept(void **state)
{
    static const struct {
        int in; /* row, or -1: the body */
        const char *name, *value;
    } kept[] = {{-1, "\"utm\"", "{\"x\" :1}"},
                {-1, "\"\\u0061\"", "null"},
                {-1, "\"customer.id\"", "4"},
                {IN_CUSTOMER, "\"nick\"", "\"n\""},
                {IN_CUSTOMER_ADDRESS, "\"zip\"", "\"\""}};
    (void)state;
    check(CAPTURE,
          "{\"utm\":{\"x\" :1},\"title\":\"x\",\"\\u0061\":null,\"customer.id\":4,"
          "\"customer\":{\"nick\":\"n\",\"id\":1,\"address\":{\"city\":\"c\",\"zip\":\"\"}}}");
    assert_int_equal(result.faults.count, 0);
    assert_int_equal(result.extra_count, COUNT(kept));
    for (size_t i = 0; i < COUNT(kept); i++) {
        const struct field_extra *extra = &result.extras[i];
        assert_ptr_equal(extra->in, kept[i].in < 0 ? NULL : &table[kept[i].in]);
        assert_true(slice_is(extra->name.raw, kept[i].name));
        assert_true(slice_is(extra->value.raw, kept[i].value));
    }
    assert_true(slice_is(result.values[IN_CUSTOMER_ID].text, "1"));
}

/* {"title":"x","x0":0,…,"customer":{"id":1,"y0":0,…}} */
static const char *many_members(int top, int nested)
{
    static char body[16384];
    size_t n = (size_t)snprintf(body, sizeof(body), "{\"title\":\"x\"");
    for (int i = 0; i < top; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, ",\"x%d\":%d", i, i);
    n += (size_t)snprintf(body + n, sizeof(body) - n, ",\"customer\":{\"id\":1");
    for (int i = 0; i < nested; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, ",\"y%d\":%d", i, i);
    snprintf(body + n, sizeof(body) - n, "}}");
    return body;
}

static void test_256_unknown_members_are_kept_and_more_are_refused(void **state)
{
    (void)state;
    check(CAPTURE, many_members(200, 56));
    assert_int_equal(result.faults.count, 0);
    assert_int_equal(result.extra_count, 256);
    assert_true(slice_is(result.extras[0].name.raw, "\"x0\""));
    assert_true(slice_is(result.extras[199].name.raw, "\"x199\""));
    assert_true(slice_is(result.extras[255].name.raw, "\"y55\""));
    check(CAPTURE, many_members(200, 57));
    assert_int_equal(result.faults.count, 1);
    assert_fault(0, "", "length", "Expected at most 256 members beyond the known ones");
}

static void test_all_faults_come_at_once_in_the_order_of_the_table(void **state)
{
    (void)state;
    check(CAPTURE, "{\"tags\":7,\"score\":99,\"due_at\":\"x\",\"customer\":{\"email\":1}}");
    assert_int_equal(result.faults.count, 6);
    assert_fault(0, "title", "required", "Required");
    assert_fault(1, "due_at", "time", "Expected RFC 3339 time or Unix milliseconds");
    assert_fault(2, "score", "range", "Expected an integer from 0 to 10");
    assert_fault(3, "customer.id", "required", "Required");
    assert_fault(4, "customer.email", "type", "Expected text");
    assert_fault(5, "tags", "type", "Expected an array");
}

static void test_faults_beyond_the_32nd_are_counted(void **state)
{
    (void)state;
    check(STRICT, many_members(100, 0));
    assert_int_equal(result.faults.count, 100);
    assert_fault(0, "x0", "unknown_field", "There is no such field");
    assert_fault(31, "x31", "unknown_field", "There is no such field");
}

static void test_a_long_unknown_name_is_cut_between_characters(void **state)
{
    char body[1000] = "{\"title\":\"x\",\"x";
    (void)state;
    for (int i = 0; i < 200; i++)
        strcat(body, "\xE2\x82\xAC");
    strcat(body, "\":1}");
    check(STRICT, body);
    assert_int_equal(result.faults.count, 1);
    assert_int_equal(result.faults.list[0].field.n, 253);
}

static void test_a_body_that_is_no_object_is_one_fault(void **state)
{
    static const char *const bodies[] = {"[]", "null", "\"x\"", "1", "[{\"title\":\"x\"}]"};
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        check(i % 2 == 0, bodies[i]);
        assert_int_equal(result.faults.count, 1);
        assert_fault(0, "", "type", "Expected an object");
        assert_false(result.values[IN_TITLE].present);
        assert_int_equal(result.extra_count, 0);
    }
}

static void test_a_fault_keeps_its_own_copy_of_field_and_detail(void **state)
{
    struct faults faults = {.count = 0};
    char name[] = "events.3.id";
    (void)state;
    fault_add(&faults, &arena, slice_of(name), "length", "Expected at most %d %s", 7, "things");
    memset(name, 'x', sizeof(name) - 1);
    assert_int_equal(faults.count, 1);
    assert_true(slice_is(faults.list[0].field, "events.3.id"));
    assert_true(slice_is(faults.list[0].detail, "Expected at most 7 things"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_fill_the_rows_of_their_names_in_any_order),
        cmocka_unit_test(test_a_required_field_is_missing_when_absent_null_or_empty),
        cmocka_unit_test(test_a_missing_field_is_not_blamed_for_its_type_too),
        cmocka_unit_test(test_a_nested_field_is_required_only_when_its_object_is_there),
        cmocka_unit_test(test_unknown_members_are_faults),
        cmocka_unit_test(test_on_capture_unknown_members_are_kept),
        cmocka_unit_test(test_256_unknown_members_are_kept_and_more_are_refused),
        cmocka_unit_test(test_all_faults_come_at_once_in_the_order_of_the_table),
        cmocka_unit_test(test_faults_beyond_the_32nd_are_counted),
        cmocka_unit_test(test_a_long_unknown_name_is_cut_between_characters),
        cmocka_unit_test(test_a_body_that_is_no_object_is_one_fault),
        cmocka_unit_test(test_a_fault_keeps_its_own_copy_of_field_and_detail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
