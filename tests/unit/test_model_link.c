/* test_model_link.c: links whose text comes out as it went in.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/link.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static void assert_text(struct slice s, const char *expected)
{
    if (!slice_is(s, expected))
        fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(s), expected);
}

static const struct slice text = SLICE_CONST("Hi J\xC3\xB6,\n50% & more?");

static void test_an_sms_link_has_number_and_text(void **state)
{
    (void)state;
    assert_text(link_sms(SLICE("+15551234567"), text, &arena),
                "sms:+15551234567?body=Hi%20J%C3%B6%2C%0A50%25%20%26%20more%3F");
    assert_text(link_sms(SLICE(" +1 (555) 123-4567"), SLICE("x"), &arena),
                "sms:+15551234567?body=x");
    assert_text(link_sms(SLICE("5551234567"), SLICE(""), &arena), "sms:5551234567?body=");
    assert_null(link_sms(SLICE("unknown"), text, &arena).p);
    assert_null(link_sms(SLICE("+"), text, &arena).p);
    assert_null(link_sms(SLICE_NONE, text, &arena).p);
}

static void test_an_email_link_has_address_subject_and_text(void **state)
{
    (void)state;
    assert_text(
        link_email(SLICE("customer@example.com"), SLICE("Your booking request"), text, &arena),
        "mailto:customer@example.com?subject=Your%20booking%20request"
        "&body=Hi%20J%C3%B6%2C%0D%0A50%25%20%26%20more%3F");
    assert_text(link_email(SLICE("j+x@example.com"), SLICE("a\nb"), SLICE("a\r\nb\rc"), &arena),
                "mailto:j+x@example.com?subject=a%20b&body=a%0D%0Ab%0Dc");
    /* an address does not get to add members of its own */
    assert_text(link_email(SLICE("a?bcc=b&c@example.com"), SLICE("s"), SLICE("t"), &arena),
                "mailto:a%3Fbcc%3Db%26c@example.com?subject=s&body=t");
    assert_null(link_email(SLICE_NONE, SLICE("s"), text, &arena).p);
    assert_null(link_email(SLICE(" "), SLICE("s"), text, &arena).p);
}

static void test_a_whatsapp_link_has_the_digits_of_an_international_number(void **state)
{
    (void)state;
    assert_text(link_whatsapp(SLICE("+15551234567"), text, &arena),
                "https://wa.me/15551234567?text=Hi%20J%C3%B6%2C%0A50%25%20%26%20more%3F");
    assert_text(link_whatsapp(SLICE("+1 555 123-4567"), SLICE("\r\n"), &arena),
                "https://wa.me/15551234567?text=%0A");
    assert_null(link_whatsapp(SLICE("5551234567"), text, &arena).p);
    assert_null(link_whatsapp(SLICE("+"), text, &arena).p);
    assert_null(link_whatsapp(SLICE_NONE, text, &arena).p);
}

static int hex(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static void test_every_byte_survives_the_way_there_and_back(void **state)
{
    char all[256];
    size_t at = strlen("https://wa.me/1?text=");
    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (char)(255 - i); /* downwards, so that CR does not stand before LF */
    struct slice link = link_whatsapp(SLICE("+1"), (struct slice){all, sizeof all}, &arena);
    for (int i = 0; i < 256; i++) {
        char c = link.p[at++];
        if (c == '%') {
            c = (char)(hex(link.p[at]) * 16 + hex(link.p[at + 1]));
            at += 2;
        } else if (strchr("-._~", c) == NULL) {
            assert_true((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
        }
        assert_int_equal((unsigned char)c, 255 - i);
    }
    assert_int_equal(at, link.n);
}

static void test_a_text_of_line_ends_fits(void **state)
{
    char lines[64];
    (void)state;
    memset(lines, '\n', sizeof lines);
    for (size_t n = 0; n <= sizeof lines; n++) {
        struct slice link = link_email(SLICE("a@b"), SLICE_NONE, (struct slice){lines, n}, &arena);
        assert_int_equal(link.n, strlen("mailto:a@b?subject=&body=") + 6 * n);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_an_sms_link_has_number_and_text),
        TEST(test_an_email_link_has_address_subject_and_text),
        TEST(test_a_whatsapp_link_has_the_digits_of_an_international_number),
        TEST(test_every_byte_survives_the_way_there_and_back),
        TEST(test_a_text_of_line_ends_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
