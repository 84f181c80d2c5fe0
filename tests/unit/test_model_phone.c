/* test_model_phone.c: which spellings of a phone are one, and what is none.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/identity.h"
#include "phone_lib.h"

struct spelling {
    const char *region;
    const char *typed;
    const char *canonical; /* NULL: no identity */
};

static void check(const struct spelling *rows, size_t count)
{
    struct arena arena;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        const char *region = rows[i].region;
        struct slice got = identity_phone(slice_of(rows[i].typed), region, &arena);
        bool right = rows[i].canonical == NULL ? got.n == 0 : slice_is(got, rows[i].canonical);
        if (!right)
            fail_msg("\"%s\" in %s became \"%.*s\" instead of \"%s\"", rows[i].typed, region,
                     SLICE_ARGS(got), rows[i].canonical != NULL ? rows[i].canonical : "none");
        /* What is canonical stays as it is. */
        if (got.n > 0)
            assert_true(slice_eq(identity_phone(got, region, &arena), got));
    }
    arena_dispose(&arena);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void test_a_phone_with_a_plus_or_00_is_e164_however_it_is_written(void **state)
{
    static const struct spelling rows[] = {
        {"US", "+1234567890", "+1234567890"}, /* possible, though not in use */
        {"US", "+1 (555) 123-4567", "+15551234567"},
        {"US", " +1.555.123.4567 ", "+15551234567"},
        {"US", "+33 6 12 34 56 78", "+33612345678"},
        {"US", "0033612345678", "+33612345678"},
        {"US", "00 33 6 12 34 56 78", "+33612345678"},
        {"FR", "00212 661-234567", "+212661234567"},
        {"US", "+49/30/1234567", "+49301234567"},
        {"US", "+1234567", "+1234567"},
        {"US", "+123456789012345", "+123456789012345"},
        {"US", "00123456789012345", "+123456789012345"},
        {"US", "(+1) 5551234567", "+15551234567"},
        {"US", "+1 [555] 1234567", "+15551234567"},
        {"US", "\u202a+33\u00a06\u202f12\u202f34\u202f56\u202f78\u202c", "+33612345678"},
        {"US", "\uff0b\uff13\uff13 612345678", "+33612345678"},
        {"US", "+1\u2011555\u2013123\u22124567", "+15551234567"},
        {"US", "+\u0663\u0663\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
         "+33612345678"},
        {"US", "+\u096d 9123456789", "+79123456789"},
    };
    (void)state;
    CHECK(rows);
}

static void test_an_extension_is_no_part_of_the_number(void **state)
{
    static const struct spelling rows[] = {
        {"US", "+1 555 123 4567 x9", "+15551234567"},
        {"US", "+1 555 123 4567 Ext. 1234", "+15551234567"},
        {"US", "+1 555 123 4567, extension 12", "+15551234567"},
        {"US", "+15551234567#12", "+15551234567"},
        {"US", "+15551234567;ext=12", "+15551234567"},
        {"US", "+15551234567 x", NULL},
        {"US", "+15551234567 x12345678", NULL},
        {"US", "x1234567", NULL},
        {"US", "ext 1234567", NULL},
    };
    (void)state;
    CHECK(rows);
}

static void test_mexico_brazil_and_argentina_have_one_spelling_each(void **state)
{
    static const struct spelling rows[] = {
        {"US", "+52 1 55 1234 5678", "+525512345678"},
        {"US", "+52 55 1234 5678", "+525512345678"},
        {"US", "+52 1 551 234 567", "+521551234567"}, /* 10 digits: its 1 belongs to it */
        {"US", "+55 31 9876-5432", "+5531998765432"},
        {"US", "+55 31 99876-5432", "+5531998765432"},
        {"US", "+55 11 6123 4567", "+5511961234567"},
        {"US", "+55 11 3123-4567", "+551131234567"}, /* a fixed line */
        {"US", "+55 11 5923-4567", "+551159234567"},
        {"US", "+55 10 9123-4567", "+551091234567"}, /* no area has a zero */
        {"US", "+54 9 11 2345-6789", "+5491123456789"},
        {"US", "+54 11 2345-6789", "+5491123456789"},
        {"US", "+54 351 234-5678", "+5493512345678"},
        {"US", "+54 800 123 4567", "+548001234567"}, /* a free number */
    };
    (void)state;
    CHECK(rows);
}

static void test_a_whatsapp_id_is_a_phone_without_its_plus(void **state)
{
    static const struct spelling rows[] = {
        {"", "16315551181", "+16315551181"},
        {"", "+16315551181", "+16315551181"},
        {"", "5215512345678", "+525512345678"},
        {"", "553198765432", "+5531998765432"},
        {"", "5531998765432", "+5531998765432"},
        {"", "5491123456789", "+5491123456789"},
        {"", "33612345678", "+33612345678"},
        {"", "1234567", "+1234567"},
        {"", "123456", NULL},
        {"", "1234567890123456", NULL},
        {"", "0612345678", NULL}, /* no calling code begins with 0 */
        {"", "0000000000", NULL},
        {"", "1631 5551181", NULL},
        {"", "US.1234567890", NULL}, /* an id that is no number */
        {"", "", NULL},
    };
    struct arena arena;
    (void)state;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice got = identity_whatsapp(slice_of(rows[i].typed), &arena);
        if (!slice_eq(got, slice_of(rows[i].canonical)))
            fail_msg("%s became %.*s", rows[i].typed, SLICE_ARGS(got));
    }
    arena_dispose(&arena);
}

static void test_what_no_region_explains_are_bare_digits(void **state)
{
    static const struct spelling rows[] = {
        {"US", "555-1234", "5551234"}, /* lacks its area code */
        {"US", "33612345678", "33612345678"},
        {"US", "123456789012345", "123456789012345"},
        {"FR", "99 12 34 56 78 90", "991234567890"},
        {"", "06 12 34 56 78", "0612345678"},
        {"", "+0612345678", "0612345678"},
        {"", "000612345678", "000612345678"},
    };
    (void)state;
    CHECK(rows);
}

static void test_what_is_no_phone_is_no_identity(void **state)
{
    static const struct spelling rows[] = {
        {"US", "", NULL},
        {"US", "123456", NULL},
        {"US", "+123456", NULL},
        {"US", "call me", NULL},
        {"US", "+1234567890123456", NULL},
        {"US", "1234567890123456", NULL},
        {"US", "0000000", NULL},
        {"US", "0000000000", NULL},
        {"US", "000-000-0000", NULL},
        {"US", "+0000000000", NULL},
        {"US", "555-CALL-NOW", NULL}, /* no area in use */
        {"US", "++15551234567", NULL},
        {"US", "1+5551234567", NULL},
        {"US", "+1555123456789012345678", NULL},
        {"US", "null", NULL},
        {"US", "undefined", NULL},
        {"US", "anonymous", NULL},
        {"US", "-1", NULL},
        {"US", "\u0661\u0662\u0663", NULL},
        {"US", "001234567890123456", NULL},
        {"US", "+", NULL},
        {"US", "00", NULL},
        {"US", "john@example.com", NULL},
        {"US", "550e8400ab", NULL}, /* not 550-384-0022 */
        {"US", "415a555b2671", NULL},
        {"US", "user 4155552671", NULL},
        {"US", "41555526\xff", NULL}, /* no UTF-8 */
        {"US", "(415) 555-2671 \u0442\u0435\u043b", NULL},
    };
    (void)state;
    CHECK(rows);
}

#ifdef KVCRM_PHONE_LIB
static void test_a22_a_national_number_is_read_in_its_region(void **state)
{
    static const struct spelling rows[] = {
        {"FR", "+33 6 12 34 56 78", "+33612345678"},
        {"FR", "0033612345678", "+33612345678"},
        {"FR", "06 12 34 56 78", "+33612345678"},
        {"FR", "06.12.34.56.78", "+33612345678"},
        {"FR", "33612345678", "+33612345678"},
        {"MA", "0661-234567", "+212661234567"},
        {"US", "(555) 123-4567", "+15551234567"}, /* possible, though not in use */
        {"US", "1 (555) 123-4567", "+15551234567"},
        {"US", "011 33 6 12 34 56 78", "+33612345678"},
        {"US", "1-800-FLOWERS", "+18003569377"},
        {"US", "1 800 GO FEDEX", "+18004633339"},
        {"FR", "+1-800-FLOWERS", "+18003569377"},
        {"GB", "020 7946 0958", "+442079460958"},
        {"GB", "+0612345678", "+44612345678"}, /* a plus before what is no calling code */
        {"DE", "030 123456", "+4930123456"},
        {"DE", "12345", NULL}, /* too short to be told from anything */
        {"IT", "06 1234 5678", "+390612345678"},
        {"AD", "712 345", "+376712345"}, /* six digits are all there are */
        {"MX", "044 55 1234 5678", "+525512345678"},
        {"BR", "(31) 9876-5432", "+5531998765432"},
        {"AR", "011 15-2345-6789", "+5491123456789"},
        {"FR", "\u0660\u0666 \u0661\u0662 \u0663\u0664 \u0665\u0666 \u0667\u0668", "+33612345678"},
    };
    (void)state;
    CHECK(rows);
}

static void test_a_zero_after_the_calling_code_stays_where_it_belongs_to_the_number(void **state)
{
    static const struct spelling rows[] = {
        {"US", "+44 (0)20 7946 0958", "+442079460958"},
        {"US", "+44 020 7946 0958", "+442079460958"},
        {"US", "0049 (0)30 123456", "+4930123456"},
        {"US", "+33 06 12 34 56 78", "+33612345678"},
        {"US", "+39 06 1234 5678", "+390612345678"},
        {"US", "+225 07 12 34 56 78", "+2250712345678"},
        {"US", "+1 0123456789", "+10123456789"},
        {"US", "+999 0123456789", "+9990123456789"},
    };
    (void)state;
    CHECK(rows);
}

static void test_a_region_is_known_when_it_has_numbers(void **state)
{
    (void)state;
    assert_true(identity_region_is_known(SLICE("US")));
    assert_true(identity_region_is_known(SLICE("FR")));
    assert_true(identity_region_is_known(SLICE("XK")));
    assert_false(identity_region_is_known(SLICE("ZZ")));
    assert_false(identity_region_is_known(SLICE("EN")));
    assert_false(identity_region_is_known(SLICE("fr")));
    assert_false(identity_region_is_known(SLICE("001")));
    assert_false(identity_region_is_known(SLICE("F")));
    assert_false(identity_region_is_known(SLICE("")));
}

/* Numbers by chance, all over the world, as many as the test can afford: where libphonenumber calls
 * one valid and leaves its digits alone, so do we; where one of the three rules changes it, the
 * library calls the result valid too. */
static void test_numbers_that_are_valid_stay_what_libphonenumber_says(void **state)
{
    static const char *const starts[] = {"+1",  "+44",  "+33", "+39",  "+521", "+52",  "+55",
                                         "+54", "+549", "+7",  "+225", "+49",  "+376", "+"};
    unsigned valid = 0, seed = 1;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char typed[32], lib[PHONE_LIB_MAX];
        struct arena arena;
        size_t n = (size_t)snprintf(typed, sizeof typed, "%s", starts[round % 14]);
        size_t length = 10 + round / 14 % 5;
        while (n < length) {
            seed = seed * 1664525 + 1013904223;
            typed[n++] = (char)('0' + (seed >> 16) % 10);
        }
        size_t lib_n = phone_lib_e164(typed, n, "US", true, lib);
        if (lib_n == 0)
            continue;
        valid++;
        arena_init(&arena, NULL, 0);
        struct slice got = identity_phone((struct slice){typed, n}, "US", &arena);
        struct slice same = identity_phone((struct slice){lib, lib_n}, "US", &arena);
        bool kept = lib_n == n && memcmp(lib, typed, n) == 0;
        if ((kept && !slice_eq(got, same)) || phone_lib_e164(same.p, same.n, "US", true, lib) == 0)
            fail_msg("%.*s became %.*s", (int)n, typed, SLICE_ARGS(got));
        arena_dispose(&arena);
    }
    assert_in_range(valid, 1000, 20000);
}

static void *ask_in_all_regions(void *wrong)
{
    static const char *const regions[] = {"US", "FR", "GB", "DE", "IT", "MA", "BR", "MX",
                                          "AR", "JP", "IN", "ZA", "AU", "RU", "NG", "TH"};
    struct arena arena;

    for (int round = 0; round < 200; round++) {
        arena_init(&arena, NULL, 0);
        struct slice typed = arena_printf(&arena, "0612%06d", round);
        struct slice again = arena_printf(&arena, "(06) 12-%06d", round);
        for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
            *(bool *)wrong |= !slice_eq(identity_phone(typed, regions[i], &arena),
                                        identity_phone(again, regions[i], &arena));
        arena_dispose(&arena);
    }
    return wrong;
}

static void test_all_workers_may_ask_at_once(void **state)
{
    pthread_t threads[4];
    bool wrong[4] = {false};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_in_all_regions, &wrong[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_false(wrong[i]);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_phone_with_a_plus_or_00_is_e164_however_it_is_written),
        cmocka_unit_test(test_an_extension_is_no_part_of_the_number),
        cmocka_unit_test(test_mexico_brazil_and_argentina_have_one_spelling_each),
        cmocka_unit_test(test_a_whatsapp_id_is_a_phone_without_its_plus),
        cmocka_unit_test(test_what_no_region_explains_are_bare_digits),
        cmocka_unit_test(test_what_is_no_phone_is_no_identity),
#ifdef KVCRM_PHONE_LIB
        cmocka_unit_test(test_a22_a_national_number_is_read_in_its_region),
        cmocka_unit_test(test_a_zero_after_the_calling_code_stays_where_it_belongs_to_the_number),
        cmocka_unit_test(test_a_region_is_known_when_it_has_numbers),
        cmocka_unit_test(test_all_workers_may_ask_at_once),
        cmocka_unit_test(test_numbers_that_are_valid_stay_what_libphonenumber_says),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
