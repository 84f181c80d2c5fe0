/* test_ops_settings.c: what settings may be, how they are stored, and what is read of them.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/ops/settings.h"

static struct arena arena;
static struct faults faults;
static struct settings settings;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    faults.count = 0;
    settings_defaults(&settings);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

/* The store's replies are a fake: texts, and a list of them. */
struct reply {
    const char *text;
    const struct reply *list;
    size_t count;
};

size_t reply_count(const struct reply *r)
{
    return r->count;
}

const struct reply *reply_at(const struct reply *r, size_t i)
{
    return i < r->count ? &r->list[i] : NULL;
}

struct slice reply_text(const struct reply *r)
{
    return r != NULL ? slice_of(r->text) : SLICE_NONE;
}

/* stored: names and values, NULL at the end. */
static void load(int64_t version, const char *const *stored)
{
    struct reply texts[16], reply = {.list = texts};
    while (stored[reply.count] != NULL) {
        texts[reply.count] = (struct reply){.text = stored[reply.count]};
        reply.count++;
    }
    settings_load(&settings, version, &reply);
}

/* How the setting's value is stored; "!<code>" when it is refused. */
static struct slice check(const char *name, const char *json)
{
    struct jr_value value;
    struct jr_fault fault;
    struct slice text;
    assert_int_equal(jr_parse(slice_of(json), &value, &fault), OK);
    faults.count = 0;
    settings_check(slice_of(name), value, &arena, &faults, &text);
    if (faults.count == 0)
        return text;
    assert_int_equal(faults.count, 1);
    assert_true(slice_is(faults.list[0].field, name));
    assert_true(faults.list[0].detail.n > 0);
    return arena_printf(&arena, "!%s", faults.list[0].code);
}

static void check_is(const char *name, const char *json, const char *expected)
{
    struct slice got = check(name, json);
    if (!slice_is(got, expected))
        fail_msg("%s %s gave %.*s instead of %s", name, json, SLICE_ARGS(got), expected);
}

static void test_the_defaults_are_those_of_the_table(void **state)
{
    (void)state;
    assert_int_equal(settings.version, 0);
    assert_false(settings.strict_events);
    assert_string_equal(settings.currency, "USD");
    assert_int_equal(settings.decimals, 2);
    assert_string_equal(settings.cors_origins, "*");
    assert_string_equal(settings.default_region, "US");
    assert_false(settings.gmail_rule);
    assert_string_equal(settings.identity.region, "US");
    assert_false(settings.identity.gmail);
    assert_int_equal(settings.consent, CONSENT_SESSION);
    assert_int_equal(settings.session_keep_s, 30 * 86400);
}

static void test_the_rules_of_identities_follow_their_settings(void **state)
{
    (void)state;
    load(7, (const char *const[]){"default_region", "FR", "gmail_rule", "true", NULL});
    assert_string_equal(settings.identity.region, "FR");
    assert_true(settings.identity.gmail);
    load(8, (const char *const[]){NULL});
    assert_string_equal(settings.identity.region, "US");
    assert_false(settings.identity.gmail);
}

static void test_a_region_is_two_capital_letters_of_a_country_with_phones(void **state)
{
    (void)state;
    check_is("default_region", "\"FR\"", "FR");
    check_is("default_region", "\" GB \"", "GB");
    check_is("default_region", "null", "");
    check_is("default_region", "\"fr\"", "!format");
    check_is("default_region", "\"FRA\"", "!format");
    check_is("default_region", "\"F\"", "!format");
    check_is("default_region", "\"\"", "!format");
    check_is("default_region", "33", "!type");
}

static void test_stored_settings_replace_the_defaults_and_the_rest_stays(void **state)
{
    (void)state;
    load(7, (const char *const[]){"currency", "JPY", "strict_events", "true", NULL});
    assert_int_equal(settings.version, 7);
    assert_string_equal(settings.currency, "JPY");
    assert_int_equal(settings.decimals, 0);
    assert_true(settings.strict_events);
    assert_string_equal(settings.cors_origins, "*");
    load(8, (const char *const[]){"cors_origins", "https://a.example https://b.example", NULL});
    assert_string_equal(settings.currency, "USD"); /* what is stored no more is the default again */
    assert_int_equal(settings.decimals, 2);
    assert_false(settings.strict_events);
    assert_string_equal(settings.cors_origins, "https://a.example https://b.example");
}

static void test_what_another_release_has_stored_is_passed_over(void **state)
{
    char longer[2100];
    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    memcpy(longer, "https://", 8);
    longer[sizeof longer - 1] = '\0';
    load(1,
         (const char *const[]){"no_such_setting", "1", "currency", "euro", "cors_origins", longer,
                               "strict_events", "yes", "currency", "", "cors_origins", "", NULL});
    assert_string_equal(settings.currency, "USD");
    assert_string_equal(settings.cors_origins, "*");
    assert_false(settings.strict_events);
    load(1, (const char *const[]){"currency", "EUR", "strict_events",
                                  NULL}); /* a name without a value */
    assert_string_equal(settings.currency, "EUR");
    load(1, (const char *const[]){NULL});
    assert_string_equal(settings.currency, "USD");
}

static void test_a_number_is_within_its_limits(void **state)
{
    (void)state;
    check_is("dedupe_window_s", "3600", "3600");
    check_is("dedupe_window_s", "null", "");
    check_is("dedupe_window_s", "0", "!range");
    check_is("dedupe_window_s", "-1", "!range");
    check_is("dedupe_window_s", "1.5", "!range");
    check_is("dedupe_window_s", "31536001", "!range");
    check_is("dedupe_window_s", "\"60\"", "!type");
    load(1, (const char *const[]){"dedupe_window_s", "60", NULL});
    assert_int_equal(settings.dedupe_window_s, 60);
    load(1, (const char *const[]){"dedupe_window_s", "0", NULL}); /* another release's */
    assert_int_equal(settings.dedupe_window_s, 86400);
}

static void test_a_switch_is_true_or_false(void **state)
{
    (void)state;
    check_is("strict_events", "true", "true");
    check_is("strict_events", "false", "false");
    check_is("strict_events", "null", ""); /* back to the default */
    check_is("strict_events", "1", "!type");
    check_is("strict_events", "\"true\"", "!type");
    check_is("strict_events", "[]", "!type");
}

static void test_a_currency_is_three_capital_letters(void **state)
{
    (void)state;
    check_is("currency", "\"EUR\"", "EUR");
    check_is("currency", "\" EUR \"", "EUR");
    check_is("currency", "\"\\u0045UR\"", "EUR");
    check_is("currency", "null", "");
    check_is("currency", "\"eur\"", "!format");
    check_is("currency", "\"EURO\"", "!format");
    check_is("currency", "\"EU\"", "!format");
    check_is("currency", "\"\"", "!format");
    check_is("currency", "\"E1R\"", "!format");
    check_is("currency", "978", "!type");
    check_is("currency", "true", "!type");
    check_is("currency", "{}", "!type");
}

static void test_origins_are_a_list_of_words(void **state)
{
    (void)state;
    check_is("cors_origins", "[\"*\"]", "*");
    check_is("cors_origins", "[\"https://a.example\",\"http://b.example:8080\"]",
             "https://a.example http://b.example:8080");
    check_is("cors_origins", "null", "");
    check_is("cors_origins", "[]", "!type");
    check_is("cors_origins", "\"*\"", "!type");
    check_is("cors_origins", "[1]", "!type");
    check_is("cors_origins", "[\"\"]", "!type");
    check_is("cors_origins", "[\"https://a.example https://b.example\"]", "!type");
    check_is("cors_origins", "[\"a.example\"]", "!format");
    check_is("cors_origins", "[\"*\",\"ftp://a.example\"]", "!format");
}

static void test_a_number_is_an_integer_within_its_limits(void **state)
{
    (void)state;
    check_is("session_keep_s", "60", "60");
    check_is("session_keep_s", "34560000", "34560000");
    check_is("session_keep_s", "null", "");
    check_is("session_keep_s", "59", "!range");
    check_is("session_keep_s", "34560001", "!range");
    check_is("session_keep_s", "99999999999999999999", "!range");
    check_is("session_keep_s", "-60", "!range");
    check_is("session_keep_s", "60.5", "!range");
    check_is("session_keep_s", "6e2", "!range");
    check_is("price_per_guest", "70", "70");
    check_is("price_per_guest", "70.25", "70.25");
    check_is("price_per_guest", "-1", "!range");
    check_is("price_per_guest", "100000001", "!range");
    check_is("price_per_guest", "\"70\"", "!type");
    check_is("kids_factor", "0.5", "0.5");
    check_is("kids_factor", "1", "1");
    check_is("kids_factor", "1.5", "!range");
    check_is("session_keep_s", "\"60\"", "!type");
    check_is("session_keep_s", "true", "!type");
    load(1, (const char *const[]){"session_keep_s", "3600", NULL});
    assert_int_equal(settings.session_keep_s, 3600);
    load(2, (const char *const[]){"session_keep_s", "1", NULL});
    assert_int_equal(settings.session_keep_s, 30 * 86400);
    load(3, (const char *const[]){"session_keep_s", "an hour", NULL});
    assert_int_equal(settings.session_keep_s, 30 * 86400);
}

static void test_consent_is_one_of_three_words(void **state)
{
    (void)state;
    check_is("consent_mode", "\"off\"", "off");
    check_is("consent_mode", "\"session\"", "session");
    check_is("consent_mode", "\"full\"", "full");
    check_is("consent_mode", "null", "");
    check_is("consent_mode", "\"none\"", "!format");
    check_is("consent_mode", "\"Full\"", "!format");
    check_is("consent_mode", "false", "!type");
    load(1, (const char *const[]){"consent_mode", "off", NULL});
    assert_int_equal(settings.consent, CONSENT_OFF);
    load(2, (const char *const[]){"consent_mode", "full", NULL});
    assert_int_equal(settings.consent, CONSENT_FULL);
    load(3, (const char *const[]){"consent_mode", "perhaps", NULL});
    assert_int_equal(settings.consent, CONSENT_SESSION);
}

static void test_a_list_has_its_longest_size(void **state)
{
    char json[2100];
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        int n = snprintf(json, sizeof json, "[\"https://");
        memset(json + n, 'a', (size_t)(1992 + extra));
        snprintf(json + n + 1992 + extra, sizeof json - (size_t)(n + 1992 + extra), "\"]");
        struct slice got = check("cors_origins", json);
        if (extra == 0)
            assert_int_equal(got.n, 2000);
        else
            assert_true(slice_is(got, "!format"));
    }
}

static void test_a_name_that_no_row_has_is_unknown(void **state)
{
    static const char *const names[] = {"",        "Currency", "currency ",
                                        "currenc", "version",  "decimals"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_is(names[i], "\"EUR\"", "!unknown_field");
    check_is("no_such_setting", "null", "!unknown_field");
}

static void test_settings_are_printed_as_they_may_be_sent_back(void **state)
{
    struct jr_value root, name, value;
    struct jr_fault fault;
    struct buf out;
    unsigned count = 0;
    (void)state;
    load(1, (const char *const[]){"currency", "EUR", "strict_events", "true", "cors_origins",
                                  "https://a.example https://b.example", NULL});
    buf_init(&out, 4096);
    struct jw w = jw_on(&out);
    settings_print(&settings, &w);
    assert_true(slice_starts(buf_slice(&out),
                             SLICE("{\"strict_events\":true,\"currency\":\"EUR\",\"cors_origins\":"
                                   "[\"https://a.example\",\"https://b.example\"],"
                                   "\"default_region\":\"US\",\"gmail_rule\":false,"
                                   "\"dedupe_window_s\":86400,\"dedupe_window_mode\":\"fixed\","
                                   "\"consent_mode\":\"session\",\"session_keep_s\":2592000,")));
    assert_int_equal(jr_parse(buf_slice(&out), &root, &fault), OK);
    struct jr_iter it = jr_iter(root);
    while (jr_next(&it, &name, &value)) {
        struct slice text;
        settings_check(jr_text(name, &arena), value, &arena, &faults, &text);
        count++;
    }
    assert_true(count >= 16);
    assert_int_equal(faults.count, 0);
    buf_dispose(&out);
}

static void test_an_origin_may_call_when_the_list_names_it_or_says_any(void **state)
{
    (void)state;
    assert_true(settings_origin_allowed(&settings, SLICE("https://anybody.example")));
    load(1, (const char *const[]){"cors_origins", "https://a.example http://b.example:8080", NULL});
    assert_true(settings_origin_allowed(&settings, SLICE("https://a.example")));
    assert_true(settings_origin_allowed(&settings, SLICE("HTTPS://A.example")));
    assert_true(settings_origin_allowed(&settings, SLICE("http://b.example:8080")));
    assert_false(settings_origin_allowed(&settings, SLICE("http://a.example")));
    assert_false(settings_origin_allowed(&settings, SLICE("http://b.example")));
    assert_false(settings_origin_allowed(&settings, SLICE("https://a.example.evil.example")));
    assert_false(
        settings_origin_allowed(&settings, SLICE("https://a.example http://b.example:8080")));
    assert_false(settings_origin_allowed(&settings, SLICE("*")));
    assert_false(settings_origin_allowed(&settings, SLICE("null")));
    assert_false(settings_origin_allowed(&settings, SLICE("")));
}

#define WITH_SETTINGS(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SETTINGS(test_the_defaults_are_those_of_the_table),
        WITH_SETTINGS(test_the_rules_of_identities_follow_their_settings),
        WITH_SETTINGS(test_a_region_is_two_capital_letters_of_a_country_with_phones),
        WITH_SETTINGS(test_stored_settings_replace_the_defaults_and_the_rest_stays),
        WITH_SETTINGS(test_what_another_release_has_stored_is_passed_over),
        WITH_SETTINGS(test_a_number_is_within_its_limits),
        WITH_SETTINGS(test_a_switch_is_true_or_false),
        WITH_SETTINGS(test_a_currency_is_three_capital_letters),
        WITH_SETTINGS(test_origins_are_a_list_of_words),
        WITH_SETTINGS(test_a_number_is_an_integer_within_its_limits),
        WITH_SETTINGS(test_consent_is_one_of_three_words),
        WITH_SETTINGS(test_a_list_has_its_longest_size),
        WITH_SETTINGS(test_a_name_that_no_row_has_is_unknown),
        WITH_SETTINGS(test_settings_are_printed_as_they_may_be_sent_back),
        WITH_SETTINGS(test_an_origin_may_call_when_the_list_names_it_or_says_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
