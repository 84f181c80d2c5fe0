/* test_model_key.c: key names of every workspace, what may stand in them, and that each key has one
 * meaning.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/key.h"

static const struct pattern {
    const char *name, *prefix, *rest, *type;
} patterns[] = {
#define KEY(name, prefix, rest, type, what) {#name, prefix, rest, type},
#include "kvcrm/model/keys.def"
#undef KEY
};

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

static struct key_tag tag_of(const char *workspace, bool cluster)
{
    struct key_tag tag;
    key_tag(&tag, slice_of(workspace), cluster);
    return tag;
}

/* Names ---------------------------------------------------------------------------------------- */

static void test_a_workspace_is_1_to_32_of_small_letters_digits_and_dashes(void **state)
{
    static const char *const good[] = {
        "default", "acme", "a", "0", "a-b", "-", "abcdefghijklmnopqrstuvwxyz012345"};
    static const char *const bad[] = {"",
                                      "Acme",
                                      "a_b",
                                      "a b",
                                      "a{b",
                                      "a}b",
                                      "a.b",
                                      "a\tb",
                                      "ac\xc3\xa9",
                                      "a:b",
                                      "abcdefghijklmnopqrstuvwxyz0123456"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!key_is_workspace(slice_of(good[i])))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (key_is_workspace(slice_of(bad[i])))
            fail_msg("%s", bad[i]);
    assert_false(key_is_workspace(SLICE_NONE));
    assert_false(key_is_workspace(SLICE("ac\0me")));
}

static void test_only_the_default_workspace_of_a_single_redis_has_no_tag(void **state)
{
    static const struct {
        const char *workspace;
        bool cluster;
        const char *before, *after;
    } rows[] = {
        {"default", false, "", ""},
        {"default", true, "{default}_", "_{default}"},
        {"acme", false, "{acme}_", "_{acme}"},
        {"acme", true, "{acme}_", "_{acme}"},
        {"abcdefghijklmnopqrstuvwxyz012345", false, "{abcdefghijklmnopqrstuvwxyz012345}_",
         "_{abcdefghijklmnopqrstuvwxyz012345}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct key_tag tag = tag_of(rows[i].workspace, rows[i].cluster);
        assert_string_equal(tag.before, rows[i].before);
        assert_string_equal(tag.after, rows[i].after);
    }
}

static void test_b08_the_default_workspace_has_the_bare_names(void **state)
{
    struct key_tag tag = tag_of("default", false);
    (void)state;
    struct slice key = key_make(KEY_CONTACT, &tag, SLICE("9x3kq7m2v4a1b"), &arena);
    assert_true(slice_is(key, "crm_contact_9x3kq7m2v4a1b"));
    key = key_make(KEY_CONTACT_EMAIL, &tag, SLICE("john@example.com"), &arena);
    assert_true(slice_is(key, "crm_contact_email_john@example.com"));
    key = key_make(KEY_FEED, &tag, SLICE_NONE, &arena);
    assert_true(slice_is(key, "crm_feed"));
}

static void test_a_tag_stands_before_the_rest_and_behind_a_key_without_one(void **state)
{
    struct key_tag tag = tag_of("acme", false);
    (void)state;
    struct slice key = key_make(KEY_CONTACT, &tag, SLICE("9x3kq7m2v4a1b"), &arena);
    assert_true(slice_is(key, "crm_contact_{acme}_9x3kq7m2v4a1b"));
    key = key_make(KEY_FEED, &tag, SLICE_NONE, &arena);
    assert_true(slice_is(key, "crm_feed_{acme}"));
    key = key_make(KEY_FEED, &tag, SLICE("ignored"), &arena);
    assert_true(slice_is(key, "crm_feed_{acme}"));
}

static void test_the_table_answers_for_every_pattern(void **state)
{
    struct key_tag tag = tag_of("acme", false);
    char expected[128];
    (void)state;
    assert_int_equal(sizeof patterns / sizeof patterns[0], KEY_COUNT);
    for (int i = 0; i < KEY_COUNT; i++) {
        const struct pattern *p = &patterns[i];
        assert_true(slice_is(key_prefix(i), p->prefix));
        assert_string_equal(key_type(i), p->type);
        assert_int_equal(key_has_rest(i), p->rest != NULL);
        if (p->rest != NULL)
            snprintf(expected, sizeof expected, "%s{acme}_value", p->prefix);
        else
            snprintf(expected, sizeof expected, "%s_{acme}", p->prefix);
        assert_true(slice_is(key_make(i, &tag, SLICE("value"), &arena), expected));
    }
}

/* One meaning ---------------------------------------------------------------------------------- */

/* What a placeholder of keys.def stands for: its characters and its length; NULL characters for a
 * caller's value, which may be anything that key_safe lets through. */
static const struct grammar {
    const char *rest, *characters;
    size_t length; /* 0: any */
} grammars[] = {
    {"<c>", "0123456789abcdefghjkmnpqrstvwxyz", 13},
    {"<id>", "0123456789abcdef-", 36},
    {"<yyyymmdd>", "0123456789", 8},
    {"<date>", "0123456789-", 10},
    {"<date>:<time>", "0123456789-", 0}, /* as far as the date goes */
    {"<n>", "0123456789", 0},
    {"<status>", NULL, 0},
    {"<email>", NULL, 0},
    {"<phone>", NULL, 0},
    {"<customer id>", NULL, 0},
    {"<kind>:<value>", NULL, 0},
    {"<state>", NULL, 0},
    {"<source>:<state>", NULL, 0},
    {"<source>:<yyyymmdd>", NULL, 0},
    {"<quality>", NULL, 0},
    {"<reason>", NULL, 0},
    {"<student id>", "0123456789", 0},
    {"<date>", "0123456789-", 10},
    {"<date>.<time>", "0123456789-", 0}, /* it begins with a date */
    {"<date>:<time>", "0123456789-", 0},
    {"<date>:<time>:<lead>", "0123456789-", 0},
};

static const struct grammar *grammar_of(const struct pattern *p)
{
    for (size_t i = 0; i < sizeof grammars / sizeof grammars[0]; i++)
        if (strcmp(grammars[i].rest, p->rest) == 0)
            return &grammars[i];
    fail_msg("%s: this test does not know what %s stands for", p->name, p->rest);
    return NULL;
}

/* Can a rest of this grammar begin with text, or be it when text is all that is left? */
static bool can_begin(const struct grammar *grammar, const char *text, bool is_all)
{
    if (grammar->characters == NULL)
        return true;
    size_t n = strlen(text);
    if (grammar->length != 0 && (is_all ? n != grammar->length : n > grammar->length))
        return false;
    return strspn(text, grammar->characters) == n;
}

/* Can the shorter pattern make a key of the longer one? */
static bool can_meet(const struct pattern *shorter, const struct pattern *longer)
{
    size_t n = strlen(shorter->prefix);
    if (strncmp(shorter->prefix, longer->prefix, n) != 0)
        return false;
    const char *more = longer->prefix + n;
    if (shorter->rest == NULL)
        return more[0] == '\0' || strncmp(more, "_{", 2) == 0;
    return can_begin(grammar_of(shorter), more, longer->rest == NULL);
}

static void test_no_two_patterns_can_match_one_key(void **state)
{
    (void)state;
    for (int i = 0; i < KEY_COUNT; i++)
        for (int j = 0; j < KEY_COUNT; j++)
            if (i != j && strlen(patterns[i].prefix) <= strlen(patterns[j].prefix) &&
                can_meet(&patterns[i], &patterns[j]))
                fail_msg("a key of %s may look like one of %s", patterns[j].name, patterns[i].name);
}

static void test_patterns_that_would_meet_are_seen(void **state)
{
    static const struct pattern session = {"SESSION", "crm_session_", "<customer id>", "hash"},
                                session_log = {"LOG", "crm_session_log_", "<c>", "zset"},
                                task = {"TASK", "crm_task_", "<id>", "hash"},
                                task_fade = {"FADE", "crm_task_fade_", "<id>", "zset"},
                                task_due = {"DUE", "crm_task_due", NULL, "zset"},
                                number = {"NO", "crm_no_", "<n>", "string"},
                                number_seven = {"SEVEN", "crm_no_7", NULL, "string"};
    (void)state;
    assert_true(can_meet(&session, &session_log));
    assert_false(can_meet(&task, &task_due));
    assert_false(can_meet(&task, &task_fade)); /* '_' is in no id */
    assert_true(can_meet(&number, &number_seven));
    assert_true(can_meet(&task_due, &task_due));
}

/* A caller's value ----------------------------------------------------------------------------- */

static void test_an_ordinary_value_is_itself_in_its_key(void **state)
{
    static const char *const values[] = {
        "john@example.com",
        "+15551234567",
        "user-1",
        "a:b",
        "a_b",
        "a/b?c=d&e",
        "#",
        "#abc",
        "Jana\xc3\xa9\xe5\xb1\xb1",
        "*",
        "[x]",
        "a#b",
        "0",
        "#0123456789abcdef0123456789abcdef0123456",   /* 39 digits */
        "#0123456789abcdef0123456789abcdef012345678", /* 41 */
        "#0123456789ABCDEF0123456789ABCDEF01234567",  /* in capitals */
        "#0123456789abcdefg123456789abcdef01234567",  /* g is no digit */
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct slice value = slice_of(values[i]), safe = key_safe(value, &arena);
        if (!slice_eq(safe, value))
            fail_msg("%s became %.*s", values[i], SLICE_ARGS(safe));
    }
}

static void check_hashed(struct slice value, const char *expected)
{
    struct slice safe = key_safe(value, &arena);
    if (!slice_is(safe, expected))
        fail_msg("\"%.*s\" became %.*s", SLICE_ARGS(value), SLICE_ARGS(safe));
}

static void test_a_value_that_does_not_fit_is_the_beginning_of_its_sha256(void **state)
{
    static const char *const values[] = {"a\tb", "a\nb", "a\"b", "a'b",   "a\\b", "a{b",
                                         "a}b",  " a",   "a ",   "a\x7f", "\x01"};
    char long_value[256];
    (void)state;
    check_hashed(SLICE("a b"), "#c8687a08aa5d6ed2044328fa6a697ab8e96dc342");
    check_hashed(SLICE(""), "#e3b0c44298fc1c149afbf4c8996fb92427ae41e4");
    check_hashed(SLICE("caf\xc3\xa9 x"), "#06c7baac6912b915966971b1e47734224e6237ce");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct slice safe = key_safe(slice_of(values[i]), &arena);
        assert_int_equal(safe.n, 41);
        assert_int_equal(safe.p[0], '#');
        assert_int_equal(strspn(safe.p + 1, "0123456789abcdef"), 40);
    }
    assert_int_equal(key_safe(SLICE("a\0b"), &arena).n, 41);
    memset(long_value, 'a', sizeof long_value);
    assert_int_equal(key_safe((struct slice){long_value, 255}, &arena).n, 255);
    assert_int_equal(key_safe((struct slice){long_value, 256}, &arena).n, 41);
}

static void test_nobody_can_spell_the_hash_of_somebody_else(void **state)
{
    struct slice victim = key_safe(SLICE("a b"), &arena);
    (void)state;
    assert_false(slice_eq(key_safe(victim, &arena), victim));
    assert_int_equal(key_safe(victim, &arena).n, 41);
}

static void test_a_value_moves_no_key_to_another_slot(void **state)
{
    (void)state;
    for (int i = 0; i < KEY_COUNT; i++) {
        struct key_tag tag = tag_of("acme", true);
        struct slice key = key_make(i, &tag, key_safe(SLICE("{other}"), &arena), &arena);
        const char *open = memchr(key.p, '{', key.n);
        assert_non_null(open);
        assert_true(
            slice_starts((struct slice){open, key.n - (size_t)(open - key.p)}, SLICE("{acme}")));
        assert_null(memchr(open + 1, '{', key.n - (size_t)(open + 1 - key.p)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_workspace_is_1_to_32_of_small_letters_digits_and_dashes),
        cmocka_unit_test(test_only_the_default_workspace_of_a_single_redis_has_no_tag),
        cmocka_unit_test_setup_teardown(test_b08_the_default_workspace_has_the_bare_names, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_a_tag_stands_before_the_rest_and_behind_a_key_without_one, begin, end),
        cmocka_unit_test_setup_teardown(test_the_table_answers_for_every_pattern, begin, end),
        cmocka_unit_test(test_no_two_patterns_can_match_one_key),
        cmocka_unit_test(test_patterns_that_would_meet_are_seen),
        cmocka_unit_test_setup_teardown(test_an_ordinary_value_is_itself_in_its_key, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_value_that_does_not_fit_is_the_beginning_of_its_sha256, begin, end),
        cmocka_unit_test_setup_teardown(test_nobody_can_spell_the_hash_of_somebody_else, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_value_moves_no_key_to_another_slot, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
