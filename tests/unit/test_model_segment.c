/* test_model_segment.c: rules of segments: both forms, their faults and limits, what they match.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/model/name.h"
#include "kvcrm/model/segment.h"

static struct arena arena;
static struct buf out;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    buf_init(&out, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    buf_dispose(&out);
    return 0;
}

static const struct segment_node *of_text(struct slice text)
{
    const struct segment_node *root = NULL;
    struct segment_fault fault;

    if (!segment_parse_text(text, &arena, &root, &fault))
        fail_msg("%.*s: %s at %zu", SLICE_ARGS(text), fault.expected, fault.position);
    return root;
}

static bool parse_json(const char *json, const struct segment_node **root,
                       struct segment_fault *fault)
{
    struct jr_value value;
    struct jr_fault bad;

    assert_int_equal(jr_parse(slice_of(json), &value, &bad), OK);
    return segment_parse_json(value, SLICE("rule"), &arena, root, fault);
}

static const struct segment_node *of_json(const char *json)
{
    const struct segment_node *root = NULL;
    struct segment_fault fault;

    if (!parse_json(json, &root, &fault))
        fail_msg("%s: %s at %.*s", json, fault.expected, SLICE_ARGS(fault.path));
    return root;
}

static struct slice text_of(const struct segment_node *root)
{
    buf_clear(&out);
    segment_print_text(root, &out);
    return arena_copy(&arena, buf_slice(&out));
}

static struct slice json_of(const struct segment_node *root)
{
    buf_clear(&out);
    struct jw w = jw_on(&out);
    segment_print_json(root, &w);
    return arena_copy(&arena, buf_slice(&out));
}

static void assert_same(struct slice got, const char *wanted)
{
    if (!slice_is(got, wanted))
        fail_msg("%.*s instead of %s", SLICE_ARGS(got), wanted);
}

static bool matches(const char *rule, struct slice message)
{
    struct segment_facts facts = {.text = {[SEGMENT_MESSAGE] = name_fold(message, &arena)}};

    return segment_matches(of_text(slice_of(rule)), &facts);
}

/* Forms ---------------------------------------------------------------------------------------- */

#define M(op, value) "{\"field\":\"message\",\"op\":\"" op "\",\"value\":" value "}"

static void test_e47_both_forms_are_one_tree(void **state)
{
    static const struct {
        const char *typed, *text, *json; /* NULL: printed as typed */
    } rows[] = {
        {"message contains \"price\"", NULL, M("contains", "\"price\"")},
        {"message like '*discount*'", "message like \"*discount*\"", M("like", "\"*discount*\"")},
        {"message=hi", "message = \"hi\"", M("=", "\"hi\"")},
        {"message != -42.5", "message != \"-42.5\"", M("!=", "\"-42.5\"")},
        {"message IN(a,'b c')", "message in (\"a\", \"b c\")", M("in", "[\"a\",\"b c\"]")},
        {"message Not\nIn (true)", "message not in (\"true\")", M("nin", "[\"true\"]")},
        {"message prefix 'say \"hi\" it''s'", "message prefix \"say \"\"hi\"\" it's\"",
         M("prefix", "\"say \\\"hi\\\" it's\"")},
        {"has ( message )", "has(message)", "{\"field\":\"message\",\"op\":\"exists\"}"},
        {"message=a OR message=b aNd not message=c",
         "message = \"a\" or message = \"b\" and not message = \"c\"",
         "{\"any\":[" M("=", "\"a\"") ",{\"all\":[" M("=", "\"b\"") ",{\"not\":" M(
             "=", "\"c\"") "}]}]}"},
        {"(message=a or message=b) and not (message=c or message=d)",
         "(message = \"a\" or message = \"b\") and not (message = \"c\" or message = \"d\")",
         "{\"all\":[{\"any\":[" M("=", "\"a\"") "," M("=", "\"b\"") "]},{\"not\":{\"any\":[" M(
             "=", "\"c\"") "," M("=", "\"d\"") "]}}]}"},
        {"((message=a and (message=b and message=c)))",
         "message = \"a\" and message = \"b\" and message = \"c\"",
         "{\"all\":[" M("=", "\"a\"") "," M("=", "\"b\"") "," M("=", "\"c\"") "]}"},
        {"not not (message=a and message=b)", "not not (message = \"a\" and message = \"b\")",
         "{\"not\":{\"not\":{\"all\":[" M("=", "\"a\"") "," M("=", "\"b\"") "]}}}"},
        {"message = and", "message = \"and\"", M("=", "\"and\"")},
        {"message = caf\u00e9", "message = \"caf\u00e9\"", M("=", "\"caf\u00e9\"")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = rows[i].text != NULL ? rows[i].text : rows[i].typed;
        const struct segment_node *typed = of_text(slice_of(rows[i].typed));
        assert_same(text_of(typed), text);
        assert_same(json_of(typed), rows[i].json);
        assert_same(text_of(of_text(slice_of(text))), text);
        assert_same(text_of(of_json(rows[i].json)), text);
        assert_same(json_of(of_json(rows[i].json)), rows[i].json);
    }
    assert_same(text_of(of_json("{\"all\":[{\"any\":[{\"all\":[" M("=", "\"a\"") "]}]}]}")),
                "message = \"a\"");
    assert_same(text_of(of_json("{\"field\":\"message\",\"op\":\"exists\",\"value\":true}")),
                "has(message)");
}

static void test_e47_a_fault_of_a_text_says_where_and_what(void **state)
{
    static const struct {
        const char *text;
        size_t position;
        const char *expected;
    } rows[] = {
        {"", 0, "Expected message"},
        {"score >= 70", 0, "Expected message"},
        {"message=a and count(vehicle.viewed, 24h) >= 3", 14, "Expected message"},
        {"not did(booking.completed, 30d)", 4, "Expected message"},
        {"has(email)", 4, "Expected message"},
        {"message", 7, "Expected =, !=, in, not in, contains, prefix or like"},
        {"message > 3", 8, "Expected =, !=, in, not in, contains, prefix or like"},
        {"message before x", 8, "Expected =, !=, in, not in, contains, prefix or like"},
        {"message not like x", 12, "Expected in"},
        {"message contains", 16, "Expected text"},
        {"message contains \"\"", 17, "Expected text"},
        {"message contains ' '", 17, "Expected text"},
        {"message contains (", 17, "Expected text"},
        {"message contains 'it''s", 17, "Expected a closing quote"},
        {"message in a", 11, "Expected ("},
        {"message in ()", 12, "Expected text"},
        {"message in (a b)", 14, "Expected , or )"},
        {"(message=a", 10, "Expected and, or or )"},
        {"message=a message=b", 10, "Expected and, or or the end"},
        {"message=a)", 9, "Expected and, or or the end"},
        {"message=\u00e9\u00e9 x", 11, "Expected and, or or the end"},
        {"has message", 4, "Expected ("},
        {"has(message", 11, "Expected )"},
        {"message=a and", 13, "Expected message"},
        {"message=\xff", 8, "Expected text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct segment_node *root = NULL;
        struct segment_fault fault;
        if (segment_parse_text(slice_of(rows[i].text), &arena, &root, &fault) || root != NULL)
            fail_msg("%s was taken", rows[i].text);
        if (fault.position != rows[i].position || strcmp(fault.expected, rows[i].expected) != 0)
            fail_msg("%s: %s at %zu", rows[i].text, fault.expected, fault.position);
    }
}

static void test_e47_a_fault_of_json_says_where_and_what(void **state)
{
    static const struct {
        const char *json, *path, *code;
    } rows[] = {
        {"[]", "rule", "type"},
        {"{}", "rule.field", "enum"},
        {"{\"field\":\"score\",\"op\":\">=\",\"value\":70}", "rule.field", "enum"},
        {"{\"event\":\"vehicle.viewed\"}", "rule", "unknown_field"},
        {"{\"all\":[],\"any\":[]}", "rule", "unknown_field"},
        {"{\"all\":[]}", "rule.all", "length"},
        {"{\"any\":{}}", "rule.any", "type"},
        {"{\"not\":[]}", "rule.not", "type"},
        {"{\"all\":[" M("=", "\"a\"") "," M("~", "\"a\"") "]}", "rule.all.1.op", "enum"},
        {"{\"not\":{\"any\":[" M("like", "7") "]}}", "rule.not.any.0.value", "type"},
        {"{\"field\":\"message\",\"op\":\"=\"}", "rule.value", "type"},
        {M("contains", "\"\""), "rule.value", "type"},
        {M("in", "\"a\""), "rule.value", "type"},
        {M("in", "[]"), "rule.value", "length"},
        {M("nin", "[\"a\",null]"), "rule.value.1", "type"},
        {M("exists", "false"), "rule.value", "type"},
        {"{\"field\":\"message\",\"op\":\"=\",\"value\":\"a\",\"x\":1}", "rule", "unknown_field"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct segment_node *root = NULL;
        struct segment_fault fault;
        if (parse_json(rows[i].json, &root, &fault) || root != NULL)
            fail_msg("%s was taken", rows[i].json);
        if (!slice_is(fault.path, rows[i].path) || strcmp(fault.code, rows[i].code) != 0)
            fail_msg("%s: %s at %.*s", rows[i].json, fault.code, SLICE_ARGS(fault.path));
    }
}

/* Limits --------------------------------------------------------------------------------------- */

/* "not " n times, or groups of both kinds in one another. */
static struct slice nested(unsigned groups, bool nots)
{
    struct slice text = SLICE("message = \"a\"");

    for (unsigned i = 0; i < groups; i++)
        text = nots ? arena_join(&arena, 2, SLICE("not "), text)
                    : arena_printf(&arena, "(%.*s) %s message = \"b\"", SLICE_ARGS(text),
                                   i % 2 == 0 ? "and" : "or");
    return text;
}

static void test_e47_eight_groups_in_one_another_are_taken_and_nine_are_not(void **state)
{
    const struct segment_node *root;
    struct segment_fault fault;
    (void)state;
    for (int nots = 0; nots < 2; nots++) {
        struct slice deep = text_of(of_text(nested(8, nots)));
        assert_same(text_of(of_json(arena_join(&arena, 2, json_of(of_text(deep)), SLICE("\0")).p)),
                    arena_join(&arena, 2, deep, SLICE("\0")).p);
        assert_false(segment_parse_text(nested(9, nots), &arena, &root, &fault));
        assert_string_equal(fault.code, "depth");
    }
    /* Parentheses around one test are no group; but their number has an end, too. */
    assert_same(text_of(of_text(SLICE("((((((((((message = \"a\"))))))))))"))), "message = \"a\"");
    char many[4096];
    memset(many, '(', sizeof many);
    assert_false(segment_parse_text((struct slice){many, sizeof many}, &arena, &root, &fault));
    assert_string_equal(fault.code, "depth");
}

static void test_e47_thirty_two_tests_are_taken_and_one_more_is_not(void **state)
{
    struct slice text = SLICE("message = a");
    const struct segment_node *root;
    struct segment_fault fault;
    (void)state;
    for (int i = 1; i < SEGMENT_TESTS_MOST; i++)
        text = arena_join(&arena, 2, text, SLICE(" or message = a"));
    of_text(text);
    size_t before = text.n;
    text = arena_join(&arena, 2, text, SLICE(" or message = a"));
    assert_false(segment_parse_text(text, &arena, &root, &fault));
    assert_string_equal(fault.expected, "Expected at most 32 tests");
    assert_int_equal(fault.position, before + 4);
}

/* Judging -------------------------------------------------------------------------------------- */

static void test_e47_what_rules_match(void **state)
{
    static const struct {
        const char *rule, *message;
        bool matches;
    } rows[] = {
        {"message contains \"price\"", "What is the PRICE, please?", true},
        {"message contains \"price\"", "What does it cost?", false},
        {"message contains \"  The \n Price \"", "the price", true},
        {"message contains \"prix d'ete\"", "Le Prix d'\u00c9t\u00e9", true},
        {"message contains STRASSE", "Hauptstra\u00dfe 1", true},
        {"message like \"*discount*\"", "Any Discounts?", true},
        {"message like \"discount*\"", "Any Discounts?", false},
        {"message like \"*discount?\"", "Any discount?", true},
        {"message like \"*discount\"", "Any discount?", false},
        {"message like discount", "DISCOUNT", true},
        {"message like discount", "discounts", false},
        {"message like \"*\"", "x", true},
        {"message like \"**\"", "x", true},
        {"message like \"a*b*c\"", "a-b-c", true},
        {"message like \"a*b*c\"", "a-c-b", false},
        {"message like \"a*a\"", "a", false},
        {"message like \"ab*ba\"", "aba", false},
        {"message like \"*ab*ab\"", "abab", true},
        {"message like \"*ab*ab\"", "ab", false},
        {"message like \"*a.b%_*\"", "xa.b%_x", true},
        {"message = \"call me\"", " Call  ME ", true},
        {"message = \"call me\"", "call me now", false},
        {"message != \"call me\"", "call me now", true},
        {"message prefix \"code\"", "CODE-7 hello", true},
        {"message prefix \"code\"", "my code", false},
        {"message in (yes, ja, oui)", "Oui", true},
        {"message in (yes, ja, oui)", "no", false},
        {"message not in (yes, ja, oui)", "no", true},
        {"message not in (yes, ja, oui)", "JA", false},
        {"message contains a and message contains b", "b a", true},
        {"message contains a and message contains b", "a", false},
        {"message contains a or message contains b", "b", true},
        {"message contains a or message contains b", "c", false},
        {"message contains a or message contains b and message contains c", "a", true},
        {"(message contains a or message contains b) and message contains c", "a", false},
        {"not message contains a", "b", true},
        {"not (message contains a or message contains b)", "b", false},
        {"has(message)", "x", true},
        /* absent */
        {"has(message)", "", false},
        {"not has(message)", " ", true},
        {"message = a", "", false},
        {"message != a", "", true},
        {"message in (a)", "", false},
        {"message not in (a)", "", true},
        {"message contains a", "", false},
        {"message prefix a", "", false},
        {"message like \"*\"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (matches(rows[i].rule, slice_of(rows[i].message)) != rows[i].matches)
            fail_msg("%s of \"%s\"", rows[i].rule, rows[i].message);
    }
}

/* Tried again at every place, this pattern would outlast the test's time limit by ages. */
static void test_e47_many_stars_take_no_longer_than_the_text_is_long(void **state)
{
    struct slice pattern = SLICE("");
    char *text = arena_alloc(&arena, 65536);
    (void)state;
    for (int i = 0; i < 1000; i++)
        pattern = arena_join(&arena, 2, pattern, SLICE("*a"));
    memset(text, 'a', 65536);
    struct slice rule = arena_printf(&arena, "message like \"%.*s*b\"", SLICE_ARGS(pattern));
    rule = arena_join(&arena, 2, rule, SLICE("\0"));
    assert_false(matches(rule.p, (struct slice){text, 65536}));
    text[65535] = 'b';
    assert_true(matches(rule.p, (struct slice){text, 65536}));
    assert_false(matches(rule.p, (struct slice){text + 65536 - 1000, 1000}));
    assert_true(matches(rule.p, (struct slice){text + 65536 - 1001, 1001}));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_e47_both_forms_are_one_tree),
        TEST(test_e47_a_fault_of_a_text_says_where_and_what),
        TEST(test_e47_a_fault_of_json_says_where_and_what),
        TEST(test_e47_eight_groups_in_one_another_are_taken_and_nine_are_not),
        TEST(test_e47_thirty_two_tests_are_taken_and_one_more_is_not),
        TEST(test_e47_what_rules_match),
        TEST(test_e47_many_stars_take_no_longer_than_the_text_is_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
