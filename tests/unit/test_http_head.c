/* test_http_head.c: which request heads are refused, and why.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "head.h"

#define GET11 "GET / HTTP/1.1\r\nhost: a\r\n"
#define POST11 "POST /v1/events HTTP/1.1\r\nhost: a\r\n"

/* The head alone, in a block of exactly its size: reading beyond it is seen by the sanitizer. */
static enum head_verdict check(struct slice raw, struct head_facts *facts)
{
    char *copy = malloc(raw.n > 0 ? raw.n : 1);
    enum head_verdict verdict;

    assert_non_null(copy);
    if (raw.n > 0)
        memcpy(copy, raw.p, raw.n);
    verdict = head_check((struct slice){copy, raw.n}, facts);
    free(copy);
    return verdict;
}

static void expect_ok(struct slice raw)
{
    struct head_facts facts;
    enum head_verdict verdict = check(raw, &facts);

    if (verdict != HEAD_OK)
        fail_msg("refused (%s): %.*s", facts.reason, SLICE_ARGS(raw));
    assert_null(facts.reason);
    assert_int_equal(facts.length, raw.n);
}

static void expect_bad(struct slice raw, const char *reason)
{
    struct head_facts facts;
    enum head_verdict verdict = check(raw, &facts);

    if (verdict != HEAD_BAD || strcmp(facts.reason, reason) != 0)
        fail_msg("verdict %d, reason \"%s\" instead of \"%s\" for: %.*s", (int)verdict,
                 facts.reason != NULL ? facts.reason : "none", reason, SLICE_ARGS(raw));
}

static void test_ordinary_heads_are_taken(void **state)
{
    (void)state;
    expect_ok(SLICE(GET11 "\r\n"));
    expect_ok(SLICE("GET / HTTP/1.0\r\n\r\n"));
    expect_ok(SLICE("GET / HTTP/1.0\r\nhost: a\r\n\r\n"));
    expect_ok(SLICE("OPTIONS * HTTP/1.1\r\nhost:\r\n\r\n"));
    expect_ok(SLICE("GET http://a/x HTTP/1.1\r\nhost: a\r\n\r\n"));
    expect_ok(SLICE("GET /caf\xc3\xa9 HTTP/1.1\r\nhost: a\r\n\r\n"));
    expect_ok(SLICE("GET / HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n"));
    expect_ok(SLICE("GET / HTTP/1.1\r\nhost: my_service.internal:80\r\n\r\n"));
    expect_ok(SLICE(GET11 "x-empty:\r\nx-tab:\ta\tb\r\nx-obs: \xe9\r\n\r\n"));
    expect_ok(SLICE("GET / HTTP/1.7\r\nhost: a\r\n\r\n"));
}

static void test_names_are_compared_without_case(void **state)
{
    struct head_facts facts;

    (void)state;
    assert_int_equal(
        check(SLICE("POST / HTTP/1.1\r\nHOST: a\r\nContent-LENGTH: 3\r\n\r\n"), &facts), HEAD_OK);
    assert_true(facts.has_content_length);
    assert_int_equal(facts.content_length, 3);
    expect_bad(SLICE(POST11 "content-length: 3\r\nContent-Length: 3\r\n\r\n"),
               "Content-Length was given more than once");
    expect_bad(SLICE(GET11 "hOsT: a\r\n\r\n"), "Host was given more than once");
}

static void test_facts_tell_how_the_body_is_framed(void **state)
{
    struct slice raw = SLICE(POST11 "content-length:  12\t\r\n\r\n{\"a\":1}\r\n\r\nGET");
    struct head_facts facts;

    (void)state;
    assert_int_equal(check(raw, &facts), HEAD_OK);
    assert_int_equal(facts.length, sizeof(POST11 "content-length:  12\t\r\n\r\n") - 1);
    assert_true(facts.has_content_length);
    assert_int_equal(facts.content_length, 12);
    assert_false(facts.has_transfer_encoding);

    assert_int_equal(check(SLICE(POST11 "transfer-encoding: Chunked\r\n\r\n0\r\n\r\n"), &facts),
                     HEAD_OK);
    assert_true(facts.has_transfer_encoding);
    assert_false(facts.has_content_length);
    assert_int_equal(facts.content_length, 0);
}

static void test_one_empty_line_before_the_request_line_is_skipped(void **state)
{
    (void)state;
    expect_ok(SLICE("\r\n" GET11 "\r\n"));
    expect_bad(SLICE("\r\n\r\n" GET11 "\r\n"), "The request line is not valid");
    expect_bad(SLICE("\n" GET11 "\r\n"), "A line must end in CR LF");
}

static void test_a_line_that_ends_in_a_bare_lf_is_refused(void **state)
{
    static const char reason[] = "A line must end in CR LF";

    (void)state;
    expect_bad(SLICE("GET / HTTP/1.1\nhost: a\r\n\r\n"), reason);
    expect_bad(SLICE("GET / HTTP/1.1\r\nhost: a\n\r\n"), reason);
    expect_bad(SLICE(GET11 "\n"), reason);
    expect_bad(SLICE(GET11 "x: a\nb: c\r\n\r\n"), reason);
}

static void test_broken_header_lines_are_refused(void **state)
{
    static const char folded[] = "A header line must not be folded";
    static const char character[] = "A header name has a character that is not allowed";

    (void)state;
    expect_bad(SLICE(GET11 "x: a\r\n b\r\n\r\n"), folded);
    expect_bad(SLICE(GET11 "x: a\r\n\tb\r\n\r\n"), folded);
    expect_bad(SLICE("GET / HTTP/1.1\r\n host: a\r\n\r\n"), folded);
    expect_bad(SLICE(GET11 "x\r\n\r\n"), "A header line has no colon");
    expect_bad(SLICE(GET11 ": a\r\n\r\n"), "A header line has no name");
    expect_bad(SLICE(POST11 "content-length : 3\r\n\r\n"),
               "A header name must not be followed by a blank");
    expect_bad(SLICE(POST11 "content-length\t: 3\r\n\r\n"),
               "A header name must not be followed by a blank");
    expect_bad(SLICE(GET11 "x\v: a\r\n\r\n"), character);
    expect_bad(SLICE(GET11 "x\0y: a\r\n\r\n"), character);
    expect_bad(SLICE(GET11 "x\xc3\xa9: a\r\n\r\n"), character);
}

static void test_every_byte_of_a_name_is_a_token_character(void **state)
{
    static const char tokens[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char head[] = GET11 "x?y: a\r\n\r\n";
    char *at = strchr(head, '?');

    (void)state;
    for (int c = 0; c < 256; c++) {
        struct head_facts facts;
        enum head_verdict expected = HEAD_BAD;

        *at = (char)c;
        if ((c != 0 && strchr(tokens, c) != NULL) || c == ':')
            expected = HEAD_OK;
        if (check((struct slice){head, sizeof(head) - 1}, &facts) != expected)
            fail_msg("byte %d of a header name", c);
    }
}

static void test_control_characters_in_a_value_are_refused(void **state)
{
    char head[] = GET11 "x: a?b\r\n\r\n";
    char *at = strchr(head, '?');

    (void)state;
    for (int c = 0; c < 256; c++) {
        struct head_facts facts;
        enum head_verdict expected = (c < 32 && c != '\t') || c == 127 ? HEAD_BAD : HEAD_OK;

        *at = (char)c;
        if (check((struct slice){head, sizeof(head) - 1}, &facts) != expected)
            fail_msg("byte %d of a header value", c);
    }
    expect_bad(SLICE(GET11 "x: a\r\r\n\r\n"), "A header value has a control character");
}

static void test_broken_request_lines_are_refused(void **state)
{
    const struct slice lines[] = {
        SLICE("GET /\r\n\r\n"),
        SLICE("GET / \r\n\r\n"),
        SLICE("GET  HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET  / HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET /  HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET / HTTP/1.1 \r\nhost: a\r\n\r\n"),
        SLICE("GET / x HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET /\tx HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET /\0x HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET /\x7f HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET / http/1.1\r\nhost: a\r\n\r\n"),
        SLICE("GET / HTTP/2.0\r\nhost: a\r\n\r\n"),
        SLICE("GET / HTTP/1.x\r\nhost: a\r\n\r\n"),
        SLICE("GET / HTTP/1.10\r\nhost: a\r\n\r\n"),
        SLICE("G(T / HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE(" / HTTP/1.1\r\nhost: a\r\n\r\n"),
        SLICE("\r\n\r\n"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        expect_bad(lines[i], "The request line is not valid");
}

static void test_content_length_must_be_plain_digits(void **state)
{
    static const char *const values[] = {"",    "+3",  "-3",  "3,3",   "3, 3",
                                         "0x3", "3.0", "3 3", "\"3\"", "18446744073709551616"};
    char head[128];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        snprintf(head, sizeof(head), POST11 "content-length: %s\r\n\r\n", values[i]);
        expect_bad(slice_of(head), "Content-Length is not a number");
    }
    expect_ok(SLICE(POST11 "content-length: 18446744073709551615\r\n\r\n"));
    expect_bad(SLICE(POST11 "content-length: 3\r\ncontent-length: 4\r\n\r\n"),
               "Content-Length was given more than once");
}

static void test_the_only_transfer_encoding_is_chunked_once_in_http_1_1(void **state)
{
    static const char only[] = "The only transfer encoding is chunked";

    (void)state;
    expect_bad(SLICE(POST11 "transfer-encoding: identity\r\n\r\n"), only);
    expect_bad(SLICE(POST11 "transfer-encoding:\r\n\r\n"), only);
    expect_bad(SLICE(POST11 "transfer-encoding: gzip, chunked\r\n\r\n"), only);
    expect_bad(SLICE(POST11 "transfer-encoding: chunked, chunked\r\n\r\n"), only);
    expect_bad(SLICE(POST11 "transfer-encoding: xchunked\r\n\r\n"), only);
    expect_bad(SLICE(POST11 "transfer-encoding: \vchunked\r\n\r\n"),
               "A header value has a control character");
    expect_bad(SLICE(POST11 "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n"),
               only);
    expect_bad(SLICE(POST11 "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n"),
               "Transfer-Encoding was given more than once");
    expect_bad(SLICE(POST11 "transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n"),
               "Content-Length and Transfer-Encoding exclude each other");
    expect_bad(SLICE(POST11 "content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n"),
               "Content-Length and Transfer-Encoding exclude each other");
    expect_bad(SLICE("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n"),
               "HTTP/1.0 has no Transfer-Encoding");
}

static void test_http_1_1_has_exactly_one_host(void **state)
{
    static const char invalid[] = "The Host header is not valid";

    (void)state;
    expect_bad(SLICE("GET / HTTP/1.1\r\n\r\n"), "The Host header is missing");
    expect_bad(SLICE("GET / HTTP/1.1\r\nhosts: a\r\n\r\n"), "The Host header is missing");
    expect_bad(SLICE(GET11 "host: a\r\n\r\n"), "Host was given more than once");
    expect_bad(SLICE("GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n"),
               "Host was given more than once");
    expect_bad(SLICE("GET / HTTP/1.1\r\nhost: a b\r\n\r\n"), invalid);
    expect_bad(SLICE("GET / HTTP/1.1\r\nhost: a/b\r\n\r\n"), invalid);
    expect_bad(SLICE("GET / HTTP/1.1\r\nhost: me@a\r\n\r\n"), invalid);
    expect_bad(SLICE("GET / HTTP/1.1\r\nhost: \xc3\xa9\r\n\r\n"), invalid);
}

static void test_an_incomplete_head_is_refused_and_never_read_beyond(void **state)
{
    struct slice whole = SLICE(POST11 "content-length: 3\r\nx: y\r\n\r\n");

    (void)state;
    for (size_t n = 0; n < whole.n; n++)
        expect_bad((struct slice){whole.p, n}, "The request head is not complete");
    expect_ok(whole);
}

/* A head of exactly n bytes, followed by tail bytes of body. */
static struct slice head_of(char *out, size_t n, size_t tail)
{
    struct slice start = SLICE(GET11 "x: ");

    memset(out, 'a', n + tail);
    memcpy(out, start.p, start.n);
    memcpy(out + n - 4, "\r\n\r\n", 4);
    return (struct slice){out, n + tail};
}

static void test_a_head_over_32_kib_is_too_large(void **state)
{
    char *raw = malloc(HEAD_MAX + 128);
    struct head_facts facts;

    (void)state;
    assert_non_null(raw);
    expect_ok(head_of(raw, HEAD_MAX, 0));
    assert_int_equal(check(head_of(raw, HEAD_MAX, 100), &facts), HEAD_OK);
    assert_int_equal(facts.length, HEAD_MAX);
    for (size_t over = 1; over < 5; over++) {
        assert_int_equal(check(head_of(raw, HEAD_MAX + over, 0), &facts), HEAD_TOO_LARGE);
        assert_non_null(facts.reason);
    }
    memset(raw, '\n', HEAD_MAX + 128);
    assert_int_equal(check((struct slice){raw, HEAD_MAX + 128}, &facts), HEAD_BAD);
    free(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary_heads_are_taken),
        cmocka_unit_test(test_names_are_compared_without_case),
        cmocka_unit_test(test_facts_tell_how_the_body_is_framed),
        cmocka_unit_test(test_one_empty_line_before_the_request_line_is_skipped),
        cmocka_unit_test(test_a_line_that_ends_in_a_bare_lf_is_refused),
        cmocka_unit_test(test_broken_header_lines_are_refused),
        cmocka_unit_test(test_every_byte_of_a_name_is_a_token_character),
        cmocka_unit_test(test_control_characters_in_a_value_are_refused),
        cmocka_unit_test(test_broken_request_lines_are_refused),
        cmocka_unit_test(test_content_length_must_be_plain_digits),
        cmocka_unit_test(test_the_only_transfer_encoding_is_chunked_once_in_http_1_1),
        cmocka_unit_test(test_http_1_1_has_exactly_one_host),
        cmocka_unit_test(test_an_incomplete_head_is_refused_and_never_read_beyond),
        cmocka_unit_test(test_a_head_over_32_kib_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
