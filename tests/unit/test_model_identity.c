/* test_model_identity.c: what counts as a customer id, an e-mail address or a phone, and how a name
 * is split.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/model/identity.h"

struct spelling {
    const char *typed;
    const char *canonical; /* NULL: no identity */
};

static void check(struct slice (*canonical)(struct slice, struct arena *),
                  const struct spelling *rows, size_t count)
{
    struct arena arena;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        struct slice got = canonical(slice_of(rows[i].typed), &arena);
        bool right = rows[i].canonical == NULL ? got.n == 0 : slice_is(got, rows[i].canonical);
        if (!right)
            fail_msg("\"%s\" became \"%.*s\" instead of \"%s\"", rows[i].typed, SLICE_ARGS(got),
                     rows[i].canonical != NULL ? rows[i].canonical : "none");
        /* What is canonical stays as it is. */
        if (got.n > 0)
            assert_true(slice_eq(canonical(got, &arena), got));
    }
    arena_dispose(&arena);
}

#define CHECK(canonical, rows) check(canonical, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_the_words_of_identities_are_those_of_keys_strongest_first(void **state)
{
    (void)state;
    assert_string_equal(identity_word(IDENTITY_EXT), "ext");
    assert_string_equal(identity_word(IDENTITY_EMAIL), "email");
    assert_string_equal(identity_word(IDENTITY_PHONE), "phone");
    assert_true(IDENTITY_EXT < IDENTITY_EMAIL && IDENTITY_EMAIL < IDENTITY_PHONE);
}

static void test_a_customer_id_is_trimmed_and_otherwise_kept_byte_for_byte(void **state)
{
    static const struct spelling rows[] = {
        {"user123", "user123"},
        {"  user123\t", "user123"},
        {"User 123", "User 123"},
        {"0815", "0815"},
        {"-1-", "-1-"},
        {"7", "7"},
        {"nullable", "nullable"},
        {"\xe5\xb1\xb1", "\xe5\xb1\xb1"},
        {"anonymous1", "anonymous1"},
    };
    (void)state;
    CHECK(identity_ext, rows);
}

static void test_what_callers_send_instead_of_an_id_is_none(void **state)
{
    static const struct spelling rows[] = {
        {"", NULL},          {"   ", NULL},       {"null", NULL},   {"NULL", NULL},
        {"undefined", NULL}, {"Anonymous", NULL}, {"-1", NULL},     {"0", NULL},
        {"000", NULL},       {"-", NULL},         {"00-00", NULL},  {"nil", NULL},
        {"none", NULL},      {"NaN", NULL},       {" null ", NULL}, {"[object Object]", NULL},
    };
    (void)state;
    CHECK(identity_ext, rows);
}

static void test_b07_case_and_blanks_around_do_not_make_another_address(void **state)
{
    static const struct spelling rows[] = {
        {"john@example.com", "john@example.com"},
        {" John@Example.COM\n", "john@example.com"},
        {"JOHN@EXAMPLE.COM", "john@example.com"},
        {"j.o.h.n+tag@example.com", "j.o.h.n+tag@example.com"}, /* dots and tags stay */
        {"a@b.c", "a@b.c"},
        {"jos\xc3\xa9@example.com", "jos\xc3\xa9@example.com"},
        {"JOS\xc3\x89@example.com", "jos\xc3\x89@example.com"}, /* only ASCII letters change */
        {"a@b\xc3\xbc.example", "a@b\xc3\xbc.example"},
        {"a_b-c!#$%&*/=?^`|~@example.com", "a_b-c!#$%&*/=?^`|~@example.com"},
    };
    (void)state;
    CHECK(identity_email, rows);
}

static void test_what_is_no_address_is_no_identity(void **state)
{
    static const struct spelling rows[] = {
        {"", NULL},
        {"john", NULL},
        {"@example.com", NULL},
        {"john@", NULL},
        {"john@local", NULL},
        {"john@.com", NULL},
        {"john@example.", NULL},
        {"john@a..b", NULL},
        {"john@a@b.com", NULL},
        {"jo hn@example.com", NULL},
        {"john@-a.b", NULL},
        {"john@a.b-", NULL},
        {"<john@example.com>", NULL},
        {"a,b@c.d", NULL},
        {"a;b@c.d", NULL},
        {"a\"b@c.d", NULL},
        {"a'b@c.d", NULL},
        {"a\\b@c.d", NULL},
        {"a{b@c.d", NULL},
        {"a}b@c.d", NULL},
        {"a\x01@b.c", NULL},
        {"a\x7f@b.c", NULL},
        {"null", NULL},
        {"john@exa mple.c", NULL},
        {"john@b.", NULL},
    };
    (void)state;
    CHECK(identity_email, rows);
}

static void test_placeholders_for_an_address_are_none(void **state)
{
    static const struct spelling rows[] = {
        {"test@test.com", NULL},
        {"Test@Test.COM ", NULL},
        {"temp+15551234567@edubot.local", NULL},
        {"TEMP+15551234567@edubot.local", NULL},
        {"test@test.example", "test@test.example"},
        {"temp@edubot.example", "temp@edubot.example"},
    };
    (void)state;
    CHECK(identity_email, rows);
}

static void test_an_address_has_at_most_254_bytes(void **state)
{
    struct arena arena;
    char text[256];

    (void)state;
    arena_init(&arena, NULL, 0);
    memset(text, 'a', sizeof text);
    memcpy(text + 250, "@b.c", 4);
    assert_int_equal(identity_email((struct slice){text, 254}, &arena).n, 254);
    memcpy(text + 250, "a@b.c", 5);
    assert_int_equal(identity_email((struct slice){text, 255}, &arena).n, 0);
    arena_dispose(&arena);
}

static void test_a_phone_with_a_plus_or_00_is_e164_however_it_is_written(void **state)
{
    static const struct spelling rows[] = {
        {"+1234567890", "+1234567890"},           {"+1 (555) 123-4567", "+15551234567"},
        {" +1.555.123.4567 ", "+15551234567"},    {"+33 6 12 34 56 78", "+33612345678"},
        {"0033612345678", "+33612345678"},        {"00 33 6 12 34 56 78", "+33612345678"},
        {"+49/30/1234567", "+49301234567"},       {"+1234567", "+1234567"},
        {"+123456789012345", "+123456789012345"}, {"00123456789012345", "+123456789012345"},
        {"(+1) 5551234567", "+15551234567"},
    };
    (void)state;
    CHECK(identity_phone, rows);
}

static void test_digits_without_a_country_are_an_identity_of_their_own(void **state)
{
    static const struct spelling rows[] = {
        {"5551234567", "5551234567"},
        {"06 12 34 56 78", "0612345678"},
        {"555-1234", "5551234"},
        {"123456789012345", "123456789012345"},
    };
    (void)state;
    CHECK(identity_phone, rows);
}

static void test_what_is_no_phone_is_no_identity(void **state)
{
    static const struct spelling rows[] = {
        {"", NULL},
        {"123456", NULL},
        {"+123456", NULL},
        {"call me", NULL},
        {"+1234567890123456", NULL},
        {"1234567890123456", NULL},
        {"0000000", NULL},
        {"+0000000000", NULL},
        {"555-CALL-NOW", NULL},
        {"++15551234567", NULL},
        {"1+5551234567", NULL},
        {"+1555123456789012345678", NULL},
        {"+1 555 123 4567 x9", NULL},
        {"null", NULL},
        {"\xd9\xa1\xd9\xa2\xd9\xa3", NULL},
        {"001234567890123456", NULL},
        {"+", NULL},
        {"00", NULL},
    };
    (void)state;
    CHECK(identity_phone, rows);
}

static void test_b11_a_name_is_split_at_its_first_blank(void **state)
{
    static const struct {
        const char *full, *first, *last;
    } rows[] = {
        {"John Doe", "John", "Doe"},
        {"Madonna", "Madonna", ""},
        {"John van der Doe", "John", "van der Doe"},
        {"Jana Nov\xc3\xa1kov\xc3\xa1", "Jana", "Nov\xc3\xa1kov\xc3\xa1"},
        {"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xb1\xb1\xe7\x94\xb0",
         "\xe5\xa4\xaa\xe9\x83\x8e"},
        {"  John   Doe  ", "John", "Doe"},
        {"John ", "John", ""},
        {"", "", ""},
        {"   ", "", ""},
        {"Jean-Luc Picard", "Jean-Luc", "Picard"},
        {"Mary\xc2\xa0"
         "Ann Lee",
         "Mary\xc2\xa0"
         "Ann",
         "Lee"}, /* a no-break space breaks not */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice first, last;
        identity_split_name(slice_of(rows[i].full), &first, &last);
        if (!slice_is(first, rows[i].first) || !slice_is(last, rows[i].last))
            fail_msg("\"%s\" became \"%.*s\" and \"%.*s\"", rows[i].full, SLICE_ARGS(first),
                     SLICE_ARGS(last));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_words_of_identities_are_those_of_keys_strongest_first),
        cmocka_unit_test(test_a_customer_id_is_trimmed_and_otherwise_kept_byte_for_byte),
        cmocka_unit_test(test_what_callers_send_instead_of_an_id_is_none),
        cmocka_unit_test(test_b07_case_and_blanks_around_do_not_make_another_address),
        cmocka_unit_test(test_what_is_no_address_is_no_identity),
        cmocka_unit_test(test_placeholders_for_an_address_are_none),
        cmocka_unit_test(test_an_address_has_at_most_254_bytes),
        cmocka_unit_test(test_a_phone_with_a_plus_or_00_is_e164_however_it_is_written),
        cmocka_unit_test(test_digits_without_a_country_are_an_identity_of_their_own),
        cmocka_unit_test(test_what_is_no_phone_is_no_identity),
        cmocka_unit_test(test_b11_a_name_is_split_at_its_first_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
