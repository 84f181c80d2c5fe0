/* test_http_connections.c: how many connections are let in, in all and from one address.
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/un.h>

#include <cmocka.h>

#include "connections.h"

union peer {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static union peer ipv4(uint32_t address, uint16_t port)
{
    union peer peer = {.in = {.sin_family = AF_INET, .sin_port = htons(port)}};
    peer.in.sin_addr.s_addr = htonl(address);
    return peer;
}

static union peer ipv6(const char *text, uint16_t port)
{
    union peer peer = {.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
    assert_int_equal(inet_pton(AF_INET6, text, &peer.in6.sin6_addr), 1);
    return peer;
}

static bool enter(struct connections *c, union peer peer, struct connections_slot *slot)
{
    return connections_enter(c, &peer.any, sizeof peer, slot);
}

static struct connections *with_limits(int64_t all, int64_t by_address)
{
    struct conf conf = {.max_connections = all, .max_per_ip = by_address};
    return connections_new(&conf);
}

/* The counter of an address: entered and left again. */
static unsigned counter_of(struct connections *c, union peer peer)
{
    struct connections_slot slot;
    assert_true(enter(c, peer, &slot));
    connections_leave(c, slot);
    return slot.address;
}

/* An address that does not meet the given one in the table of counters, as two in 65,536 do. */
static union peer stranger_to(struct connections *c, union peer peer)
{
    uint32_t address = 0x0a000001;
    while (counter_of(c, ipv4(address, 1)) == counter_of(c, peer))
        address++;
    return ipv4(address, 1);
}

static void test_beyond_the_limit_nobody_enters_until_one_leaves(void **state)
{
    struct connections *c = with_limits(3, 0);
    struct connections_slot slots[3], more;
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++)
            assert_true(enter(c, ipv4(1, 1000), &slots[i]));
        for (int i = 0; i < 5; i++)
            assert_false(enter(c, ipv4(2, 1000), &more));
        connections_leave(c, slots[0]);
        assert_true(enter(c, ipv4(2, 1000), &slots[0]));
        assert_false(enter(c, ipv4(3, 1000), &more));
        for (int i = 0; i < 3; i++)
            connections_leave(c, slots[i]);
    }
    free(c);
}

static void test_without_a_limit_by_address_one_may_have_all(void **state)
{
    struct connections *c = with_limits(100, 0);
    struct connections_slot slot;
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_true(enter(c, ipv4(0x7f000001, (uint16_t)(1000 + i)), &slot));
    assert_false(enter(c, ipv4(0x7f000001, 999), &slot));
    free(c);
}

static void test_one_address_has_its_share_whatever_its_ports(void **state)
{
    struct connections *c = with_limits(100, 2);
    union peer greedy = ipv4(0x7f000001, 1000), other = stranger_to(c, greedy);
    struct connections_slot first, second, more;
    (void)state;
    assert_true(enter(c, greedy, &first));
    assert_true(enter(c, ipv4(0x7f000001, 1001), &second));
    for (uint16_t port = 2000; port < 2010; port++)
        assert_false(enter(c, ipv4(0x7f000001, port), &more));
    assert_true(enter(c, other, &more));
    connections_leave(c, first);
    assert_true(enter(c, ipv4(0x7f000001, 3000), &first));
    assert_false(enter(c, ipv4(0x7f000001, 3001), &more));
    free(c);
}

static void test_who_is_refused_is_not_counted(void **state)
{
    struct connections *c = with_limits(2, 1);
    union peer greedy = ipv4(1, 1), other = stranger_to(c, greedy);
    struct connections_slot mine, theirs, more;
    (void)state;
    assert_true(enter(c, greedy, &mine));
    for (int i = 0; i < 10; i++)
        assert_false(enter(c, greedy, &more));
    assert_true(enter(c, other, &theirs)); /* there is room in all */
    connections_leave(c, mine);
    assert_true(enter(c, greedy, &mine)); /* and for this address again */
    free(c);
}

static void test_a_site_of_ipv6_is_one_address(void **state)
{
    struct connections *c = with_limits(100, 2);
    struct connections_slot slot;
    (void)state;
    assert_true(enter(c, ipv6("2001:db8:1:2::1", 1), &slot));
    assert_true(enter(c, ipv6("2001:db8:1:2:ffff:ffff:ffff:ffff", 2), &slot));
    assert_false(enter(c, ipv6("2001:db8:1:2::3", 3), &slot));
    free(c);
}

static void test_peers_without_an_address_share_one_counter(void **state)
{
    struct connections *c = with_limits(100, 2);
    union peer local = {.un = {.sun_family = AF_UNIX}};
    struct connections_slot slot;
    (void)state;
    assert_true(enter(c, local, &slot));
    assert_true(connections_enter(c, &local.any, 0, &slot));
    assert_false(enter(c, local, &slot));
    free(c);
}

static void test_each_table_has_a_key_of_its_own(void **state)
{
    struct connections *first = with_limits(100, 0), *second = with_limits(100, 0);
    unsigned same = 0;
    (void)state;
    for (uint32_t address = 0; address < 100; address++)
        same += counter_of(first, ipv4(address, 1)) == counter_of(second, ipv4(address, 1));
    assert_true(same < 50);
    free(first);
    free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beyond_the_limit_nobody_enters_until_one_leaves),
        cmocka_unit_test(test_without_a_limit_by_address_one_may_have_all),
        cmocka_unit_test(test_one_address_has_its_share_whatever_its_ports),
        cmocka_unit_test(test_who_is_refused_is_not_counted),
        cmocka_unit_test(test_a_site_of_ipv6_is_one_address),
        cmocka_unit_test(test_peers_without_an_address_share_one_counter),
        cmocka_unit_test(test_each_table_has_a_key_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
