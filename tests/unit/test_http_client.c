/* test_http_client.c: whose address it is, behind proxies that are trusted and others.
 *
 * SPDX-License-Identifier: MIT */
#include "../../src/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

/* The address as text, from a peer at `from`. */
static const char *seen(const char *proxies_text, const char *from, const char *forwarded_for)
{
    static char text[INET6_ADDRSTRLEN];
    struct client_proxies proxies;
    struct sockaddr_storage peer = {.ss_family = AF_INET};
    uint8_t address[CLIENT_ADDRESS_LEN];

    assert_true(client_proxies_parse(slice_of(proxies_text), &proxies));
    if (inet_pton(AF_INET, from, &((struct sockaddr_in *)&peer)->sin_addr) != 1) {
        peer.ss_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, from, &((struct sockaddr_in6 *)&peer)->sin6_addr), 1);
    }
    client_address(&proxies, (struct sockaddr *)&peer, slice_of(forwarded_for), address);
    assert_non_null(inet_ntop(AF_INET6, address, text, sizeof text));
    return text;
}

static void test_without_trusted_proxies_the_peer_is_the_client(void **state)
{
    (void)state;
    assert_string_equal(seen("", "192.0.2.1", "203.0.113.9"), "::ffff:192.0.2.1");
    assert_string_equal(seen("10.0.0.0/8", "192.0.2.1", "203.0.113.9"), "::ffff:192.0.2.1");
    assert_string_equal(seen("", "2001:db8::1", ""), "2001:db8::1");
}

static void test_the_list_is_read_from_its_end_while_its_writers_are_trusted(void **state)
{
    (void)state;
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", "203.0.113.9"), "::ffff:203.0.113.9");
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", "1.2.3.4, 203.0.113.9"),
                        "::ffff:203.0.113.9");
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", "203.0.113.9 , 10.2.2.2"),
                        "::ffff:203.0.113.9");
    assert_string_equal(seen("10.0.0.0/8 ::1,192.0.2.7", "::1", "203.0.113.9, 192.0.2.7"),
                        "::ffff:203.0.113.9");
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", "10.3.3.3,10.2.2.2"), "::ffff:10.3.3.3");
}

static void test_what_is_no_address_ends_the_list(void **state)
{
    (void)state;
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", "203.0.113.9, unknown"), "::ffff:10.1.1.1");
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", ""), "::ffff:10.1.1.1");
    assert_string_equal(seen("10.0.0.0/8", "10.1.1.1", ","), "::ffff:10.1.1.1");
}

static void test_ports_and_brackets_are_taken_off(void **state)
{
    (void)state;
    assert_string_equal(seen("10.0.0.1", "10.0.0.1", "203.0.113.9:4711"), "::ffff:203.0.113.9");
    assert_string_equal(seen("10.0.0.1", "10.0.0.1", "[2001:db8::2]:443"), "2001:db8::2");
    assert_string_equal(seen("2001:db8::/32", "2001:db8::9", "2001:db9::2"), "2001:db9::2");
}

static void test_prefixes_end_within_a_byte(void **state)
{
    (void)state;
    assert_string_equal(seen("10.16.0.0/12", "10.31.0.1", "203.0.113.9"), "::ffff:203.0.113.9");
    assert_string_equal(seen("10.16.0.0/12", "10.32.0.1", "203.0.113.9"), "::ffff:10.32.0.1");
    assert_string_equal(seen("0.0.0.0/0", "10.32.0.1", "203.0.113.9"), "::ffff:203.0.113.9");
}

static void test_what_is_no_proxy_is_refused(void **state)
{
    static const char *const wrong[] = {"proxy",   "10.0.0.0/33", "10.0.0",
                                        "::1/129", "10.0.0.1/x",  "10.0.0.1/"};
    struct client_proxies proxies;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(client_proxies_parse(slice_of(wrong[i]), &proxies));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_trusted_proxies_the_peer_is_the_client),
        cmocka_unit_test(test_the_list_is_read_from_its_end_while_its_writers_are_trusted),
        cmocka_unit_test(test_what_is_no_address_ends_the_list),
        cmocka_unit_test(test_ports_and_brackets_are_taken_off),
        cmocka_unit_test(test_prefixes_end_within_a_byte),
        cmocka_unit_test(test_what_is_no_proxy_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
