/* test_http_form.c: forms as JSON, and the forms that are refused.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "form.h"
#include "kvcrm/model/json.h"

#define CRLF "\r\n"
#define PART(disposition, value) \
    "--b" CRLF "Content-Disposition: form-data; " disposition CRLF CRLF value CRLF
#define END "--b--" CRLF

static struct arena arena;
static struct form_refusal why;

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

static enum err urlencoded(struct slice body, struct slice *json)
{
    why = (struct form_refusal){0};
    return form_urlencoded(body, &arena, json, &why);
}

static enum err multipart(struct slice body, struct slice *json)
{
    why = (struct form_refusal){0};
    return form_multipart(body, SLICE("b"), &arena, json, &why);
}

static void expect_json(enum err err, struct slice json, const char *expected)
{
    struct jr_value root;
    struct jr_fault fault;

    if (err != OK)
        fail_msg("refused: %s", why.faults.count > 0 ? why.faults.list[0].code : why.detail);
    if (!slice_is(json, expected))
        fail_msg("%.*s instead of %s", SLICE_ARGS(json), expected);
    assert_int_equal(jr_parse(json, &root, &fault), OK);
}

static void expect_url(const char *body, const char *expected)
{
    struct slice json = SLICE_NONE;
    enum err err = urlencoded(slice_of(body), &json);

    expect_json(err, json, expected);
}

static void expect_parts(struct slice body, const char *expected)
{
    struct slice json = SLICE_NONE;
    enum err err = multipart(body, &json);

    expect_json(err, json, expected);
}

static void expect_bad_url(struct slice body)
{
    struct slice json = SLICE("untouched");

    if (urlencoded(body, &json) != ERR_BAD_BODY)
        fail_msg("not refused as broken: %.*s", SLICE_ARGS(body));
    assert_true(slice_is(json, "untouched"));
}

static void expect_bad_parts(struct slice body)
{
    struct slice json = SLICE("untouched");

    if (multipart(body, &json) != ERR_BAD_BODY)
        fail_msg("not refused as broken: %.*s", SLICE_ARGS(body));
    assert_non_null(why.detail);
    assert_true(slice_is(json, "untouched"));
}

static void expect_fault(unsigned i, const char *field, const char *code)
{
    assert_true(why.faults.count > i);
    if (!slice_is(why.faults.list[i].field, field))
        fail_msg("fault on %.*s instead of %s", SLICE_ARGS(why.faults.list[i].field), field);
    assert_string_equal(why.faults.list[i].code, code);
    assert_true(why.faults.list[i].detail.n > 0);
}

static void expect_url_fault(struct slice body, const char *field, const char *code)
{
    struct slice json = SLICE("untouched");

    assert_int_equal(urlencoded(body, &json), ERR_VALIDATION);
    expect_fault(0, field, code);
    assert_true(slice_is(json, "untouched"));
}

static void test_values_become_json_strings(void **state)
{
    (void)state;
    expect_url("name=Jane&phone=%2B15551234567", "{\"name\":\"Jane\",\"phone\":\"+15551234567\"}");
    expect_url("n=5&b=true&e=", "{\"n\":\"5\",\"b\":\"true\",\"e\":\"\"}");
    expect_url("text=a+b%20c%26d%3De%25", "{\"text\":\"a b c&d=e%\"}");
    expect_url("q=\"x\"\\&n=a%0D%0Ab%01", "{\"q\":\"\\\"x\\\"\\\\\",\"n\":\"a\\r\\nb\\u0001\"}");
    expect_url("n=Zo%c3%AB&m=Zo\xc3\xab", "{\"n\":\"Zo\xc3\xab\",\"m\":\"Zo\xc3\xab\"}");
    expect_url("eq=a=b==", "{\"eq\":\"a=b==\"}");
    expect_url("a%20b=1", "{\"a b\":\"1\"}");
}

static void test_a_repeated_name_makes_an_array(void **state)
{
    (void)state;
    expect_url("a=1&b=x&a=2&a=3", "{\"a\":[\"1\",\"2\",\"3\"],\"b\":\"x\"}");
    expect_url("a[]=1", "{\"a\":[\"1\"]}");
    expect_url("a%5B%5D=1&a%5b%5d=2", "{\"a\":[\"1\",\"2\"]}");
    expect_url("a=1&a[]=2", "{\"a\":[\"1\",\"2\"]}");
    expect_url("a.b=1&a[b]=2&a.b[]=3", "{\"a\":{\"b\":[\"1\",\"2\",\"3\"]}}");
}

static void test_dots_and_brackets_make_objects(void **state)
{
    (void)state;
    expect_url("a.b=1&a.c=2", "{\"a\":{\"b\":\"1\",\"c\":\"2\"}}");
    expect_url("a[b]=1&x=0&a[c][d]=2", "{\"a\":{\"b\":\"1\",\"c\":{\"d\":\"2\"}},\"x\":\"0\"}");
    expect_url("a[b].c=1&a.b[d]=2", "{\"a\":{\"b\":{\"c\":\"1\",\"d\":\"2\"}}}");
    expect_url("a[b.c]=1&a[0]=2", "{\"a\":{\"b.c\":\"1\",\"0\":\"2\"}}");
    expect_url("a%2Eb=1", "{\"a\":{\"b\":\"1\"}}");
}

static void test_a_name_outside_the_grammar_is_one_member(void **state)
{
    (void)state;
    expect_url("a..b=1", "{\"a..b\":\"1\"}");
    expect_url(".a=1&a.=2", "{\".a\":\"1\",\"a.\":\"2\"}");
    expect_url("a[b=1&a]b=2&[a]=3", "{\"a[b\":\"1\",\"a]b\":\"2\",\"[a]\":\"3\"}");
    expect_url("a[][b]=1&a[b]cd=2", "{\"a[][b]\":\"1\",\"a[b]cd\":\"2\"}");
    expect_url("a[]=1&a[][]=2&a[[b]]=3", "{\"a\":[\"1\"],\"a[][]\":\"2\",\"a[[b]]\":\"3\"}");
    expect_url("a[b].=1&.=2&]=3", "{\"a[b].\":\"1\",\".\":\"2\",\"]\":\"3\"}");
}

static void test_one_name_with_two_shapes_is_a_fault(void **state)
{
    (void)state;
    expect_url_fault(SLICE("a=1&a.b=2"), "a.b", "type");
    expect_url_fault(SLICE("a.b=2&a=1"), "a", "type");
    expect_url_fault(SLICE("a.b=2&a[]=1"), "a[]", "type");
    expect_url_fault(SLICE("a.b=2&x=1&a[b][c]=1"), "a[b][c]", "type");
}

static void test_all_faults_are_named(void **state)
{
    struct slice json;

    (void)state;
    assert_int_equal(urlencoded(SLICE("a=1&a.b=2&n=x%00y&ok=1&n%00=1"), &json), ERR_VALIDATION);
    assert_int_equal(why.faults.count, 3);
    expect_fault(0, "a.b", "type");
    expect_fault(1, "n", "nul");
    assert_string_equal(why.faults.list[2].code, "nul");
}

static void test_names_are_bounded(void **state)
{
    char body[FORM_MAX_NAME + 4];
    struct slice json;

    (void)state;
    memset(body, 'a', sizeof(body));
    memcpy(body + FORM_MAX_NAME, "=1", 2);
    assert_int_equal(urlencoded((struct slice){body, FORM_MAX_NAME + 2}, &json), OK);
    memcpy(body + FORM_MAX_NAME - 1, "\xc3\xab=1", 4);
    assert_int_equal(urlencoded((struct slice){body, FORM_MAX_NAME + 3}, &json), ERR_VALIDATION);
    assert_string_equal(why.faults.list[0].code, "length");
    assert_int_equal(why.faults.list[0].field.n, FORM_MAX_NAME - 1);
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    expect_url("a.b.c.d.e.f.g.h=1",
               "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":\"1\"}}}}}}}}");
    expect_url("a[b][c][d][e][f][g][h][]=1",
               "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":[\"1\"]}}}}}}}}");
    expect_url_fault(SLICE("a.b.c.d.e.f.g.h.i=1"), "a.b.c.d.e.f.g.h.i", "depth");
}

static void test_the_number_of_pairs_is_bounded(void **state)
{
    char body[(FORM_MAX_PAIRS + 1) * 4];
    struct slice json;

    (void)state;
    for (size_t i = 0; i <= FORM_MAX_PAIRS; i++)
        memcpy(body + i * 4, "a=1&", 4);
    assert_int_equal(urlencoded((struct slice){body, FORM_MAX_PAIRS * 4 - 1}, &json), OK);
    assert_int_equal(urlencoded((struct slice){body, FORM_MAX_PAIRS * 4 + 3}, &json),
                     ERR_VALIDATION);
    expect_fault(0, "", "members");
}

static void test_broken_escapes_and_utf8_are_refused(void **state)
{
    const struct slice bodies[] = {
        SLICE("a=%"),   SLICE("a=%4"),        SLICE("a=%zz"),       SLICE("a=%4g&b=1"),
        SLICE("%=1"),   SLICE("a=1&b=%&c=1"), SLICE("a=%C3"),       SLICE("a=\xc3"),
        SLICE("a=%ff"), SLICE("a=%C0%80"),    SLICE("a=%ED%A0%80"), SLICE("a=%F4%90%80%80"),
        SLICE("%C3=1"), SLICE("a=%E0%80%AF"), SLICE("a=%80"),       SLICE("a=%F8%88%80%80%80"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        expect_bad_url(bodies[i]);
        assert_non_null(why.detail);
    }
}

static void test_what_looks_like_a_form(void **state)
{
    const struct slice forms[] = {
        SLICE("a=1"),           SLICE("a="),        SLICE("a=1&b=2"),
        SLICE("a=x y"),         SLICE("a=<b>\"{}"), SLICE("a=l1\r\nl2\t"),
        SLICE("a=\xff"),        SLICE("a=="),       SLICE("a.b[c]=1"),
        SLICE("caf\xc3\xa9=1"),
    };
    const struct slice others[] = {
        SLICE(""),          SLICE("hello"),     SLICE("=1"),      SLICE("a=1&"),
        SLICE("&a=1"),      SLICE("a=1&&b=2"),  SLICE("a=1&b"),   SLICE("a=1&=2"),
        SLICE("{a=1}"),     SLICE("a b=1"),     SLICE("a\n=1"),   SLICE("a=\x01"),
        SLICE("a=x\0y"),    SLICE("a\0=1"),     SLICE("\"a=1\""), SLICE("<x a=\"1\"/>"),
        SLICE("a=1\x7f&b"), SLICE("'{a:b=c}'"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (!form_looks_urlencoded(forms[i]))
            fail_msg("no form: %.*s", SLICE_ARGS(forms[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (form_looks_urlencoded(others[i]))
            fail_msg("a form: %.*s", SLICE_ARGS(others[i]));
        expect_bad_url(others[i]);
    }
}

static void test_the_boundary_is_read_from_the_label(void **state)
{
    static const struct {
        const char *label, *boundary; /* "" for none */
    } rows[] = {
        {"multipart/form-data; boundary=b", "b"},
        {"Multipart/Form-Data;BOUNDARY=----WebKitFormBoundaryX; charset=utf-8",
         "----WebKitFormBoundaryX"},
        {"multipart/form-data; charset=\"a;b\"; boundary=\"a b:c\"", "a b:c"},
        {"multipart/form-data ; boundary=b ;", "b"},
        {"multipart/form-data", ""},
        {"multipart/form-data; boundary=", ""},
        {"multipart/form-data; boundary=\"\"", ""},
        {"multipart/form-data; boundary=\"b", ""},
        {"multipart/form-data; boundary=\"b \"", ""},
        {"multipart/form-data; boundary=b; boundary=c", ""},
        {"multipart/form-data; boundary=b\xc3\xa9", ""},
        {"multipart/form-data; boundary = b", ""},
        {"multipart/form-data boundary=b", ""},
        {"multipart/form-data; boundary=b c", ""},
        {"multipart/mixed; boundary=b", ""},
        {"application/json", ""},
        {"", ""},
        {"multipart/form-data; boundary="
         "0123456789012345678901234567890123456789012345678901234567890123456789",
         "0123456789012345678901234567890123456789012345678901234567890123456789"},
        {"multipart/form-data; boundary="
         "01234567890123456789012345678901234567890123456789012345678901234567890",
         ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct slice found = form_boundary(slice_of(rows[i].label));

        if (!slice_is(found, rows[i].boundary))
            fail_msg("\"%.*s\" from: %s", SLICE_ARGS(found), rows[i].label);
    }
}

static void test_multipart_fields_become_json_strings(void **state)
{
    (void)state;
    expect_parts(SLICE(PART("name=\"name\"", "Jane") PART("name=phone", "+15551234567") END),
                 "{\"name\":\"Jane\",\"phone\":\"+15551234567\"}");
    expect_parts(SLICE(PART("name=\"a[b]\"", "") PART("name=\"a.c\"", "x\r\ny\r\n") END),
                 "{\"a\":{\"b\":\"\",\"c\":\"x\\r\\ny\\r\\n\"}}");
    expect_parts(SLICE(PART("name=\"t\"", "1+1%20\r\n--c\n--b") END),
                 "{\"t\":\"1+1%20\\r\\n--c\\n--b\"}");
    expect_parts(SLICE(PART("name=\"a\\\"b\\\\c\\d\"", "1") END), "{\"a\\\"b\\\\c\\\\d\":\"1\"}");
    expect_parts(SLICE("--b--"), "{}");
}

static void test_multipart_headers_are_read_without_case_and_the_rest_is_ignored(void **state)
{
    (void)state;
    expect_parts(SLICE("--b" CRLF "content-type: text/plain; charset=utf-8" CRLF
                       "CONTENT-DISPOSITION:Form-Data ;NAME=\"a\";x=\"; name=z\"" CRLF
                       "Content-Transfer-Encoding: 8BIT" CRLF CRLF "1" CRLF END),
                 "{\"a\":\"1\"}");
}

static void test_preamble_padding_and_epilogue_are_ignored(void **state)
{
    (void)state;
    expect_parts(SLICE("for old readers" CRLF PART("name=\"a\"", "1") END "and more"),
                 "{\"a\":\"1\"}");
    expect_parts(SLICE(CRLF PART("name=\"a\"", "1") "--b--junk"), "{\"a\":\"1\"}");
    expect_parts(
        SLICE("--b \t" CRLF "Content-Disposition: form-data; name=a" CRLF CRLF "1" CRLF "--b--"),
        "{\"a\":\"1\"}");
}

static void test_files_are_refused_by_name(void **state)
{
    struct slice json = SLICE_NONE;

    (void)state;
    assert_int_equal(
        multipart(SLICE(PART("name=\"cv\"; filename=\"a.pdf\"", "x") PART("name=\"ok\"", "1")
                            PART("filename*=utf-8''b.png; name=\"photo\"", "") END),
                  &json),
        ERR_VALIDATION);
    assert_int_equal(why.faults.count, 2);
    expect_fault(0, "cv", "type");
    expect_fault(1, "photo", "type");
    assert_int_equal(multipart(SLICE(PART("name=\"f\"; filename=\"\"", "x") END), &json),
                     ERR_VALIDATION);
    expect_fault(0, "f", "type");
}

static void test_a_file_field_that_was_left_empty_is_absent(void **state)
{
    (void)state;
    expect_parts(SLICE(PART("name=\"cv\"; filename=\"\"", "") PART("name=\"a\"", "1") END),
                 "{\"a\":\"1\"}");
}

static void test_broken_multipart_is_refused(void **state)
{
    const struct slice bodies[] = {
        SLICE(""),
        SLICE("--c--"),
        SLICE("--b"),
        SLICE("--b" CRLF),
        SLICE("x--b--"),
        SLICE("--bx" CRLF "--b--"),
        SLICE("--b\nContent-Disposition: form-data; name=a\n\n1\n--b--"),
        SLICE(PART("name=\"a\"", "1")),
        SLICE(PART("name=\"a\"", "1") "--b-"),
        SLICE("--b" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Type: text/plain" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: form-data; name=a" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: form-data; name=a\n\n1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: form-data;" CRLF " name=a" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: form-data; name=a" CRLF
              "Content-Disposition: form-data; name=b" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: form-data; name=a" CRLF
              "Content-Disposition: form-data; x=y" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "X: y" CRLF "\tz: w" CRLF
              "Content-Disposition: form-data; name=a" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "X: y\nz" CRLF "Content-Disposition: form-data; name=a" CRLF CRLF
              "1" CRLF END),
        SLICE("--b" CRLF "X: y\rz" CRLF "Content-Disposition: form-data; name=a" CRLF CRLF
              "1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Disposition: attachment; name=a" CRLF CRLF "1" CRLF END),
        SLICE("--b" CRLF "Content-Transfer-Encoding: base64" CRLF
              "Content-Disposition: form-data; name=a" CRLF CRLF "MQ==" CRLF END),
        SLICE(PART("name=\"\"", "1") END),
        SLICE(PART("name", "1") END),
        SLICE(PART("name=\"a", "1") END),
        SLICE(PART("name=a; name=b", "1") END),
        SLICE(PART("name=\"a\"b", "1") END),
        SLICE(PART("name=\"a\"", "\xff") END),
        SLICE(PART("name=\"\xc3\"", "1") END),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        expect_bad_parts(bodies[i]);
}

static void test_a_multipart_body_cut_anywhere_is_refused(void **state)
{
    struct slice whole = SLICE(PART("name=\"a\"", "1") PART("name=\"b\"", "2") "--b--");

    (void)state;
    for (size_t n = 0; n < whole.n; n++) {
        char *cut = malloc(n + 1); /* of its own, so that the sanitizer sees a read beyond it */

        assert_non_null(cut);
        memcpy(cut, whole.p, n);
        expect_bad_parts((struct slice){cut, n});
        free(cut);
    }
    expect_parts(whole, "{\"a\":\"1\",\"b\":\"2\"}");
}

static void test_a_delimiter_is_found_at_the_start_of_a_line_only(void **state)
{
    (void)state;
    assert_true(form_has_delimiter(SLICE("--b--"), SLICE("b")));
    assert_true(form_has_delimiter(SLICE("x\r\n--b\r\n"), SLICE("b")));
    assert_false(form_has_delimiter(SLICE("x--b"), SLICE("b")));
    assert_false(form_has_delimiter(SLICE("x\n--b"), SLICE("b")));
    assert_false(form_has_delimiter(SLICE(""), SLICE("b")));
    assert_false(form_has_delimiter(SLICE("--"), SLICE("")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values_become_json_strings),
        TEST(test_a_repeated_name_makes_an_array),
        TEST(test_dots_and_brackets_make_objects),
        TEST(test_a_name_outside_the_grammar_is_one_member),
        TEST(test_one_name_with_two_shapes_is_a_fault),
        TEST(test_all_faults_are_named),
        TEST(test_names_are_bounded),
        TEST(test_depth_is_bounded),
        TEST(test_the_number_of_pairs_is_bounded),
        TEST(test_broken_escapes_and_utf8_are_refused),
        TEST(test_what_looks_like_a_form),
        TEST(test_the_boundary_is_read_from_the_label),
        TEST(test_multipart_fields_become_json_strings),
        TEST(test_multipart_headers_are_read_without_case_and_the_rest_is_ignored),
        TEST(test_preamble_padding_and_epilogue_are_ignored),
        TEST(test_files_are_refused_by_name),
        TEST(test_a_file_field_that_was_left_empty_is_absent),
        TEST(test_broken_multipart_is_refused),
        TEST(test_a_multipart_body_cut_anywhere_is_refused),
        TEST(test_a_delimiter_is_found_at_the_start_of_a_line_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
