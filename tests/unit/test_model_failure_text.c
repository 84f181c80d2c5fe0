/* test_model_failure_text.c: what is kept of an error, the notes and the budget of a failed
 * booking.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/failure_text.h"
#include "kvcrm/model/money.h"
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

/* Detail ----------------------------------------------------------------------------------------
 */

struct example {
    const char *text, *detail;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice detail = failure_detail(slice_of(examples[i].text), &arena);
        if (!slice_is(detail, examples[i].detail))
            fail_msg("\"%s\" gives \"%.*s\"", examples[i].text, SLICE_ARGS(detail));
    }
}

static void test_d22_of_an_error_the_first_line_is_kept(void **state)
{
    static const struct example examples[] = {
        {"Slot already booked", "Slot already booked"},
        {"  Slot already booked \n", "Slot already booked"},
        {"\n\nSlot already booked\nsecond", "Slot already booked"},
        {"first\r\nsecond", "first"},
        {"first\rsecond", "first"},
        {"first\vsecond", "first"},
        {"first\x1csecond", "first"},
        {"first\xC2\x85second", "first"},
        {"first\xE2\x80\xA8second", "first"},
        {"first\xE2\x80\xA9second", "first"},
        {"tab\tand \x7F stay blanks", "tab and   stay blanks"},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d22_no_stack_trace_is_kept(void **state)
{
    static const struct example examples[] = {
        {"Error: boom\n    at submit (BookingFormContainer.tsx:120:15)\n    at async x.js:1:2",
         "Error: boom"},
        {"Error: boom at submit (Form.tsx:120:15) at async x.js:1:2", "Error: boom"},
        {"Error: boom\\n    at submit (Form.tsx:120:15)", "Error: boom"},
        {"boom at file:///srv/app/index.mjs:10:5", "boom"},
        {"boom at com.example.Booking.save(Booking.java:42)", "boom"},
        {"Slot taken at 6PM; at submit (Form.tsx:1:2)", "Slot taken at 6PM;"},
        {"Traceback (most recent call last):\n  File \"app.py\", line 3, in book\n"
         "    raise ValueError(x)\nValueError: Slot already booked\n",
         "ValueError: Slot already booked"},
        {"Failed. Traceback (most recent call last): File \"a.py\", line 3", "Failed."},
        {"Failed: File \"a.py\", line 3", "Failed:"},
        {"PHP error Stack trace: #0 index.php(12)", "PHP error"},
        /* what only looks like one */
        {"Slot at 6:00 PM is booked", "Slot at 6:00 PM is booked"},
        {"Taken at 2025-11-15T18:00:00Z", "Taken at 2025-11-15T18:00:00Z"},
        {"No table at all", "No table at all"},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d22_emails_are_masked(void **state)
{
    static const struct example examples[] = {
        {"User john@example.com exists", "User ***@*** exists"},
        {"john@example.com", "***@***"},
        {"Key (email)=(john.doe+x@mail.example.co.uk) already exists.",
         "Key (email)=(***@***) already exists."},
        {"Mail john@example.com.", "Mail ***@***."},
        {"'john@example.com' or <jane@example.com>", "'***@***' or <***@***>"},
        {"o'neil@example.com", "***@***"},
        {"john@localhost", "***@***"},
        {"a@b", "***@***"},
        {"j\xC3\xB6rg@b\xC3\xBC"
         "cher.example",
         "***@***"},
        {"a@b@c, d@e", "***@***, ***@***"},
        {"GET /api?email=john%40example.com&x=1", "GET /api?email=***@***&x=1"},
        {"postgres://app:secret@db/kv", "postgres://app:***@***/kv"},
        {"john5551234567@example.com", "***@***"},
        /* what is none */
        {"6PM @ the venue", "6PM @ the venue"},
        {"@mention", "@mention"},
        {"john@", "john@"},
        {"john@.", "john@."},
        {"100%40", "100%40"},
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d22_phones_are_masked(void **state)
{
    static const struct example examples[] = {
        {"Phone +15551234567 taken", "Phone *** taken"},
        {"555-123-4567", "***"},
        {"Call (555) 123-4567 now", "Call *** now"},
        {"+1 (555) 123 - 4567.", "***."},
        {"+1.555.123.4567, or 089/1234567", "***, or ***"},
        {"tel:5551234", "tel:***"},
        {"card 4111 1111 1111 1111", "card ***"},
        {"555\xE2\x80\x91"
         "123\xE2\x80\x91"
         "4567",
         "***"},
        {"+1\xC2\xA0"
         "555\xC2\xA0"
         "123\xC2\xA0"
         "4567",
         "***"},
        {"phone5551234567x", "phone***x"},
        {"%2B15551234567", "%2B***"},
        {"2025-11-15 555-123-4567", "2025-11-15 ***"},
        {"555-123-4567 2025-11-15", "*** 2025-11-15"},
        /* what is none */
        {"Slot 2025-11-15 6PM is taken", "Slot 2025-11-15 6PM is taken"},
        {"2025-11-15", "2025-11-15"},
        {"2025-11-15 18:00:00 UTC", "2025-11-15 18:00:00 UTC"},
        {"10 guests on 2025-11-15", "10 guests on 2025-11-15"},
        {"10 2025-11-15 10", "10 2025-11-15 10"},
        {"12:00 PM - 2:00 PM", "12:00 PM - 2:00 PM"},
        {"code 503, 1062", "code 503, 1062"},
        {"555-123", "555-123"},
        {"+ and ( and )", "+ and ( and )"},
        {"2025-02-30", "***"}, /* no date, and digits enough */
    };
    (void)state;
    check(examples, COUNT(examples));
}

static void test_d22_a_detail_has_500_characters_at_most(void **state)
{
    char text[4000];
    (void)state;
    memset(text, 'x', sizeof text);
    assert_int_equal(failure_detail((struct slice){text, 499}, &arena).n, 499);
    assert_int_equal(failure_detail((struct slice){text, 500}, &arena).n, 500);
    assert_int_equal(failure_detail((struct slice){text, 501}, &arena).n, 500);
    for (size_t i = 0; i + 4 <= sizeof text; i += 4)
        memcpy(text + i, "\xF0\x9F\x8D\xA3", 4);
    struct slice detail = failure_detail((struct slice){text, sizeof text}, &arena);
    assert_int_equal(detail.n, 2000);
    assert_true(utf8_is_valid(detail));
}

static void test_d22_a_cut_does_not_uncover_what_was_masked(void **state)
{
    char text[600];
    (void)state;
    memset(text, ' ', sizeof text);
    text[0] = 'x';
    memcpy(text + 490, "john@example.com", 16); /* the cut is in its middle */
    struct slice detail = failure_detail((struct slice){text, sizeof text}, &arena);
    assert_int_equal(detail.n, 497);
    assert_memory_equal(detail.p + 490, "***@***", 7);
    memcpy(text + 490, "+15551234567    ", 16);
    detail = failure_detail((struct slice){text, sizeof text}, &arena);
    assert_memory_equal(detail.p + 490, "***", 3);
    assert_int_equal(detail.n, 493);
}

static void test_an_error_that_tells_nothing_has_no_detail(void **state)
{
    static const char *const texts[] = {
        "", "  ", "\n", "Unknown error", " Unknown error\n", " at x (a.js:1:2)", "\x7F", "\x01"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (failure_detail(slice_of(texts[i]), &arena).p != NULL)
            fail_msg("\"%s\" has a detail", texts[i]);
    }
    assert_null(failure_detail(SLICE_NONE, &arena).p);
    assert_null(failure_detail(SLICE(""), &arena).p);
}

static void test_a_megabyte_of_marks_is_masked_in_one_pass(void **state)
{
    enum { SIZE = 1 << 20 };
    static const char *const patterns[] = {"a@", "1 ", "+", "%40", " at ", "a.b:", ".", "1-", "'"};
    char *text = malloc(SIZE);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < COUNT(patterns); i++) {
        size_t n = strlen(patterns[i]);
        for (size_t k = 0; k + n <= SIZE; k += n)
            memcpy(text + k, patterns[i], n);
        struct slice detail = failure_detail((struct slice){text, SIZE}, &arena);
        assert_true(detail.n <= 500);
    }
    free(text);
}

/* Notes -----------------------------------------------------------------------------------------
 */

static void test_d17_the_notes_are_the_seeds(void **state)
{
    struct failure_facts facts = {
        .name = SLICE("John Doe"),
        .reason = SLICE("slot_unavailable"),
        .date = SLICE("2025-11-15"),
        .time = SLICE("6PM"),
        .address = SLICE("123 Main St, Beverly Hills, CA 90210"),
    };
    (void)state;
    assert_text(failure_notes(&facts, &arena),
                "Failed booking attempt. Name: John Doe. Reason: slot_unavailable. Date: "
                "2025-11-15 at 6PM. Location: 123 Main St, Beverly Hills, CA 90210.");
    facts.detail = SLICE("Slot already booked");
    assert_text(failure_notes(&facts, &arena),
                "Failed booking attempt. Name: John Doe. Reason: slot_unavailable. Date: "
                "2025-11-15 at 6PM. Location: 123 Main St, Beverly Hills, CA 90210. Error: Slot "
                "already booked");
}

static void test_d17_notes_leave_out_what_is_not_known(void **state)
{
    struct failure_facts facts = {.reason = SLICE("booking_error")};
    (void)state;
    assert_text(failure_notes(&facts, &arena), "Failed booking attempt. Reason: booking_error.");
    facts.date = SLICE("2025-11-15");
    assert_text(failure_notes(&facts, &arena),
                "Failed booking attempt. Reason: booking_error. Date: 2025-11-15.");
    facts.date = SLICE_NONE;
    facts.time = SLICE("6PM");
    facts.detail = SLICE("x");
    assert_text(failure_notes(&facts, &arena),
                "Failed booking attempt. Reason: booking_error. Time: 6PM. Error: x");
    facts.time = SLICE("");
    facts.name = SLICE("John");
    facts.address = SLICE("Venice Beach");
    assert_text(failure_notes(&facts, &arena),
                "Failed booking attempt. Name: John. Reason: booking_error. Location: Venice "
                "Beach. Error: x");
}

/* Budget ----------------------------------------------------------------------------------------
 */

static void test_d14_the_budget_is_exact_and_plain(void **state)
{
    static const struct {
        int64_t adults, kids;
        const char *factor;
        int64_t price_minor;
        unsigned decimals;
        const char *budget;
    } rows[] = {
        {10, 0, "0", 6500, 2, "650"},
        {1, 0, "0", 6500, 2, "65"},
        {0, 0, "0", 6500, 2, "0"},
        {10, 0, "0", 7000, 2, "700"},
        {10, 4, "0", 6500, 2, "650"},
        {10, 1, "0.5", 6500, 2, "682.5"},
        {10, 2, "0.5", 6500, 2, "715"},
        {10, 3, "1", 6500, 2, "845"},
        {1, 1, "0.333", 6500, 2, "86.65"}, /* 86.645 */
        {0, 1, "0.001", 6500, 2, "0.07"},  /* 0.065 */
        {3, 0, "0", 6599, 2, "197.97"},
        {3, 0, "0", 10, 2, "0.3"},
        {10, 0, "0", 7000, 0, "70000"},
        {10, 1, "0.5", 65, 0, "683"}, /* 682.5 */
        {7, 0, "0", 65125, 3, "455.875"},
        {100000, 100000, "1", 10000000000, 4, "200000000000"},
        {100000, 100000, "0.999", 9999999999, 2, "19989999998001"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t factor = -1;
        assert_true(money_parse(slice_of(rows[i].factor), 3, &factor));
        struct slice budget = failure_budget((struct failure_party){rows[i].adults, rows[i].kids},
                                             factor, rows[i].price_minor, rows[i].decimals, &arena);
        if (!slice_is(budget, rows[i].budget))
            fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(budget), rows[i].budget);
    }
}

static void test_notes_are_read_as_they_are_written(void **state)
{
    struct failure_facts facts;
    (void)state;
    failure_notes_read(SLICE("Failed booking attempt. Name: John Doe. Reason: slot_unavailable. "
                             "Date: 2025-11-15 at 6PM. Location: 123 Main St, Beverly Hills, CA "
                             "90210. Error: Slot already booked"),
                       &facts);
    assert_true(slice_is(facts.name, "John Doe"));
    assert_true(slice_is(facts.reason, "slot_unavailable"));
    assert_true(slice_is(facts.detail, "Slot already booked"));
    failure_notes_read(SLICE("Failed booking attempt. Reason: booking_error."), &facts);
    assert_int_equal(facts.name.n, 0);
    assert_true(slice_is(facts.reason, "booking_error"));
    assert_int_equal(facts.detail.n, 0);
    failure_notes_read(SLICE("Failed booking attempt. Name: St. John. Reason: x"), &facts);
    assert_true(slice_is(facts.name, "St. John"));
    assert_int_equal(facts.reason.n, 0);
    failure_notes_read(SLICE("Call me. Name: John. Reason: slot_unavailable."), &facts);
    assert_int_equal(facts.name.n + facts.reason.n, 0);
    failure_notes_read(SLICE_NONE, &facts);
    assert_int_equal(facts.name.n + facts.reason.n, 0);
}

static void test_a_party_beyond_the_limits_has_no_budget(void **state)
{
    (void)state;
    assert_null(failure_budget((struct failure_party){-1, 0}, 0, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){0, -1}, 0, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){100001, 0}, 0, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){0, 100001}, 0, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){1, 0}, 1001, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){1, 0}, -1, 6500, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){1, 0}, 0, -1, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){1, 0}, 0, 10000000001, 2, &arena).p);
    assert_null(failure_budget((struct failure_party){INT64_MAX, 0}, 0, 6500, 2, &arena).p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_d22_of_an_error_the_first_line_is_kept),
        TEST(test_d22_no_stack_trace_is_kept),
        TEST(test_d22_emails_are_masked),
        TEST(test_d22_phones_are_masked),
        TEST(test_d22_a_detail_has_500_characters_at_most),
        TEST(test_d22_a_cut_does_not_uncover_what_was_masked),
        TEST(test_an_error_that_tells_nothing_has_no_detail),
        TEST(test_a_megabyte_of_marks_is_masked_in_one_pass),
        TEST(test_d17_the_notes_are_the_seeds),
        TEST(test_d17_notes_leave_out_what_is_not_known),
        TEST(test_d14_the_budget_is_exact_and_plain),
        TEST(test_notes_are_read_as_they_are_written),
        TEST(test_a_party_beyond_the_limits_has_no_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
