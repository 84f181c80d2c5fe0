/* test_http_decode.c: whatever a client sends, by whatever label, becomes JSON text or an error.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode.h"

#define MAX ((size_t)4096)
#define MULTIPART "multipart/form-data; boundary=b"
#define PARTS "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n"

/* {"a":1} by gzip -n. */
static const char gzip_object[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf\xac\x1b\x56"
    "\x07\x00\x00\x00";
#define GZIP_OBJECT ((struct slice){gzip_object, sizeof(gzip_object) - 1})

static struct arena arena;
static struct inflater *inflater;
static struct form_refusal why;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    inflater = inflater_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inflater_free(inflater);
    arena_dispose(&arena);
    return 0;
}

static enum err decode(struct slice body, const char *encoding, const char *type,
                       struct slice *json)
{
    struct decode_input in = {.body = body,
                              .content_encoding = slice_of(encoding),
                              .content_type = slice_of(type),
                              .max = MAX,
                              .inflater = inflater};

    why = (struct form_refusal){0};
    return decode_body(&in, &arena, json, &why);
}

static void expect(struct slice body, const char *encoding, const char *type, const char *expected)
{
    struct slice json = SLICE_NONE;

    if (decode(body, encoding, type, &json) != OK)
        fail_msg("refused, labelled %s: %.*s", type, SLICE_ARGS(body));
    if (!slice_is(json, expected))
        fail_msg("%.*s instead of %s", SLICE_ARGS(json), expected);
}

static void expect_err(struct slice body, const char *encoding, const char *type, enum err expected)
{
    struct slice json = SLICE("untouched");
    enum err err = decode(body, encoding, type, &json);

    if (err != expected)
        fail_msg("error %d instead of %d: %.*s", (int)err, (int)expected, SLICE_ARGS(body));
    assert_true(slice_is(json, "untouched"));
}

static void test_json_is_taken_whatever_the_label(void **state)
{
    static const char *const labels[] = {"application/json",
                                         "text/plain;charset=UTF-8",
                                         "application/octet-stream",
                                         "application/x-www-form-urlencoded",
                                         "application/cloudevents+json; charset=utf-8",
                                         MULTIPART,
                                         "nonsense;;=",
                                         ""};

    (void)state;
    for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
        expect(SLICE("{\"a\":1}"), "", labels[i], "{\"a\":1}");
        expect(SLICE("[1]"), "identity", labels[i], "[1]");
    }
    expect(SLICE("{\"a\":1}"), NULL, NULL, "{\"a\":1}");
}

static void test_json_is_passed_on_unread_with_its_blanks(void **state)
{
    (void)state;
    expect(SLICE(" \t\r\n{\"a\": NaN}\n"), "", "", " \t\r\n{\"a\": NaN}\n");
    expect(SLICE("{a=1&b=2"), "", "", "{a=1&b=2");
}

static void test_an_empty_body_is_an_empty_object(void **state)
{
    (void)state;
    expect(SLICE_NONE, "", "", "{}");
    expect(SLICE(""), "gzip", "application/json", "{}");
    expect(SLICE(" \r\n\t"), "identity", MULTIPART, "{}");
}

static void test_forms_are_taken_whatever_the_label(void **state)
{
    (void)state;
    expect(SLICE("a=1&b=2"), "", "application/x-www-form-urlencoded", "{\"a\":\"1\",\"b\":\"2\"}");
    expect(SLICE("a=1&b=2"), "", "application/json", "{\"a\":\"1\",\"b\":\"2\"}");
    expect(SLICE("\r\na=1"), "", "", "{\"a\":\"1\"}");
    expect(SLICE("--a=1"), "", "", "{\"--a\":\"1\"}");
    expect(SLICE("a=1"), "", MULTIPART, "{\"a\":\"1\"}");
    expect_err(SLICE("a=1&a.b=2"), "", "", ERR_VALIDATION);
    assert_int_equal(why.faults.count, 1);
}

static void test_multipart_needs_its_label_for_the_boundary_only(void **state)
{
    (void)state;
    expect(SLICE(PARTS), "", MULTIPART, "{\"a\":\"1\"}");
    expect(SLICE("\r\n" PARTS), "", MULTIPART, "{\"a\":\"1\"}");
    expect(SLICE("preamble\r\n" PARTS), "", MULTIPART, "{\"a\":\"1\"}");
    expect_err(SLICE(PARTS), "", "", ERR_BAD_BODY);
    expect_err(SLICE(PARTS), "", "multipart/form-data; boundary=c", ERR_BAD_BODY);
    expect_err(SLICE("--b\r\n"), "", MULTIPART, ERR_BAD_BODY);
    assert_non_null(why.detail);
}

static void test_anything_else_is_a_bad_body(void **state)
{
    const struct slice bodies[] = {
        SLICE("hello"), SLICE("\"a\""),          SLICE("42"), SLICE("null"), SLICE("\0"),
        SLICE("<a/>"),  SLICE("\xef\xbb\xbf{}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
        expect_err(bodies[i], "", "application/json", ERR_BAD_BODY);
    expect_err(GZIP_OBJECT, "", "application/json", ERR_BAD_BODY);
}

static void test_gzip_is_undone_before_the_first_byte_is_looked_at(void **state)
{
    (void)state;
    expect(GZIP_OBJECT, "gzip", "application/x-www-form-urlencoded", "{\"a\":1}");
    expect(GZIP_OBJECT, " X-GZip ", "", "{\"a\":1}");
    expect_err(SLICE("{\"a\":1}"), "gzip", "", ERR_BAD_BODY);
    assert_non_null(why.detail);
    expect_err((struct slice){GZIP_OBJECT.p, GZIP_OBJECT.n - 1}, "gzip", "", ERR_BAD_BODY);
}

static void test_other_encodings_are_not_supported(void **state)
{
    static const char *const encodings[] = {"br",         "deflate", "gzip, gzip", "identity,gzip",
                                            "gzip;q=1.0", "*",       "zstd",       "gzi"};

    (void)state;
    for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++) {
        expect_err(SLICE("{}"), encodings[i], "", ERR_UNSUPPORTED_ENCODING);
        expect_err(SLICE(""), encodings[i], "", ERR_UNSUPPORTED_ENCODING);
    }
}

static void test_the_limit_holds_before_and_after_decompression(void **state)
{
    char big[MAX + 1];
    struct slice json;
    struct decode_input in = {.content_encoding = SLICE("gzip"), .inflater = inflater};

    (void)state;
    memset(big, ' ', sizeof(big));
    big[0] = '{';
    assert_int_equal(decode((struct slice){big, MAX}, "", "", &json), OK);
    expect_err((struct slice){big, MAX + 1}, "", "", ERR_TOO_LARGE);
    expect_err((struct slice){big, MAX + 1}, "gzip", "", ERR_TOO_LARGE);

    in.body = GZIP_OBJECT;
    in.max = GZIP_OBJECT.n;
    assert_int_equal(decode_body(&in, &arena, &json, &why), OK);
    in.max = GZIP_OBJECT.n - 1;
    assert_int_equal(decode_body(&in, &arena, &json, &why), ERR_TOO_LARGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_json_is_taken_whatever_the_label),
        TEST(test_json_is_passed_on_unread_with_its_blanks),
        TEST(test_an_empty_body_is_an_empty_object),
        TEST(test_forms_are_taken_whatever_the_label),
        TEST(test_multipart_needs_its_label_for_the_boundary_only),
        TEST(test_anything_else_is_a_bad_body),
        TEST(test_gzip_is_undone_before_the_first_byte_is_looked_at),
        TEST(test_other_encodings_are_not_supported),
        TEST(test_the_limit_holds_before_and_after_decompression),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
