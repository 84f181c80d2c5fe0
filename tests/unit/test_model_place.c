/* test_model_place.c: addresses put together and taken apart.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/place.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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

static void test_d21_an_address_is_put_together_without_saying_anything_twice(void **state)
{
    static const char full[] = "123 Main St, Beverly Hills, CA 90210";
    static const struct {
        struct place place;
        const char *full;
    } rows[] = {
        {{SLICE_CONST(full), {0}, {0}, {0}}, full},
        {{SLICE_CONST("123 Main St"), SLICE_CONST("Beverly Hills"), SLICE_CONST("CA"),
          SLICE_CONST("90210")},
         full},
        {{SLICE_CONST(full), SLICE_CONST("beverly hills"), SLICE_CONST("CA"), SLICE_CONST("90210")},
         full},
        {{SLICE_CONST("123 Main St, Beverly Hills"), {0}, SLICE_CONST("CA"), SLICE_CONST("90210")},
         full},
        {{{0}, SLICE_CONST("Beverly Hills"), SLICE_CONST("CA"), {0}}, "Beverly Hills, CA"},
        {{{0}, {0}, {0}, SLICE_CONST("90210")}, "90210"},
        {{SLICE_CONST("12 Cabot St"), SLICE_CONST("Salem"), SLICE_CONST("CA"), {0}},
         "12 Cabot St, Salem, CA"}, /* no CA of its own */
        {{SLICE_CONST("5 Plaza"), SLICE_CONST("Durban"), SLICE_CONST("ZA"), {0}},
         "5 Plaza, Durban, ZA"},
        {{SLICE_CONST("  "), {0}, {0}, {0}}, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice text = place_full(&rows[i].place, &arena);
        if (!slice_eq(text, slice_of(rows[i].full)) || (rows[i].full == NULL && text.p != NULL))
            fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(text), rows[i].full);
    }
}

static void test_d30_city_and_state_are_read_from_an_address(void **state)
{
    static const struct {
        const char *text, *city_state;
    } examples[] = {
        {"123 Main St, Beverly Hills, CA 90210", "Beverly Hills, CA"},
        {"123 Main St, Beverly Hills, CA 90210-1234", "Beverly Hills, CA"},
        {"123 Main St, Beverly Hills, CA, 90210", "Beverly Hills, CA"},
        {"123 Main St, Beverly Hills, CA 90210, USA", "Beverly Hills, CA"},
        {"123 Main St, Beverly Hills CA 90210", "Beverly Hills, CA"},
        {"123 Main St,Beverly Hills,CA 90210 ", "Beverly Hills, CA"},
        {"Beverly Hills, CA", "Beverly Hills, CA"},
        {"1 Elm St, Apt 4, Austin, Texas 78701", "Austin, Texas"},
        {"5 Park Ave, New York, New York 10001", "New York, New York"},
        {"123 Main St", "123 Main St"},
        {"123 Main St, Springfield", "123 Main St, Springfield"},
        {"123 Main St, Springfield 62704", "123 Main St, Springfield 62704"}, /* no city */
        {"Venice Beach", "Venice Beach"},
        {"90210", "90210"},
        {"90210, USA", "90210, USA"},
        {",", ","},
        {", , ,", ", , ,"},
        {"USA", "USA"},
        {"CA 90210", "CA 90210"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        struct place place = {.address = slice_of(examples[i].text)};
        struct slice text = place_city_state(&place, &arena);
        if (!slice_is(text, examples[i].city_state))
            fail_msg("\"%s\" gives \"%.*s\"", examples[i].text, SLICE_ARGS(text));
    }
}

static void test_d30_city_and_state_as_fields_come_first(void **state)
{
    struct place place = {.address = SLICE("123 Main St, Beverly Hills, CA 90210"),
                          .city = SLICE("Los Angeles"),
                          .state = SLICE("California")};
    (void)state;
    assert_text(place_city_state(&place, &arena), "Los Angeles, California");
    place.state = SLICE_NONE;
    assert_text(place_city_state(&place, &arena), "Beverly Hills, CA");
    place.address = SLICE("123 Main St");
    assert_text(place_city_state(&place, &arena), "Los Angeles");
    place = (struct place){.state = SLICE("CA")};
    assert_text(place_city_state(&place, &arena), "CA");
    place = (struct place){{0}, {0}, {0}, SLICE_CONST("90210")};
    assert_null(place_city_state(&place, &arena).p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d21_an_address_is_put_together_without_saying_anything_twice),
        TEST(test_d30_city_and_state_are_read_from_an_address),
        TEST(test_d30_city_and_state_as_fields_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
