/* test_model_query.c: query strings, their typed getters, and cursors.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/query.h"

static struct arena arena;
static struct faults faults;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    faults = (struct faults){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static struct query parsed(const char *text)
{
    struct query query;

    if (query_parse(slice_of(text), &arena, &query) != OK)
        fail_msg("refused: %s", text);
    return query;
}

static void expect_param(const char *text, const char *name, const char *expected)
{
    struct query query = parsed(text);
    struct slice value = query_text(&query, name);

    assert_non_null(value.p);
    if (!slice_is(value, expected))
        fail_msg("%.*s instead of %s in %s", SLICE_ARGS(value), expected, text);
}

/* From a block of exactly its size: reading beyond it is seen by the sanitizer. */
static void expect_bad(struct slice text)
{
    struct query query = {NULL, 7};
    char *copy = malloc(text.n);

    assert_non_null(copy);
    memcpy(copy, text.p, text.n);
    if (query_parse((struct slice){copy, text.n}, &arena, &query) != ERR_BAD_QUERY)
        fail_msg("taken: %.*s", SLICE_ARGS(text));
    assert_int_equal(query.count, 7);
    free(copy);
}

static void test_parameters_are_found_by_name(void **state)
{
    struct query query = parsed("a=1&b=two&hub.mode=subscribe&c=x=y");

    (void)state;
    assert_int_equal(query.count, 4);
    assert_true(slice_is(query_text(&query, "a"), "1"));
    assert_true(slice_is(query_text(&query, "hub.mode"), "subscribe"));
    assert_true(slice_is(query_text(&query, "c"), "x=y"));
    assert_null(query_text(&query, "A").p);
    assert_null(query_text(&query, "").p);
}

static void test_absent_and_empty_are_two_things(void **state)
{
    struct query query = parsed("cursor=&flag&&x=1&");

    (void)state;
    assert_int_equal(query.count, 3);
    assert_non_null(query_text(&query, "cursor").p);
    assert_int_equal(query_text(&query, "cursor").n, 0);
    assert_non_null(query_text(&query, "flag").p);
    assert_null(query_text(&query, "limit").p);
    query = parsed("");
    assert_int_equal(query.count, 0);
    assert_int_equal(query_parse(SLICE_NONE, &arena, &query), OK);
    assert_int_equal(query.count, 0);
}

static void test_the_first_of_two_equal_names_counts(void **state)
{
    (void)state;
    expect_param("a=1&a=2", "a", "1");
}

static void test_escapes_are_resolved_in_names_and_values(void **state)
{
    (void)state;
    expect_param("q=a+b%20c%2Bd%26e%3d%25", "q", "a b c+d&e=%");
    expect_param("hub%2Emode=x", "hub.mode", "x");
    expect_param("q=Zo%C3%AB", "q", "Zo\xc3\xab");
    expect_param("q=Zo\xc3\xab", "q", "Zo\xc3\xab");
    expect_param("q=%F0%9F%98%80", "q", "\xf0\x9f\x98\x80");
}

static void test_a_segment_of_a_path_has_no_blanks_spelled_plus(void **state)
{
    static const char *const bad[] = {"%", "a%2", "%zz", "%00", "%ff", "\xff"};
    struct slice text;

    (void)state;
    assert_true(query_path_text(SLICE("a+b%20c%2Fd"), &arena, &text));
    assert_true(slice_is(text, "a+b c/d"));
    assert_true(query_path_text(SLICE("%C3%A9+"), &arena, &text));
    assert_true(slice_is(text, "\xc3\xa9+"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(query_path_text(slice_of(bad[i]), &arena, &text));
}

static void test_broken_query_strings_are_refused(void **state)
{
    static const char *const texts[] = {
        "a=%",       "a=%1",        "a=%g0",          "a=%0g", "%=1",    "a=%00", "%00=1",
        "a=%C3",     "a=%C0%AF",    "a=%ED%A0%80",    "a=%FF", "a=\x80", "a=%-1", "a=% 1",
        "a=1&b=%&c", "a=%E0%9F%BF", "a=%F0%8F%BF%BF",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        expect_bad(slice_of(texts[i]));
    expect_bad((struct slice){"a=\0", 3});
}

static void test_the_number_of_parameters_is_bounded(void **state)
{
    char text[(QUERY_MAX_PARAMS + 1) * 4];
    struct query query;

    (void)state;
    for (size_t i = 0; i <= QUERY_MAX_PARAMS; i++)
        memcpy(text + 4 * i, "a=1&", 4);
    assert_int_equal(query_parse((struct slice){text, QUERY_MAX_PARAMS * 4}, &arena, &query), OK);
    assert_int_equal(query.count, QUERY_MAX_PARAMS);
    expect_bad((struct slice){text, sizeof(text)});
}

static void expect_limit(const char *text, unsigned expected)
{
    struct query query = parsed(text);
    unsigned limit = QUERY_LIMIT_DEFAULT;

    assert_true(query_limit(&query, QUERY_LIMIT_MOST, &arena, &faults, &limit));
    if (limit != expected)
        fail_msg("%u instead of %u for %s", limit, expected, text);
    assert_int_equal(faults.count, 0);
}

static void test_a_limit_is_cut_to_the_most(void **state)
{
    (void)state;
    expect_limit("", 50);
    expect_limit("limit=", 50);
    expect_limit("limit=1", 1);
    expect_limit("limit=007", 7);
    expect_limit("limit=200", 200);
    expect_limit("limit=201", 200);
    expect_limit("limit=99999999999999999999999999", 200);
}

static void test_a_limit_that_is_none_is_a_fault(void **state)
{
    static const char *const texts[] = {"limit=0",   "limit=-1",  "limit=abc", "limit=1.5",
                                        "limit=%20", "limit=1e2", "limit=+5",  "limit=000"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct query query = parsed(texts[i]);
        unsigned limit = 50;

        if (query_limit(&query, 200, &arena, &faults, &limit))
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(limit, 50);
        assert_int_equal(faults.count, i + 1);
        assert_true(slice_is(faults.list[i].field, "limit"));
    }
    assert_string_equal(faults.list[0].code, "range");
    assert_string_equal(faults.list[2].code, "type");
}

static void test_a_time_is_text_or_milliseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"from=2025-11-11T10:00:00.000Z", 1762855200000},
        {"from=2025-11-11T11:00:00%2B01:00", 1762855200000},
        {"from=2025-11-11", 1762819200000},
        {"from=1762855200000", 1762855200000},
        {"from=253402300799999", 253402300799999},
        {"from=", 5},
        {"", 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct query query = parsed(rows[i].text);
        int64_t ms = 5;

        if (!query_time(&query, "from", &arena, &faults, &ms) || ms != rows[i].ms)
            fail_msg("%lld for %s", (long long)ms, rows[i].text);
    }
    assert_int_equal(faults.count, 0);
}

static void test_a_time_that_is_none_is_a_fault(void **state)
{
    static const char *const texts[] = {"to=yesterday", "to=-1", "to=2025-02-30",
                                        "to=253402300800000", "to=1e3"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct query query = parsed(texts[i]);
        int64_t ms = 5;

        if (query_time(&query, "to", &arena, &faults, &ms))
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(ms, 5);
        assert_int_equal(faults.count, i + 1);
        assert_true(slice_is(faults.list[i].field, "to"));
        assert_string_equal(faults.list[i].code, "time");
    }
}

static void expect_position(struct slice position)
{
    struct slice cursor = cursor_make(42, position, &arena), back = SLICE_NONE;

    for (size_t i = 0; i < cursor.n; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                               cursor.p[i]));
    assert_int_equal(cursor_read(42, cursor, &arena, &back), OK);
    assert_true(slice_eq(back, position));
}

static void test_a_position_comes_back_from_its_cursor(void **state)
{
    char longest[CURSOR_MAX_POSITION];

    (void)state;
    expect_position(SLICE(""));
    expect_position(SLICE("1795215528068:contact_0123456789abc"));
    expect_position((struct slice){"\0\xff\n", 3});
    for (size_t n = 0; n < 16; n++)
        expect_position((struct slice){"abcdefghijklmnop", n});
    memset(longest, 0xa5, sizeof(longest));
    expect_position((struct slice){longest, sizeof(longest)});
}

static void expect_bad_cursor(uint64_t scope, struct slice cursor)
{
    struct slice position = SLICE("untouched");

    if (cursor_read(scope, cursor, &arena, &position) != ERR_BAD_CURSOR)
        fail_msg("taken: %.*s", SLICE_ARGS(cursor));
    assert_true(slice_is(position, "untouched"));
}

static void test_a_cursor_of_another_query_is_refused(void **state)
{
    (void)state;
    expect_bad_cursor(43, cursor_make(42, SLICE("10"), &arena));
    expect_bad_cursor(42, cursor_make(43, SLICE("10"), &arena));
}

static void test_a_damaged_cursor_is_refused(void **state)
{
    struct slice good = cursor_make(42, SLICE("1795215528068:x"), &arena);
    char longer[70000];

    (void)state;
    for (size_t n = 0; n < good.n; n++)
        expect_bad_cursor(42, (struct slice){good.p, n});
    for (size_t i = 0; i < good.n; i++) {
        struct slice bad = arena_copy(&arena, good);

        ((char *)bad.p)[i] = bad.p[i] == 'A' ? 'B' : 'A';
        expect_bad_cursor(42, bad);
        ((char *)bad.p)[i] = '=';
        expect_bad_cursor(42, bad);
    }
    expect_bad_cursor(42, arena_join(&arena, 2, good, SLICE("=")));
    expect_bad_cursor(42, arena_join(&arena, 2, good, SLICE("A")));
    expect_bad_cursor(42, SLICE(""));
    expect_bad_cursor(42, SLICE("not a cursor"));
    memset(longer, 'A', sizeof(longer));
    expect_bad_cursor(42, (struct slice){longer, sizeof(longer)});
}

static void test_a_cursor_has_one_spelling_only(void **state)
{
    struct slice cursor = cursor_make(42, SLICE(""), &arena); /* 8 bytes: two bits are left over */
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned taken = 0;

    (void)state;
    assert_int_equal(cursor.n, 11);
    for (size_t i = 0; i < 64; i++) {
        struct slice other = arena_copy(&arena, cursor), position;

        ((char *)other.p)[10] = alphabet[i];
        taken += cursor_read(42, other, &arena, &position) == OK;
    }
    assert_int_equal(taken, 1);
    cursor = cursor_make(42, SLICE("1"), &arena); /* 9 bytes: none are */
    expect_bad_cursor(42, arena_join(&arena, 2, cursor, SLICE("A")));
}

static uint64_t scope(const char *list, const char *text)
{
    static const char *const names[] = {"status", "sort", NULL};
    struct query query = parsed(text);

    return cursor_scope(slice_of(list), &query, names);
}

static void test_a_scope_is_the_list_and_its_named_parameters(void **state)
{
    uint64_t plain = scope("/v1/leads", "status=NEW&sort=-score");

    (void)state;
    assert_true(plain == scope("/v1/leads", "sort=-score&limit=7&cursor=x&status=NEW&_=99"));
    assert_true(plain == scope("/v1/leads", "status=%4eEW&sort=-score"));
    assert_true(plain != scope("/v1/tasks", "status=NEW&sort=-score"));
    assert_true(plain != scope("/v1/leads", "status=OLD&sort=-score"));
    assert_true(plain != scope("/v1/leads", "status=NEW"));
    assert_true(plain != scope("/v1/leads", "status=-score&sort=NEW"));
    assert_true(scope("/v1/leads", "status=a") != scope("/v1/leads", "sort=a"));
    assert_true(scope("/v1/leads", "status=") == scope("/v1/leads", ""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_parameters_are_found_by_name),
        TEST(test_absent_and_empty_are_two_things),
        TEST(test_the_first_of_two_equal_names_counts),
        TEST(test_escapes_are_resolved_in_names_and_values),
        TEST(test_a_segment_of_a_path_has_no_blanks_spelled_plus),
        TEST(test_broken_query_strings_are_refused),
        TEST(test_the_number_of_parameters_is_bounded),
        TEST(test_a_limit_is_cut_to_the_most),
        TEST(test_a_limit_that_is_none_is_a_fault),
        TEST(test_a_time_is_text_or_milliseconds),
        TEST(test_a_time_that_is_none_is_a_fault),
        TEST(test_a_position_comes_back_from_its_cursor),
        TEST(test_a_cursor_of_another_query_is_refused),
        TEST(test_a_damaged_cursor_is_refused),
        TEST(test_a_cursor_has_one_spelling_only),
        TEST(test_a_scope_is_the_list_and_its_named_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
