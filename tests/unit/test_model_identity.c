/* test_model_identity.c: what counts as a customer id or an e-mail address, and how a name is
 * split. Phones: test_model_phone.c.
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

static struct identity_rules rules = {.region = "US", .gmail = false};

static void check(enum identity_kind kind, const struct spelling *rows, size_t count)
{
    struct arena arena;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        struct slice got = identity_of(kind, slice_of(rows[i].typed), &rules, &arena);
        bool right = rows[i].canonical == NULL ? got.n == 0 : slice_is(got, rows[i].canonical);
        if (!right)
            fail_msg("\"%s\" became \"%.*s\" instead of \"%s\"", rows[i].typed, SLICE_ARGS(got),
                     rows[i].canonical != NULL ? rows[i].canonical : "none");
        /* What is canonical stays as it is. */
        if (got.n > 0)
            assert_true(slice_eq(identity_of(kind, got, &rules, &arena), got));
    }
    arena_dispose(&arena);
}

#define CHECK(kind, rows) check(kind, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_the_words_of_identities_are_those_of_keys_strongest_first(void **state)
{
    (void)state;
    assert_string_equal(identity_word(IDENTITY_EXT), "ext");
    assert_string_equal(identity_word(IDENTITY_EMAIL), "email");
    assert_string_equal(identity_word(IDENTITY_PHONE), "phone");
    assert_string_equal(identity_word(IDENTITY_WHATSAPP), "wa");
    assert_true(IDENTITY_EXT < IDENTITY_EMAIL && IDENTITY_EMAIL < IDENTITY_PHONE);
    assert_true(IDENTITY_PHONE < IDENTITY_WHATSAPP);
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
    CHECK(IDENTITY_EXT, rows);
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
    CHECK(IDENTITY_EXT, rows);
}

static void test_b07_case_and_blanks_around_do_not_make_another_address(void **state)
{
    static const struct spelling rows[] = {
        {"john@example.com", "john@example.com"},
        {" John@Example.COM\n", "john@example.com"},
        {"JOHN@EXAMPLE.COM", "john@example.com"},
        {"j.o.h.n+tag@example.com", "j.o.h.n+tag@example.com"}, /* dots and tags stay */
        {"a@b.c", "a@b.c"},
        {"a_b-c!#$%&*/=?^`|~@example.com", "a_b-c!#$%&*/=?^`|~@example.com"},
    };
    (void)state;
    CHECK(IDENTITY_EMAIL, rows);
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
    CHECK(IDENTITY_EMAIL, rows);
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
    CHECK(IDENTITY_EMAIL, rows);
}

static void test_letters_beyond_ascii_are_folded_before_the_at(void **state)
{
    static const struct spelling rows[] = {
        {"jos\u00e9@example.com", "jos\u00e9@example.com"},
        {"JOS\u00c9@EXAMPLE.com", "jos\u00e9@example.com"},
        {"jose\u0301@example.com", "jos\u00e9@example.com"}, /* a combining accent */
        {"\u0418\u0412\u0410\u041d@example.com", "\u0438\u0432\u0430\u043d@example.com"},
        {"stra\u00dfe@example.com", "strasse@example.com"},
        {"john\u200b@example.com", "john@example.com"}, /* a blank without width */
        {"\u202ajohn@example.com", "john@example.com"}, /* a direction mark */
        {"jos\xc3@example.com", NULL},                  /* no UTF-8 */
    };
    (void)state;
    CHECK(IDENTITY_EMAIL, rows);
}

static void test_a_domain_is_the_one_that_dns_knows(void **state)
{
    static const struct spelling rows[] = {
        {"a@b\u00fccher.example", "a@xn--bcher-kva.example"},
        {"A@B\u00dcCHER.Example", "a@xn--bcher-kva.example"},
        {"a@bu\u0308cher.example", "a@xn--bcher-kva.example"},
        {"a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
        {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
        {"a@fa\u00df.example", "a@xn--fa-hia.example"}, /* non-transitional: not fass */
        {"a@\u4f8b\u3048.\u30c6\u30b9\u30c8", "a@xn--r8jz45g.xn--zckzah"},
        {"a@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "a@xn--r8jz45g.xn--zckzah"},
        {"a@b\u00fccher", NULL},
        {"a@b\u00fccher..example", NULL},
        {"a@b\u00fc cher.example", NULL},
        {"a@b\u00fc_cher.example", NULL},
        {"a@x\uff20y.example", NULL}, /* a full-width @ */
        {"a@x\uff0fy.example", NULL}, /* a full-width / */
        {"a@\u2028.example", NULL},
    };
    (void)state;
    CHECK(IDENTITY_EMAIL, rows);
}

static void test_gmail_is_like_any_other_until_the_rule_says_otherwise(void **state)
{
    static const struct spelling off[] = {
        {"J.Doe+shop@GoogleMail.com", "j.doe+shop@googlemail.com"},
        {"j.doe@gmail.com", "j.doe@gmail.com"},
    };
    static const struct spelling on[] = {
        {"J.Doe+shop@GoogleMail.com", "jdoe@gmail.com"},
        {"j.doe@gmail.com", "jdoe@gmail.com"},
        {"jdoe@gmail.com", "jdoe@gmail.com"},
        {"j.doe+a+b@gmail.com", "jdoe@gmail.com"},
        {"j.doe+shop@example.com", "j.doe+shop@example.com"},
        {"j.doe@notgmail.com", "j.doe@notgmail.com"},
        {"j.doe@gmail.com.example", "j.doe@gmail.com.example"},
        {"+shop@gmail.com", NULL},
        {"...@gmail.com", NULL},
        {"temp+1@gmail.com", NULL},
    };
    (void)state;
    CHECK(IDENTITY_EMAIL, off);
    rules.gmail = true;
    CHECK(IDENTITY_EMAIL, on);
    rules.gmail = false;
}

static void test_an_address_that_grows_beyond_254_bytes_is_none(void **state)
{
    struct arena arena;
    struct slice typed = SLICE("a@"), got;
    (void)state;
    arena_init(&arena, NULL, 0);
    /* 12 labels of 11 bytes, 22 as punycode */
    for (int i = 0; i < 12; i++)
        typed = arena_join(&arena, 2, typed, SLICE("\u4f8b\u3048\u4f8b."));
    got = identity_email(arena_join(&arena, 2, typed, SLICE("example")), &rules, &arena);
    assert_in_range(got.n, 150, 254);
    for (int i = 0; i < 8; i++)
        typed = arena_join(&arena, 2, typed, SLICE("\u4f8b\u3048\u4f8b."));
    typed = arena_join(&arena, 2, typed, SLICE("example"));
    assert_true(typed.n <= 254);
    assert_int_equal(identity_email(typed, &rules, &arena).n, 0);
    arena_dispose(&arena);
}

static void test_an_address_has_at_most_254_bytes(void **state)
{
    struct arena arena;
    char text[256];

    (void)state;
    arena_init(&arena, NULL, 0);
    memset(text, 'a', sizeof text);
    memcpy(text + 250, "@b.c", 4);
    assert_int_equal(identity_email((struct slice){text, 254}, &rules, &arena).n, 254);
    memcpy(text + 250, "a@b.c", 5);
    assert_int_equal(identity_email((struct slice){text, 255}, &rules, &arena).n, 0);
    arena_dispose(&arena);
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

static void test_a_whatsapp_id_is_an_identity_when_it_is_no_phone(void **state)
{
    static const struct spelling rows[] = {
        {" BR.13491208655302741918 ", "BR.13491208655302741918"},
        {"12345", "12345"},
        {"0155512345", "0155512345"},
        {"15551234567", NULL},
        {"+15551234567", NULL},
        {"null", NULL},
        {"000", NULL},
        {"", NULL},
    };

    (void)state;
    CHECK(IDENTITY_WHATSAPP, rows);
}

/* Addresses made up for phones ------------------------------------------------------------------
 */

static const struct identity_rules made_up = {.region = "US",
                                              .temp_email = "temp+{phone}@edubot.local"};

static void test_an_address_made_up_for_a_phone_is_that_phone(void **state)
{
    static const struct spelling rows[] = {
        {"temp+15551234567@edubot.local", "+15551234567"},
        {" TEMP+15551234567@EduBot.local ", "+15551234567"},
        {"temp+5215512345678@edubot.local", "+525512345678"},
        {"temp++15551234567@edubot.local", NULL},
        {"temp+@edubot.local", NULL},
        {"temp+123@edubot.local", NULL},
        {"temp+1555123456a@edubot.local", NULL},
        {"temp+15551234567@edubot.locale", NULL},
        {"atemp+15551234567@edubot.local", NULL},
        {"", NULL},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice typed = slice_of(rows[i].typed);
        struct slice got = identity_temp_phone(typed, &made_up, &arena);
        if (rows[i].canonical == NULL ? got.n > 0 : !slice_is(got, rows[i].canonical))
            fail_msg("%s became %.*s", rows[i].typed, SLICE_ARGS(got));
        assert_int_equal(identity_temp_phone(typed, &rules, &arena).n, 0);
        if (got.n > 0)
            assert_int_equal(identity_email(typed, &made_up, &arena).n, 0);
    }
    struct slice made = identity_temp_email(SLICE("+15551234567"), &made_up, &arena);
    assert_true(slice_is(made, "temp+15551234567@edubot.local"));
    assert_true(slice_is(identity_temp_email(SLICE("5551234"), &made_up, &arena),
                         "temp+5551234@edubot.local"));
    assert_int_equal(identity_temp_email(SLICE_NONE, &made_up, &arena).n, 0);
    assert_int_equal(identity_temp_email(SLICE("+15551234567"), &rules, &arena).n, 0);
    arena_dispose(&arena);
}

static void test_a_form_of_ones_own_is_no_address_either(void **state)
{
    static const struct identity_rules own = {.region = "US",
                                              .temp_email = "wa-{phone}@school.example"};
    struct arena arena;

    (void)state;
    arena_init(&arena, NULL, 0);
    assert_int_equal(identity_email(SLICE("wa-15551234567@school.example"), &own, &arena).n, 0);
    assert_true(identity_email(SLICE("wa-ann@school.example"), &own, &arena).n > 0);
    assert_true(identity_email(SLICE("wa-15551234567@school.example"), &made_up, &arena).n > 0);
    arena_dispose(&arena);
}

static void test_all_identities_of_a_call_are_read_together(void **state)
{
    struct slice typed[IDENTITY_KINDS] = {SLICE("u1"), SLICE("temp+15551234567@edubot.local"),
                                          SLICE_NONE, SLICE_NONE};
    struct slice identity[IDENTITY_KINDS];
    struct arena arena;

    (void)state;
    arena_init(&arena, NULL, 0);
    identity_read(typed, &made_up, &arena, identity);
    assert_true(slice_is(identity[IDENTITY_EXT], "u1"));
    assert_int_equal(identity[IDENTITY_EMAIL].n + typed[IDENTITY_EMAIL].n, 0);
    assert_true(slice_is(identity[IDENTITY_PHONE], "+15551234567"));
    assert_int_equal(identity[IDENTITY_WHATSAPP].n, 0);

    typed[IDENTITY_EMAIL] = SLICE("temp+15551234567@edubot.local");
    typed[IDENTITY_PHONE] = SLICE("+1 555 765 4321");
    identity_read(typed, &made_up, &arena, identity);
    assert_true(slice_is(identity[IDENTITY_PHONE], "+15557654321"));
    assert_int_equal(typed[IDENTITY_EMAIL].n, 0);

    typed[IDENTITY_EMAIL] = SLICE("Ann@Example.com");
    identity_read(typed, &made_up, &arena, identity);
    assert_true(slice_is(identity[IDENTITY_EMAIL], "ann@example.com"));
    assert_true(slice_is(typed[IDENTITY_EMAIL], "Ann@Example.com"));
    arena_dispose(&arena);
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
        cmocka_unit_test(test_letters_beyond_ascii_are_folded_before_the_at),
        cmocka_unit_test(test_a_domain_is_the_one_that_dns_knows),
        cmocka_unit_test(test_gmail_is_like_any_other_until_the_rule_says_otherwise),
        cmocka_unit_test(test_an_address_that_grows_beyond_254_bytes_is_none),
        cmocka_unit_test(test_an_address_has_at_most_254_bytes),
        cmocka_unit_test(test_a_whatsapp_id_is_an_identity_when_it_is_no_phone),
        cmocka_unit_test(test_an_address_made_up_for_a_phone_is_that_phone),
        cmocka_unit_test(test_a_form_of_ones_own_is_no_address_either),
        cmocka_unit_test(test_all_identities_of_a_call_are_read_together),
        cmocka_unit_test(test_b11_a_name_is_split_at_its_first_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
