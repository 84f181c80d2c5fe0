/* test_http_problem.c: error bodies in both styles are JSON whatever stands in them, and say the
 * same.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "problem.h"

static struct arena arena;
static struct buf out;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    buf_init(&out, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_dispose(&out);
    arena_dispose(&arena);
    return 0;
}

/* The printed body, read back. */
static struct jr_value print(const struct problem *problem, enum route_style style)
{
    struct jr_value root;
    struct jr_fault fault;
    buf_clear(&out);
    problem_print(problem, style, &out);
    assert_false(out.full);
    if (jr_parse(buf_slice(&out), &root, &fault) != OK)
        fail_msg("%s at %zu in %.*s", fault.detail, fault.offset, SLICE_ARGS(buf_slice(&out)));
    assert_int_equal(root.type, JR_OBJECT);
    return root;
}

static bool has(struct jr_value object, const char *name)
{
    struct jr_value value;
    return jr_member(object, slice_of(name), &value);
}

static struct jr_value member(struct jr_value object, const char *name)
{
    struct jr_value value;
    if (!jr_member(object, slice_of(name), &value))
        fail_msg("no %s in %.*s", name, SLICE_ARGS(object.raw));
    return value;
}

static struct slice text(struct jr_value object, const char *name)
{
    struct jr_value value = member(object, name);
    assert_int_equal(value.type, JR_STRING);
    return jr_text(value, &arena);
}

static void check_text(struct jr_value object, const char *name, const char *expected)
{
    struct slice got = text(object, name);
    if (!slice_is(got, expected))
        fail_msg("%s is \"%.*s\" instead of \"%s\"", name, SLICE_ARGS(got), expected);
}

static unsigned count_of(struct jr_value container)
{
    struct jr_iter it = jr_iter(container);
    struct jr_value name, value;
    unsigned n = 0;
    while (jr_next(&it, &name, &value))
        n++;
    return n;
}

static struct jr_value element(struct jr_value array, unsigned i)
{
    struct jr_iter it = jr_iter(array);
    struct jr_value value = {.type = JR_NULL};
    for (unsigned n = 0; n <= i; n++)
        assert_true(jr_next(&it, NULL, &value));
    return value;
}

static const struct problem not_found = {
    .err = ERR_NOT_FOUND,
    .status = 404,
    .instance = SLICE_CONST("/v1/contacts/x"),
    .request_id = SLICE_CONST("req-1"),
};

/* Members -------------------------------------------------------------------------------------- */

static void test_the_unified_style_has_the_members_of_rfc_9457(void **state)
{
    (void)state;
    struct jr_value root = print(&not_found, STYLE_PROBLEM);
    check_text(root, "type", "/problems/not_found");
    check_text(root, "title", "There is no such record");
    check_text(root, "code", "not_found");
    check_text(root, "detail", "There is no such record");
    check_text(root, "instance", "/v1/contacts/x");
    check_text(root, "request_id", "req-1");
    assert_true(slice_is(member(root, "status").raw, "404"));
    assert_false(has(root, "success"));
    assert_false(has(root, "error"));
    assert_false(has(root, "errors"));
    assert_int_equal(count_of(root), 7);
}

static void test_the_seed_style_has_the_same_and_success_false_and_a_text_error(void **state)
{
    (void)state;
    struct jr_value root = print(&not_found, STYLE_SEED);
    assert_int_equal(member(root, "success").type, JR_FALSE);
    check_text(root, "error", "There is no such record");
    check_text(root, "detail", "There is no such record");
    assert_int_equal(count_of(root), 9);
}

static void test_each_style_has_its_content_type(void **state)
{
    (void)state;
    assert_string_equal(problem_content_type(STYLE_PROBLEM), "application/problem+json");
    assert_string_equal(problem_content_type(STYLE_SEED), "application/json");
}

static void test_every_error_of_the_table_is_printed_in_both_styles(void **state)
{
    (void)state;
    for (int err = OK + 1; err < ERR_COUNT; err++) {
        const struct err_row *row = err_row(err);
        struct problem problem = {.err = err, .status = row->status, .instance = SLICE("/")};
        for (int style = STYLE_SEED; style <= STYLE_PROBLEM; style++) {
            struct jr_value root = print(&problem, style);
            check_text(root, "code", row->code);
            check_text(root, "detail", row->sentence);
            assert_false(has(root, "request_id"));
        }
    }
}

static void test_a_detail_of_its_own_replaces_the_sentence_and_not_the_title(void **state)
{
    struct problem problem = not_found;
    (void)state;
    problem.detail = SLICE("There is no contact x");
    struct jr_value root = print(&problem, STYLE_SEED);
    check_text(root, "title", "There is no such record");
    check_text(root, "detail", "There is no contact x");
    check_text(root, "error", "There is no contact x");
}

static void test_the_status_may_be_another_than_the_tables(void **state)
{
    struct problem problem = not_found;
    (void)state;
    problem.status = 410;
    assert_true(slice_is(member(print(&problem, STYLE_PROBLEM), "status").raw, "410"));
}

static void test_more_members_stand_beside_the_others(void **state)
{
    struct problem problem = not_found;
    (void)state;
    problem.members = SLICE("\"existing_id\":\"contact_x\",\"allowed\":[1,2]");
    struct jr_value root = print(&problem, STYLE_PROBLEM);
    check_text(root, "existing_id", "contact_x");
    assert_int_equal(count_of(member(root, "allowed")), 2);
    assert_int_equal(count_of(root), 9);
}

/* Faults --------------------------------------------------------------------------------------- */

static struct faults faults;

static struct problem invalid(bool in_body)
{
    faults.count = 0;
    return (struct problem){.err = ERR_VALIDATION,
                            .status = 422,
                            .instance = SLICE("/v1/tasks"),
                            .faults = &faults,
                            .in_body = in_body};
}

static void test_all_faults_are_named_by_field_pointer_code_and_sentence(void **state)
{
    struct problem problem = invalid(true);
    (void)state;
    fault_add(&faults, &arena, SLICE("title"), "required", "Required");
    fault_add(&faults, &arena, SLICE("customer.email"), "email", "Expected %s", "an address");
    fault_add(&faults, &arena, SLICE("events.3.id"), "length", "Expected at most %d", 64);
    struct jr_value root = print(&problem, STYLE_PROBLEM), errors = member(root, "errors");
    check_text(root, "detail", "3 fields are not valid");
    assert_int_equal(count_of(errors), 3);
    check_text(element(errors, 0), "field", "title");
    check_text(element(errors, 0), "pointer", "/title");
    check_text(element(errors, 0), "code", "required");
    check_text(element(errors, 0), "detail", "Required");
    check_text(element(errors, 1), "field", "customer.email");
    check_text(element(errors, 1), "pointer", "/customer/email");
    check_text(element(errors, 1), "detail", "Expected an address");
    check_text(element(errors, 2), "pointer", "/events/3/id");
    check_text(element(errors, 2), "detail", "Expected at most 64");
}

static void test_one_fault_is_one_field(void **state)
{
    struct problem problem = invalid(true);
    (void)state;
    fault_add(&faults, &arena, SLICE("title"), "required", "Required");
    check_text(print(&problem, STYLE_SEED), "error", "1 field is not valid");
}

static void test_parameters_of_a_query_have_no_pointer(void **state)
{
    struct problem problem = invalid(false);
    (void)state;
    fault_add(&faults, &arena, SLICE("limit"), "range", "Expected 1 to 200");
    struct jr_value fault = element(member(print(&problem, STYLE_PROBLEM), "errors"), 0);
    check_text(fault, "field", "limit");
    assert_false(has(fault, "pointer"));
}

static void test_a_fault_of_the_whole_body_has_no_pointer(void **state)
{
    struct problem problem = invalid(true);
    (void)state;
    fault_add(&faults, &arena, SLICE(""), "type", "Expected an object");
    struct jr_value fault = element(member(print(&problem, STYLE_PROBLEM), "errors"), 0);
    check_text(fault, "field", "");
    assert_false(has(fault, "pointer"));
}

static void test_more_faults_than_are_kept_are_counted(void **state)
{
    struct problem problem = invalid(true);
    (void)state;
    for (int i = 0; i < FIELD_MAX_FAULTS + 8; i++)
        fault_add(&faults, &arena, arena_printf(&arena, "f%d", i), "required", "Required");
    struct jr_value root = print(&problem, STYLE_PROBLEM);
    assert_int_equal(count_of(member(root, "errors")), FIELD_MAX_FAULTS);
    assert_int_equal(faults.count, FIELD_MAX_FAULTS + 8);
    check_text(root, "detail", "40 fields are not valid");
}

static void test_a_pointer_escapes_what_rfc_6901_wants_escaped(void **state)
{
    static const struct {
        const char *field, *pointer;
    } rows[] = {
        {"a/b", "/a~1b"},
        {"a~b", "/a~0b"},
        {"~1", "/~01"},
        {"a.b/c~d", "/a/b~1c~0d"},
        {"na\xc3\xafve", "/na\xc3\xafve"},
        {"a b", "/a b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem problem = invalid(true);
        fault_add(&faults, &arena, slice_of(rows[i].field), "unknown_field", "Unknown");
        struct jr_value fault = element(member(print(&problem, STYLE_PROBLEM), "errors"), 0);
        check_text(fault, "pointer", rows[i].pointer);
        check_text(fault, "field", rows[i].field);
    }
}

/* Injection ------------------------------------------------------------------------------------ */

static void test_what_callers_send_cannot_leave_its_text(void **state)
{
    static const struct slice nasty[] = {
        SLICE_CONST("\",\"success\":true,\"x\":\""),
        SLICE_CONST("\\\",\"status\":200,\"x\":\"\\"),
        SLICE_CONST("</script><script>alert(1)</script>"),
        SLICE_CONST("\x01\x02\x1f\t\r\n\b\f\x7f"),
        SLICE_CONST("\\u0022"),
        SLICE_CONST("\xe2\x80\xa8\xe2\x80\xa9"),
        SLICE_CONST("%s%n%d"),
        SLICE_CONST("{}[]:,"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof nasty / sizeof nasty[0]; i++) {
        struct problem problem = invalid(true);
        problem.instance = problem.request_id = problem.detail = nasty[i];
        fault_add(&faults, &arena, nasty[i], "unknown_field", "%.*s", SLICE_ARGS(nasty[i]));
        struct jr_value root = print(&problem, STYLE_SEED);
        assert_true(slice_eq(text(root, "instance"), nasty[i]));
        assert_true(slice_eq(text(root, "request_id"), nasty[i]));
        assert_true(slice_eq(text(root, "detail"), nasty[i]));
        assert_true(slice_eq(text(root, "error"), nasty[i]));
        struct jr_value fault = element(member(root, "errors"), 0);
        assert_true(slice_eq(text(fault, "field"), nasty[i]));
        assert_int_equal(text(fault, "pointer").p[0], '/');
        assert_int_equal(member(root, "success").type, JR_FALSE);
        assert_int_equal(count_of(root), 10);
        assert_int_equal(count_of(fault), 4);
    }
}

static void test_bytes_that_are_no_utf8_do_not_spoil_the_answer(void **state)
{
    struct problem problem = not_found;
    (void)state;
    problem.instance = SLICE("/v1/\xff\xc3(\xed\xa0\x80");
    problem.request_id = SLICE("\xc3");
    struct jr_value root = print(&problem, STYLE_PROBLEM);
    assert_true(slice_starts(text(root, "instance"), SLICE("/v1/\xef\xbf\xbd")));
}

#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(test_the_unified_style_has_the_members_of_rfc_9457),
        WITH_MEMORY(test_the_seed_style_has_the_same_and_success_false_and_a_text_error),
        cmocka_unit_test(test_each_style_has_its_content_type),
        WITH_MEMORY(test_every_error_of_the_table_is_printed_in_both_styles),
        WITH_MEMORY(test_a_detail_of_its_own_replaces_the_sentence_and_not_the_title),
        WITH_MEMORY(test_the_status_may_be_another_than_the_tables),
        WITH_MEMORY(test_more_members_stand_beside_the_others),
        WITH_MEMORY(test_all_faults_are_named_by_field_pointer_code_and_sentence),
        WITH_MEMORY(test_one_fault_is_one_field),
        WITH_MEMORY(test_parameters_of_a_query_have_no_pointer),
        WITH_MEMORY(test_a_fault_of_the_whole_body_has_no_pointer),
        WITH_MEMORY(test_more_faults_than_are_kept_are_counted),
        WITH_MEMORY(test_a_pointer_escapes_what_rfc_6901_wants_escaped),
        WITH_MEMORY(test_what_callers_send_cannot_leave_its_text),
        WITH_MEMORY(test_bytes_that_are_no_utf8_do_not_spoil_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
