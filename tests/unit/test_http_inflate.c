/* test_http_inflate.c: gzip bodies, good, broken, and larger than they look.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "inflate.h"

#define KIB ((size_t)1024)

static struct inflater *inflater;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    inflater = inflater_new();
    arena_init(&arena, NULL, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inflater_free(inflater);
    arena_dispose(&arena);
    return 0;
}

static struct slice gzip(struct slice plain, int level)
{
    size_t room = plain.n + plain.n / 100 + 100;
    z_stream z = {.next_in = (z_const Bytef *)plain.p, .avail_in = (uInt)plain.n};

    z.next_out = arena_alloc(&arena, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&z), Z_OK);
    return (struct slice){(const char *)z.next_out - z.total_out, z.total_out};
}

static struct slice zeros(size_t n)
{
    return (struct slice){arena_zalloc(&arena, n), n};
}

/* Text that hardly compresses. */
static struct slice noise(size_t n)
{
    char *p = arena_alloc(&arena, n);
    uint32_t x = 1;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (char)(x >> 24);
    }
    return (struct slice){p, n};
}

static void expect(struct slice body, size_t max, struct slice plain)
{
    struct slice out;

    assert_int_equal(inflate_gzip(inflater, body, max, &arena, &out), OK);
    assert_true(slice_eq(out, plain));
}

static void expect_err(struct slice body, size_t max, enum err err)
{
    struct slice out = SLICE("untouched");

    assert_int_equal(inflate_gzip(inflater, body, max, &arena, &out), err);
    assert_true(slice_is(out, "untouched"));
}

static void test_a_body_comes_back_byte_for_byte(void **state)
{
    (void)state;
    expect(gzip(SLICE("{\"a\":1}"), 6), 1 * KIB, SLICE("{\"a\":1}"));
    expect(gzip(SLICE(""), 6), 1 * KIB, SLICE(""));
    expect(gzip(noise(300 * KIB), 6), 4096 * KIB, noise(300 * KIB));
    expect(gzip(noise(5 * KIB), 0), 1024 * KIB, noise(5 * KIB));
}

static void test_the_output_may_reach_the_limit_but_not_pass_it(void **state)
{
    (void)state;
    expect(gzip(noise(70 * KIB), 6), 70 * KIB, noise(70 * KIB));
    expect_err(gzip(noise(70 * KIB), 6), 70 * KIB - 1, ERR_TOO_LARGE);
    expect_err(gzip(SLICE("ab"), 6), 1, ERR_TOO_LARGE);
    expect_err(gzip(SLICE("a"), 6), 0, ERR_TOO_LARGE);
    expect(gzip(SLICE(""), 6), 0, SLICE(""));
}

static void test_a_ratio_over_100_counts_only_above_64_kib(void **state)
{
    struct slice bomb = gzip(zeros(64 * KIB), 9);

    (void)state;
    assert_true(bomb.n * 100 < 64 * KIB);
    expect(bomb, 4096 * KIB, zeros(64 * KIB));
    bomb = gzip(zeros(64 * KIB + 1), 9);
    assert_true(bomb.n * 100 < 64 * KIB);
    expect_err(bomb, 4096 * KIB, ERR_TOO_LARGE);
    expect_err(gzip(zeros(100 * 1024 * KIB), 9), 4096 * KIB, ERR_TOO_LARGE);
}

static void test_members_may_follow_each_other(void **state)
{
    struct slice a = gzip(SLICE("{\"a\":"), 6), b = gzip(SLICE("1}"), 6);

    (void)state;
    expect(arena_join(&arena, 2, a, b), 1 * KIB, SLICE("{\"a\":1}"));
    expect(arena_join(&arena, 3, a, gzip(SLICE(""), 6), b), 1 * KIB, SLICE("{\"a\":1}"));
    expect_err(arena_join(&arena, 2, a, b), 6, ERR_TOO_LARGE);
}

static void test_the_number_of_members_is_bounded(void **state)
{
    struct slice empty = gzip(SLICE(""), 6);
    char *p = arena_alloc(&arena, empty.n * (INFLATE_MAX_MEMBERS + 1));

    (void)state;
    for (size_t i = 0; i <= INFLATE_MAX_MEMBERS; i++)
        memcpy(p + i * empty.n, empty.p, empty.n);
    expect((struct slice){p, empty.n * INFLATE_MAX_MEMBERS}, 1 * KIB, SLICE(""));
    expect_err((struct slice){p, empty.n * (INFLATE_MAX_MEMBERS + 1)}, 1 * KIB, ERR_TOO_LARGE);
}

static void test_what_follows_the_last_member_is_broken(void **state)
{
    struct slice body = gzip(SLICE("{}"), 6);

    (void)state;
    expect_err(arena_join(&arena, 2, body, SLICE("x")), 1 * KIB, ERR_BAD_BODY);
    expect_err(arena_join(&arena, 2, body, SLICE("\0\0\0\0")), 1 * KIB, ERR_BAD_BODY);
    expect_err(arena_join(&arena, 2, body, SLICE("\x1f")), 1 * KIB, ERR_BAD_BODY);
    expect_err(arena_join(&arena, 2, body, SLICE("{\"b\":2}")), 1 * KIB, ERR_BAD_BODY);
}

static void test_a_body_cut_anywhere_is_broken(void **state)
{
    struct slice body = gzip(SLICE("{\"event_type\":\"page.viewed\"}"), 6);

    (void)state;
    for (size_t n = 0; n < body.n; n++)
        expect_err((struct slice){body.p, n}, 1 * KIB, ERR_BAD_BODY);
}

static void test_a_changed_checksum_or_length_is_broken(void **state)
{
    struct slice good = gzip(SLICE("{\"event_type\":\"page.viewed\"}"), 6);

    (void)state;
    for (size_t i = good.n - 8; i < good.n; i++) {
        struct slice bad = arena_copy(&arena, good);

        ((char *)bad.p)[i] ^= 1;
        expect_err(bad, 1 * KIB, ERR_BAD_BODY);
    }
}

static void test_what_is_not_gzip_is_broken(void **state)
{
    (void)state;
    expect_err(SLICE("{\"a\":1}"), 1 * KIB, ERR_BAD_BODY);
    expect_err(SLICE("\x78\x9c\x03\x00\x00\x00\x00\x01"), 1 * KIB,
               ERR_BAD_BODY); /* zlib's format */
}

static void test_an_inflater_works_again_after_a_broken_body(void **state)
{
    struct slice good = gzip(SLICE("{}"), 6);

    (void)state;
    expect_err((struct slice){good.p, good.n - 3}, 1 * KIB, ERR_BAD_BODY);
    expect(good, 1 * KIB, SLICE("{}"));
    expect_err(gzip(zeros(512 * KIB), 9), 4096 * KIB, ERR_TOO_LARGE);
    expect(good, 1 * KIB, SLICE("{}"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_body_comes_back_byte_for_byte),
        TEST(test_the_output_may_reach_the_limit_but_not_pass_it),
        TEST(test_a_ratio_over_100_counts_only_above_64_kib),
        TEST(test_members_may_follow_each_other),
        TEST(test_the_number_of_members_is_bounded),
        TEST(test_what_follows_the_last_member_is_broken),
        TEST(test_a_body_cut_anywhere_is_broken),
        TEST(test_a_changed_checksum_or_length_is_broken),
        TEST(test_what_is_not_gzip_is_broken),
        TEST(test_an_inflater_works_again_after_a_broken_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
