/* test_model_template.c: the three replies of seed 003, and what placeholders become.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/calendar.h"
#include "kvcrm/model/failure.h"
#include "kvcrm/model/template.h"
#include "kvcrm/model/utf8.h"

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

/* The lead of seed 003's example, with the two sample lines of its slot text. */
static const struct slot_alternative samples[] = {
    {SLICE_CONST("2025-11-15"), SLICE_CONST("12PM"), {0}, 2, 1, true},
    {SLICE_CONST("2025-11-15"), SLICE_CONST("6PM"), {0}, 1, 2, true},
    {SLICE_CONST("2025-11-16"), SLICE_CONST("6PM"), {0}, 4, 3, true},
};

static struct template_facts example(void)
{
    struct template_facts facts = {
        .name = SLICE("John Doe"),
        .date = SLICE("2025-11-15"),
        .time = SLICE("6PM"),
        .guests = SLICE("10"),
        .place = {.address = SLICE("123 Main St, Beverly Hills, CA 90210")},
        .customer_phone = SLICE("+15551234567"),
        .brand = SLICE("My Hibachi"),
        .brand_phone = SLICE("(916) 555-0100"),
        .alternatives = samples,
        .alternative_count = COUNT(samples),
    };
    assert_true(calendar_read(SLICE("2025-10-26"), &facts.today));
    return facts;
}

static struct slice rendered(const char *word, struct template_facts facts)
{
    const struct template_row *row = template_row_of(slice_of(word));
    assert_non_null(row);
    facts.phone_is = row->phone_is;
    return template_render(slice_of(row->body), &facts, &arena);
}

static struct slice filled(const char *body, struct template_facts facts)
{
    return template_render(slice_of(body), &facts, &arena);
}

/* Built-in templates ----------------------------------------------------------------------------
 */

static void test_d31_the_slot_text_is_the_seeds(void **state)
{
    (void)state;
    assert_text(rendered("slot", example()),
                "Hi John Doe,\n"
                "\n"
                "Thanks for trying to book with My Hibachi! That time slot was just taken, \n"
                "but we have these alternatives on November 15, 2025:\n"
                "\n"
                "• 12:00 PM - 2:00 PM (2 spots available)\n"
                "• 6:00 PM - 8:00 PM (1 spot available)\n"
                "\n"
                "Or we have full availability on November 16, 2025.\n"
                "\n"
                "Can we get you booked for one of these?\n"
                "\n"
                "Reply YES + preferred time, or call (916) 555-0100.\n"
                "\n"
                "- My Hibachi Team");
}

static void test_d32_the_date_text_is_the_seeds(void **state)
{
    (void)state;
    assert_text(
        rendered("date", example()),
        "Hi John Doe,\n"
        "\n"
        "We just got your booking request for November 15, 2025. Unfortunately, that date \n"
        "is fully booked, but we have great availability:\n"
        "\n"
        "• November 16, 2025 - All time slots open\n"
        "• November 17, 2025 - All time slots open  \n"
        "• November 22, 2025 - Prime evening slots\n"
        "\n"
        "Same great hibachi experience, just a slightly different date!\n"
        "\n"
        "Which works best for your 10 guests?\n"
        "\n"
        "- My Hibachi Team");
}

static void test_d33_the_general_text_is_the_seeds_and_calls_the_customer(void **state)
{
    (void)state;
    assert_text(rendered("general", example()),
                "Hi John Doe,\n"
                "\n"
                "We received your booking request but encountered a technical issue. \n"
                "No worries - we're here to help!\n"
                "\n"
                "Your details:\n"
                "• Date: November 15, 2025\n"
                "• Time: 6PM  \n"
                "• Guests: 10\n"
                "• Location: Beverly Hills, CA\n"
                "\n"
                "I'm confirming availability now. Can I give you a call at +15551234567 \n"
                "to finalize your booking?\n"
                "\n"
                "- My Hibachi Team");
}

static void test_d30_nothing_known_leaves_no_bracket_in_any_text(void **state)
{
    const struct template_facts nothing = {0};
    (void)state;
    assert_text(rendered("slot", nothing),
                "Hi there,\n"
                "\n"
                "Thanks for trying to book with My Hibachi! That time slot was just taken, \n"
                "but we have these alternatives on your date:\n"
                "\n"
                "Or we have full availability on nearby dates.\n"
                "\n"
                "Can we get you booked for one of these?\n"
                "\n"
                "Reply YES + preferred time, or call us.\n"
                "\n"
                "- My Hibachi Team");
    assert_text(rendered("date", nothing),
                "Hi there,\n"
                "\n"
                "We just got your booking request for your date. Unfortunately, that date \n"
                "is fully booked, but we have great availability:\n"
                "\n"
                "• the next day - All time slots open\n"
                "• two days later - All time slots open  \n"
                "• next weekend - Prime evening slots\n"
                "\n"
                "Same great hibachi experience, just a slightly different date!\n"
                "\n"
                "Which works best for your to be confirmed guests?\n"
                "\n"
                "- My Hibachi Team");
    assert_text(rendered("general", nothing),
                "Hi there,\n"
                "\n"
                "We received your booking request but encountered a technical issue. \n"
                "No worries - we're here to help!\n"
                "\n"
                "Your details:\n"
                "• Date: to be confirmed\n"
                "• Time: to be confirmed  \n"
                "• Guests: to be confirmed\n"
                "• Location: to be confirmed\n"
                "\n"
                "I'm confirming availability now. Can I give you a call at your number \n"
                "to finalize your booking?\n"
                "\n"
                "- My Hibachi Team");
}

static void test_d34_each_reason_has_a_built_in_template(void **state)
{
    (void)state;
    for (int reason = FAILURE_NONE + 1; reason < FAILURE_COUNT; reason++) {
        const char *id = failure_row(reason)->template_id;
        assert_string_equal(template_row_of(slice_of(id))->id, id);
    }
    assert_string_equal(template_row_of(SLICE("slot"))->id, "slot_unavailable");
    assert_string_equal(template_row_of(SLICE("date"))->id, "date_unavailable");
    assert_string_equal(template_row_of(SLICE("general"))->id, "general_failure");
    assert_null(template_row_of(SLICE("auto")));
    assert_null(template_row_of(SLICE("")));
    assert_null(template_row_of(SLICE_NONE));
    assert_int_equal(template_row_count, 3);
    for (unsigned i = 0; i < template_row_count; i++)
        assert_true(strlen(template_rows[i].body) <= TEMPLATE_BODY_MAX);
}

static void test_d35_brand_and_its_phone_are_settings(void **state)
{
    static const char *const words[] = {"slot", "date", "general"};
    struct template_facts facts = example();
    (void)state;
    facts.brand = SLICE("Teppan & Co");
    for (size_t i = 0; i < COUNT(words); i++) {
        struct slice text = rendered(words[i], facts);
        assert_null(memmem(text.p, text.n, "My Hibachi", 10));
        assert_non_null(memmem(text.p, text.n, "- Teppan & Co Team", 18));
    }
    struct slice text = rendered("slot", facts);
    assert_non_null(memmem(text.p, text.n, "book with Teppan & Co! That", 27));
    facts.brand_phone = SLICE("+44 20 7946 0000");
    text = rendered("slot", facts);
    assert_non_null(memmem(text.p, text.n, "or call +44 20 7946 0000.", 25));
}

/* Placeholders ----------------------------------------------------------------------------------
 */

static void test_d30_each_placeholder_has_its_value(void **state)
{
    static const struct {
        const char *body, *text;
    } rows[] = {
        {"[Name]", "John Doe"},
        {"[date]", "November 15, 2025"},
        {"[preferred date]", "November 15, 2025"},
        {"[date + 1 day]", "November 16, 2025"},
        {"[date + 2 days]", "November 17, 2025"},
        {"[next weekend]", "November 22, 2025"},
        {"[nearby dates]", "November 16, 2025"},
        {"[preferred time]", "6PM"},
        {"[guest count]", "10"},
        {"[city, state]", "Beverly Hills, CA"},
        {"[phone]", "(916) 555-0100"},
        {"[alternatives]", "• 12:00 PM - 2:00 PM (2 spots available)\n"
                           "• 6:00 PM - 8:00 PM (1 spot available)"},
        {"[name]|[NAME]|[ Name ]", "John Doe|John Doe|John Doe"},
        {"[date+1day]|[Date +  1 Day]", "November 16, 2025|November 16, 2025"},
        {"[City,State]", "Beverly Hills, CA"},
        {"[date][date]", "November 15, 2025November 15, 2025"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_text(filled(rows[i].body, example()), rows[i].text);
}

static void test_d30_none_of_the_templates_brackets_is_left(void **state)
{
    static const struct {
        const char *body, *text;
    } rows[] = {
        {"a [unknown] b", "a  b"},
        {"a [] b", "a  b"},
        {"a [1] b", "a  b"},
        {"[date + 3 days]", ""},
        {"[dates]", ""},
        {"[dat]", ""},
        {"[[date]]", "November 15, 2025"},
        {"[[x]date]", "date"},
        {"[da[x]te]", "date"},
        {"[date", "date"},
        {"date]", "date"},
        {"[date\n]", "date\n"},
        {"[", ""},
        {"]", ""},
        {"][", ""},
        {"a]b[c", "abc"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_text(filled(rows[i].body, example()), rows[i].text);
}

static void test_what_the_customer_wrote_is_not_looked_at_again(void **state)
{
    struct template_facts facts = example();
    (void)state;
    facts.name = SLICE("[date] of My Hibachi]");
    facts.guests = SLICE("[");
    facts.time = SLICE("Name]");
    facts.brand = SLICE("[phone]");
    assert_text(filled("[Name]: [guest count][preferred time]", facts),
                "[date] of My Hibachi]: [Name]");
    assert_text(filled("[[Name]]", facts), "[date] of My Hibachi]");
    assert_text(filled("- My Hibachi Team", facts), "- [phone] Team");
    facts.name = SLICE("My");
    assert_text(filled("[Name] Hibachi", facts), "My Hibachi");
}

static void test_a_brand_is_found_wherever_it_stands(void **state)
{
    struct template_facts facts = {.brand = SLICE("X")};
    (void)state;
    assert_text(filled("My Hibachi", facts), "X");
    assert_text(filled("My HibachiMy Hibachi", facts), "XX");
    assert_text(filled("MMy Hibachi!", facts), "MX!");
    assert_text(filled("My Hibach", facts), "My Hibach");
    assert_text(filled("my hibachi", facts), "my hibachi");
    assert_text(template_render((struct slice){"My Hibachi", 9}, &facts, &arena), "My Hibach");
    facts.brand = SLICE("  ");
    assert_text(filled("My Hibachi", facts), "My Hibachi");
}

static void test_a_line_of_nothing_goes_with_its_placeholder(void **state)
{
    const struct template_facts nothing = {0};
    (void)state;
    assert_text(filled("a\n\n[alternatives]\n\nb", nothing), "a\n\nb");
    assert_text(filled("a\n[alternatives]\nb", nothing), "a\nb");
    assert_text(filled("a\n[alternatives]\n\nb", nothing), "a\n\nb");
    assert_text(filled("a\n\n[alternatives]\nb", nothing), "a\n\nb");
    assert_text(filled("[alternatives]\n\nb", nothing), "b");
    assert_text(filled("a [alternatives]\nb", nothing), "a \nb");
    assert_text(filled("a\n[alternatives] b", nothing), "a\n b");
    assert_text(filled("a\n\n[x]\n\n\n\nb", nothing), "a\n\n\n\nb");
    assert_text(filled("a\n\n\n[x]\n\n\nb", nothing), "a\n\n\n\nb");
}

static void test_d31_an_alternative_shows_its_spots_only_when_confirmed(void **state)
{
    static const struct slot_alternative offered[] = {
        {SLICE_CONST("2025-11-15"), SLICE_CONST("3PM"), {0}, 0, 1, false},
        {SLICE_CONST("2025-11-15"), SLICE_CONST("9PM"), {0}, 3, 2, false},
        {SLICE_CONST("2025-11-14"), SLICE_CONST("6PM"), {0}, 0, 3, false},
        {SLICE_CONST("2025-11-15"), SLICE_CONST("12PM"), {0}, 0, 4, true},
        {SLICE_CONST("2025-11-15"), SLICE_CONST("5PM"), SLICE_CONST("9:30PM"), 12, 5, true},
        {SLICE_CONST("2025-11-15"), {0}, {0}, 0, 6, false},
        {SLICE_CONST("soon"), SLICE_CONST("6PM"), {0}, 0, 7, false},
    };
    struct template_facts facts = example();
    (void)state;
    facts.alternatives = offered;
    facts.alternative_count = COUNT(offered);
    assert_text(filled("[alternatives]", facts), "• 3:00 PM - 5:00 PM\n"
                                                 "• 9:00 PM - 11:00 PM\n"
                                                 "• 12:00 PM - 2:00 PM\n"
                                                 "• 5:00 PM - 9:30 PM (12 spots available)");
    facts.date = SLICE("whenever");
    assert_text(filled("[alternatives]", facts), "");
}

static void test_d30_nearby_dates_are_those_of_the_alternatives(void **state)
{
    static const struct slot_alternative offered[] = {
        {SLICE_CONST("2025-11-17"), SLICE_CONST("6PM"), {0}, 0, 1, false},
        {SLICE_CONST("2025-11-15"), SLICE_CONST("3PM"), {0}, 0, 2, false},
        {SLICE_CONST("2025-11-17"), SLICE_CONST("9PM"), {0}, 0, 3, false},
        {SLICE_CONST("2025-11-14"), SLICE_CONST("6PM"), {0}, 0, 4, false},
        {SLICE_CONST("2025-11-30"), SLICE_CONST("6PM"), {0}, 0, 5, false},
        {SLICE_CONST("2025-12-01"), SLICE_CONST("6PM"), {0}, 0, 6, false},
    };
    struct template_facts facts = example();
    (void)state;
    facts.alternatives = offered;
    facts.alternative_count = COUNT(offered);
    assert_text(filled("[nearby dates]", facts),
                "November 17, 2025, November 14, 2025, November 30, 2025");
}

static void test_d30_without_alternatives_nearby_dates_are_the_days_around(void **state)
{
    struct template_facts facts = example();
    (void)state;
    facts.alternatives = NULL;
    facts.alternative_count = 0;
    assert_text(filled("[nearby dates]", facts),
                "November 14, 2025, November 16, 2025, November 17, 2025");
    assert_true(calendar_read(SLICE("2025-11-14"), &facts.today));
    assert_text(filled("[nearby dates]", facts),
                "November 14, 2025, November 16, 2025, November 17, 2025");
    assert_true(calendar_read(SLICE("2025-11-15"), &facts.today));
    assert_text(filled("[nearby dates]", facts), "November 16, 2025, November 17, 2025");
    assert_true(calendar_read(SLICE("2025-11-17"), &facts.today));
    assert_text(filled("[nearby dates]", facts), "November 17, 2025");
    assert_true(calendar_read(SLICE("2025-11-18"), &facts.today));
    assert_text(filled("[nearby dates]", facts), "nearby dates");
}

static void test_d30_the_neighbours_of_a_slot_fill_the_slot_text(void **state)
{
    struct template_facts facts = example();
    struct slot_failed failed = {facts.date, facts.time, false};
    struct slot_alternative offered[SLOT_ALTERNATIVES];
    (void)state;
    facts.alternatives = offered;
    facts.alternative_count = slot_alternatives(&failed, facts.today * 1440, &arena, offered);
    assert_text(filled("[alternatives]\n[nearby dates]", facts),
                "• 3:00 PM - 5:00 PM\n"
                "• 9:00 PM - 11:00 PM\n"
                "• 12:00 PM - 2:00 PM\n"
                "November 14, 2025, November 16, 2025");
}

static void test_a_reply_ends_at_its_limit_between_two_pieces(void **state)
{
    struct template_facts facts = {.name = SLICE("J\xC3\xB6rg und seine vielen Freunde")};
    enum { TIMES = 4000 };
    char *body = malloc(TIMES * 6);
    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(body + i * 6, "[Name]", 6);
    struct slice text = template_render((struct slice){body, TIMES * 6}, &facts, &arena);
    free(body);
    assert_true(text.n <= TEMPLATE_TEXT_MAX && text.n + facts.name.n > TEMPLATE_TEXT_MAX);
    assert_int_equal(text.n % facts.name.n, 0);
    assert_true(utf8_is_valid(text));
}

static void test_the_subject_names_the_date(void **state)
{
    struct template_facts facts = example();
    (void)state;
    assert_text(template_subject(&facts, &arena), "Your booking request for November 15, 2025");
    facts.date = SLICE("2025-02-30");
    assert_text(template_subject(&facts, &arena), "Your booking request");
    facts.date = SLICE_NONE;
    assert_text(template_subject(&facts, &arena), "Your booking request");
}

static void test_phone_is_has_two_words(void **state)
{
    enum template_phone phone = TEMPLATE_PHONE_BRAND;
    (void)state;
    assert_true(template_phone_of(SLICE("customer"), &phone));
    assert_int_equal(phone, TEMPLATE_PHONE_CUSTOMER);
    assert_false(template_phone_of(SLICE("Brand"), &phone));
    assert_int_equal(phone, TEMPLATE_PHONE_CUSTOMER);
    assert_true(template_phone_of(SLICE("brand"), &phone));
    assert_int_equal(phone, TEMPLATE_PHONE_BRAND);
    assert_string_equal(template_phone_word(TEMPLATE_PHONE_BRAND), "brand");
    assert_string_equal(template_phone_word(TEMPLATE_PHONE_CUSTOMER), "customer");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d31_the_slot_text_is_the_seeds),
        TEST(test_d32_the_date_text_is_the_seeds),
        TEST(test_d33_the_general_text_is_the_seeds_and_calls_the_customer),
        TEST(test_d30_nothing_known_leaves_no_bracket_in_any_text),
        TEST(test_d34_each_reason_has_a_built_in_template),
        TEST(test_d35_brand_and_its_phone_are_settings),
        TEST(test_d30_each_placeholder_has_its_value),
        TEST(test_d30_none_of_the_templates_brackets_is_left),
        TEST(test_what_the_customer_wrote_is_not_looked_at_again),
        TEST(test_a_brand_is_found_wherever_it_stands),
        TEST(test_a_line_of_nothing_goes_with_its_placeholder),
        TEST(test_d31_an_alternative_shows_its_spots_only_when_confirmed),
        TEST(test_d30_nearby_dates_are_those_of_the_alternatives),
        TEST(test_d30_without_alternatives_nearby_dates_are_the_days_around),
        TEST(test_d30_the_neighbours_of_a_slot_fill_the_slot_text),
        TEST(test_a_reply_ends_at_its_limit_between_two_pieces),
        TEST(test_the_subject_names_the_date),
        TEST(test_phone_is_has_two_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
