/* test_model_json.c: which texts jr_parse takes, which it refuses, and what it says then.
 *
 * Every text is parsed in a block of exactly its size, so that AddressSanitizer sees a read too
 * many.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/json.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct jr_fault fault;
static enum jr_type type;

/* Parses a copy; leaves fault or type behind. */
static enum err parse(struct slice text)
{
    char *copy = malloc(text.n > 0 ? text.n : 1);
    struct jr_value root;
    assert_non_null(copy);
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    memset(&fault, 0x55, sizeof(fault));
    enum err err = jr_parse((struct slice){copy, text.n}, &root, &fault);
    if (err == OK) {
        type = root.type;
        assert_true(root.raw.p >= copy && root.raw.p + root.raw.n <= copy + text.n);
    } else {
        assert_non_null(fault.code);
        assert_non_null(fault.detail);
        assert_true(fault.offset <= text.n);
        assert_non_null(memchr(fault.path, '\0', sizeof(fault.path)));
    }
    free(copy);
    return err;
}

static void assert_accepted(struct slice text)
{
    if (parse(text) != OK)
        fail_msg("refused (%s at %zu): %.*s", fault.detail, fault.offset, SLICE_ARGS(text));
}

static void assert_broken(struct slice text)
{
    if (parse(text) != ERR_BAD_JSON)
        fail_msg("not refused as broken: %.*s", SLICE_ARGS(text));
    assert_string_equal(fault.code, "bad_json");
    assert_string_equal(fault.path, "");
}

static void assert_refused(struct slice text, const char *code, const char *path)
{
    if (parse(text) != ERR_VALIDATION)
        fail_msg("not refused by the policy: %.*s", SLICE_ARGS(text));
    assert_string_equal(fault.code, code);
    assert_string_equal(fault.path, path);
}

struct text {
    struct slice text;
};
#define T(literal)           \
    {                        \
        SLICE_CONST(literal) \
    }

// clang-format off
static const struct text good[] = {
    /* structure and blanks */
    T("{}"), T("[]"), T("[[]]"), T("[{}]"), T("{\"a\":{}}"), T("{\"\":0}"), T("[[],[[]],{}]"),
    T(" [] "), T("\t\n\r [ \t\n\r] \t\n\r"), T("{ \"a\" : 1 , \"b\" : [ 2 , 3 ] }"),
    T("[1,2]"), T("[null,true,false]"), T("{\"a\":1,\"b\":{\"a\":1}}"), T("[{\"a\":1},{\"a\":1}]"),
    T("{\"a\":[],\"b\":{},\"c\":\"\"}"), T("[1\n,1]"), T("{\"min\":-1.0e+28,\"max\":1.0e+28}"),
    /* any value at the top */
    T("null"), T("true"), T("false"), T("0"), T("-0"), T("1.5e3"), T("\"\""), T("\"x\""), T(" 7 "),
    /* numbers: any size, they stay text */
    T("[0e1]"), T("[0e+1]"), T("[0E-0]"), T("[-0]"), T("[-0.0]"), T("[123]"), T("[-123]"),
    T("[0.1]"), T("[123.456e78]"), T("[1E22]"), T("[1E-2]"), T("[1E+2]"), T("[1e00]"),
    T("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    T("[9223372036854775807]"), T("[9223372036854775808]"), T("[-9223372036854775809]"),
    T("[1e309]"), T("[1e-400]"), T("[-1e99999999999999999999]"), T("[4 ]"),
    T("[100000000000000000000000000000000000000000000000000000000000000000000000000000]"),
    /* strings and escapes */
    T("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), T("[\"\\u0012\"]"), T("[\"\\uFFFF\"]"), T("[\"\\ufdd0\"]"),
    T("[\"\\u00e9\\u00E9\"]"), T("[\"\\\\u0000\"]"), T("[\"\\\\n\"]"), T("[\"a/*b*/c\"]"),
    T("[\"\\u0060\\u012a\\u12AB\"]"), T("[\" \"]"), T("[\"\x7F\"]"), T("[\"'\"]"), T("[\"new\\u000Aline\"]"),
    T("{\"\\n\":\"\\u0022\"}"), T("{\"a\":\"\\u005C\"}"), T("[\"\\\\\"]"), T("[\"\\\\\\\"\"]"),
    /* surrogate pairs */
    T("[\"\\uD83D\\uDE00\"]"), T("[\"\\ud83d\\ude00\"]"), T("[\"\\uDBFF\\uDFFF\"]"), T("[\"\\uD800\\uDC00x\"]"),
    /* UTF-8: the ends of every length, noncharacters, BOM inside */
    T("[\"\xC2\x80\xDF\xBF\"]"), T("[\"\xE0\xA0\x80\xEF\xBF\xBF\"]"), T("[\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"]"),
    T("[\"\xED\x9F\xBF\xEE\x80\x80\"]"), T("[\"\xEF\xBF\xBE\xEF\xBB\xBF\"]"), T("[\"\xE2\x80\xA8\xE2\x80\xA9\"]"),
    T("{\"\xF0\x9F\x98\x80\":\"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\"}"),
};

static const struct text bad[] = {
    /* nothing, or not enough */
    T(""), T(" "), T("\n"), T("["), T("{"), T("[1"), T("[1,"), T("{\"a\""), T("{\"a\":"), T("{\"a\":1"),
    T("{\"a\":1,"), T("\""), T("[\""), T("[\"a"), T("\"\\"), T("\"\\u"), T("\"\\u12"), T("-"), T("[-"),
    T("[\"\\"), T("[\"\\u00"), T("t"), T("[tru"), T("[nul"), T("fals"), T("[1.") , T("[1e"), T("[{"), T("{\""),
    /* too much, or at the wrong place */
    T("[]]"), T("{}}"), T("[] []"), T("{}{}"), T("1 2"), T("[1]x"), T("[1],"), T("\"\"\"\""), T("nulls"),
    T("]"), T("}"), T(","), T(":"), T("[,]"), T("[,1]"), T("[1,]"), T("[1,,2]"), T("[1 2]"), T("[\"a\" \"b\"]"),
    T("{,}"), T("{\"a\":1,}"), T("{\"a\":1,,\"b\":2}"), T("{\"a\":1 \"b\":2}"), T("{\"a\" 1}"), T("{\"a\"::1}"),
    T("{\"a\",1}"), T("{:1}"), T("{\"a\":}"), T("{\"a\"}"), T("{1:1}"), T("{a:1}"), T("{'a':1}"), T("{null:1}"),
    T("{[]:1}"), T("[\"a\":1]"), T("[1:2]"), T("[}"), T("{]"), T("[{]}"), T("{\"a\":[}"), T("{\"a\":1]"), T("[1}"),
    T("[1;2]"), T("(1)"), T("<null>"), T("*"), T("&"),
    /* words */
    T("True"), T("NULL"), T("[TRUE]"), T("[nulL]"), T("undefined"), T("NaN"), T("[-NaN]"), T("Infinity"),
    T("[-Infinity]"), T("[truefalse]"), T("[true1]"), T("tru\xC3\xA9"),
    /* numbers */
    T("[+1]"), T("[.5]"), T("[-.5]"), T("[1.]"), T("[1.e1]"), T("[-]"), T("[--1]"), T("[-01]"), T("[01]"), T("[00]"),
    T("[0x1F]"), T("[1e]"), T("[1e+]"), T("[1E-]"), T("[1ee2]"), T("[1e1.5]"), T("[1.2.3]"), T("[1_000]"), T("[1 000]"),
    T("[1+2]"), T("[-a]"), T("[1a]"), T("[0e]"), T("[0.e1]"), T("[0.1.]"), T("[1\xC2\xA0]"), T("[\xEF\xBC\x91]"),
    T("012"), T("-012"), T("[2.e+3]"), T("[9.e+]"), T("[- 1]"), T("1,5"),
    /* strings and escapes */
    T("[\"\\x41\"]"), T("[\"\\a\"]"), T("[\"\\'\"]"), T("[\"\\0\"]"), T("[\"\\U0041\"]"), T("[\"\\u 041\"]"),
    T("[\"\\u004\"]"), T("[\"\\u00G0\"]"), T("[\"\\u-041\"]"), T("[\"\\u{41}\"]"), T("[\"\\\"]"), T("[\"\\\\\\\"]"),
    T("[\"\\ \"]"), T("[\"\\\n\"]"), T("[\"\\\xC3\xA9\"]"), T("['a']"), T("[`a`]"), T("[\"a]"), T("[a\"]"),
    T("[\"\\uD83D\\u\"]"), T("[\"\\uD83D\\u00\"]"), T("[\"\\uD83D\\"), T("[\"\\uD83D\\x\"]"), T("[\"\\u@`ab\"]"),
    /* control characters */
    T("[\"\n\"]"), T("[\"\t\"]"), T("[\"\r\"]"), T("[\"\x01\"]"), T("[\"\x1F\"]"), T("{\"a\nb\":1}"), T("[\"\x08\"]"),
    /* blanks that are none */
    T("[\v]"), T("[\f]"), T("[\b]"), T("\xC2\xA0[]"), T("[\xE2\x80\x83]"), T("\xEF\xBB\xBF[]"), T("\x1E[]"), T("[]\f"),
    T("\xFF\xFE[\0]\0"), T("\0[\0]"),
    /* NUL anywhere */
    T("\0"), T("[]\0"), T("{\"v\":123\0}"), T("{\"v\":\"a\0b\"}"), T("[1,\0]"), T("[\"\\\0\"]"), T("{\"a\0\":1}"), T("[true\0]"),
    T("[\0]"), T("\"\\u000\0\""), T("1\0"),
    /* UTF-8: overlong forms, surrogates, beyond U+10FFFF, cut, stray */
    T("[\"\xC0\x80\"]"), T("[\"\xC1\xBF\"]"), T("[\"\xE0\x80\x80\"]"), T("[\"\xE0\x9F\xBF\"]"), T("[\"\xF0\x80\x80\x80\"]"),
    T("[\"\xF0\x8F\xBF\xBF\"]"), T("[\"\xC0\xAF\"]"), T("[\"\xED\xA0\x80\"]"), T("[\"\xED\xBF\xBF\"]"),
    T("[\"\xED\xA0\xBD\xED\xB8\x80\"]"), T("[\"\xF4\x90\x80\x80\"]"), T("[\"\xF5\x80\x80\x80\"]"), T("[\"\xFF\"]"), T("[\"\xFE\"]"),
    T("[\"\xF8\x88\x80\x80\x80\"]"), T("[\"\x80\"]"), T("[\"\xBF\"]"), T("[\"\xC3\"]"), T("[\"\xE2\x82\"]"), T("[\"\xF0\x9F\x98\"]"),
    T("[\"\xC3("), T("\"\xC3"), T("\"\xE2\x82"), T("\"\xF0\x9F\x98"), T("[\"\xE2(\xA1\"]"), T("[\"\xE2\x82(\"]"), T("[\"\xE9\"]"),
    T("[\"\xF0(\x8C\xBC\"]"), T("[\"\xF0\x90(\xBC\"]"), T("[\"\xF0\x90\x8C(\"]"), T("{\"\xE9\":1}"), T("[\xC3\xA9]"),
    /* what other dialects allow */
    T("[1]// x"), T("[1/* x */]"), T("#x\n[1]"), T("{a: 1}"), T("[1,2,]"), T("[\"a\\\nb\"]"), T("[0b1]"), T("[\"a\" + \"b\"]"),
    T("a=1&b=2"), T("<a/>"), T("--"),
};

/* Well-formed, but not taken: the first fault of the text, and the path to it. */
static const struct { struct slice text; const char *code, *path; } refused[] = {
    {SLICE_CONST("{\"a\":1,\"a\":2}"), "duplicate", "a"},
    {SLICE_CONST("{\"a\":1,\"a\":1}"), "duplicate", "a"},
    {SLICE_CONST("{\"\":1,\"\":1}"), "duplicate", ""},
    {SLICE_CONST("{\"a\":1,\"b\":2,\"c\":3,\"b\":2}"), "duplicate", "b"},
    {SLICE_CONST("{\"a\":1,\"\\u0061\":2}"), "duplicate", "\\u0061"},
    {SLICE_CONST("{\"\\u0061\":1,\"a\":2}"), "duplicate", "a"},
    {SLICE_CONST("{\"\\u0061\":1,\"\\u0061\":2}"), "duplicate", "\\u0061"},
    {SLICE_CONST("{\"\\u00e9\":1,\"\xC3\xA9\":2}"), "duplicate", "\xC3\xA9"},
    {SLICE_CONST("{\"\xF0\x9F\x98\x80\":1,\"\\uD83d\\uDe00\":2}"), "duplicate", "\\uD83d\\uDe00"},
    {SLICE_CONST("{\"a/b\":1,\"a\\/b\":2}"), "duplicate", "a\\/b"},
    {SLICE_CONST("{\"tab\\tquote\\\"end\":1,\"tab\\u0009quote\\u0022end\":2}"), "duplicate",
     "tab\\u0009quote\\u0022end"},
    {SLICE_CONST("{\"customer_identifier\":1,\"customer_\\u0069dentifier\":2}"), "duplicate",
     "customer_\\u0069dentifier"},
    {SLICE_CONST("{\"customer\":{\"email\":\"x\",\"email\":\"y\"}}"), "duplicate", "customer.email"},
    {SLICE_CONST("{\"a\":{\"b\":1,\"c\":{\"b\":1}},\"b\":[],\"a\":0}"), "duplicate", "a"},
    {SLICE_CONST("{\"a\":{\"x\":1},\"b\":{\"x\":1,\"y\":{},\"x\":[]}}"), "duplicate", "b.x"},
    {SLICE_CONST("[0,{\"a\":1,\"a\":2}]"), "duplicate", "1.a"},
    {SLICE_CONST("{\"events\":[1,[],{},{\"id\":1,\"id\":2}]}"), "duplicate", "events.3.id"},
    {SLICE_CONST("\"\\u0000\""), "nul", ""},
    {SLICE_CONST("[\"a\\u0000b\"]"), "nul", "0"},
    {SLICE_CONST("{\"\\u0000\":1}"), "nul", "\\u0000"},
    {SLICE_CONST("{\"a\":[[],[0,\"\\u0000\"]]}"), "nul", "a.1.1"},
    {SLICE_CONST("\"\\uD800\""), "surrogate", ""},
    {SLICE_CONST("[\"\\uD83D\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uDE00\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uDE00\\uD83D\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uD83Dx\\uDE00\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uD83D\\uD83D\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uD83D\\uD83D\\uDE00\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uD83D\\u0041\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uD83D\\n\"]"), "surrogate", "0"},
    {SLICE_CONST("[\"\\uDFFF\"]"), "surrogate", "0"},
    {SLICE_CONST("{\"name\":{\"\\uDC00x\":1}}"), "surrogate", "name.\\uDC00x"},
    /* the first one is told */
    {SLICE_CONST("{\"a\":\"\\u0000\",\"a\":\"\\uD800\"}"), "nul", "a"},
    {SLICE_CONST("{\"a\":\"\\uD800\",\"a\":\"\\u0000\"}"), "surrogate", "a"},
};

/* A policy fault first, and then no JSON after all. */
static const struct text bad_after_fault[] = {
    T("{\"a\":1,\"a\":2"), T("{\"a\":1,\"a\":2]"), T("{\"a\":1,\"a\":nul}"), T("[\"\\u0000\",]"), T("[\"\\u0000]"),
    T("[\"\\uD800\\u12\"]"), T("{\"\\u0000:1}"), T("{\"\\uD800\":}"), T("[\"\\uD800\"] x"), T("[\"\\u0000\xFF\"]"),
    T("{\"a\":1,\"a\":{\"b\":[1,{\"c\":01}]}}"), T("[\"\\u0000\", \"\0\"]"),
};
// clang-format on

static void test_json_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_accepted(good[i].text);
}

static void test_what_is_not_json_is_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_broken(bad[i].text);
}

static void test_json_against_the_policy_is_refused_with_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++)
        assert_refused(refused[i].text, refused[i].code, refused[i].path);
}

static void test_grammar_wins_over_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_after_fault); i++)
        assert_broken(bad_after_fault[i].text);
}

static void test_the_offset_is_where_the_text_breaks(void **state)
{
    static const struct {
        struct slice text;
        size_t offset;
    } rows[] = {
        {SLICE_CONST(""), 0},
        {SLICE_CONST("  "), 2},
        {SLICE_CONST("{\"a\" 1}"), 5},
        {SLICE_CONST("[1,2,]"), 5},
        {SLICE_CONST("[1 2]"), 3},
        {SLICE_CONST("[\"abc\x01\"]"), 5},
        {SLICE_CONST("[\"abc\xFF\"]"), 5},
        {SLICE_CONST("[\"a\\q\"]"), 4},
        {SLICE_CONST("{\"v\":123\0}"), 8},
        {SLICE_CONST("[1] x"), 4},
        {SLICE_CONST("[1"), 2},
        {SLICE_CONST("{\"a\":1,\"a\":2} x"), 14},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_broken(rows[i].text);
        assert_int_equal(fault.offset, rows[i].offset);
    }
}

static void test_the_offset_of_a_policy_fault_is_the_name_or_the_escape(void **state)
{
    (void)state;
    assert_refused(SLICE("{\"a\":1,\"a\":2}"), "duplicate", "a");
    assert_int_equal(fault.offset, 7);
    assert_refused(SLICE("[\"ab\\u0000\"]"), "nul", "0");
    assert_int_equal(fault.offset, 5);
}

static void test_no_prefix_of_a_sample_is_json(void **state)
{
    static const char sample[] =
        "{\"event_type\":\"booking.completed\",\"customer\":{\"id\":\"user123\",\"name\":"
        "\"Zo\xC3\xAB \\uD83D\\uDE00 \\\"x\\\"\"},\"list\":[1,-2.5e+3,true,null,{},[]],\"n\":450.10}";
    (void)state;
    for (size_t n = 0; n < sizeof(sample) - 1; n++)
        assert_broken((struct slice){sample, n});
    assert_accepted(SLICE(sample));
}

static void test_every_byte_of_a_string_is_checked_wherever_it_stands(void **state)
{
    char text[80];
    (void)state;
    /* Around the 16-byte blocks of the fast path. */
    for (size_t length = 1; length <= 50; length++) {
        for (size_t at = 0; at < length; at++) {
            for (unsigned c = 0; c < 0x100; c++) {
                memset(text, 'a', sizeof(text));
                text[0] = text[length + 1] = '"';
                text[at + 1] = (char)c;
                enum err err = parse((struct slice){text, length + 2});
                bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
                assert_int_equal(err, plain ? OK : ERR_BAD_JSON);
            }
        }
    }
}

/* The code point that these bytes are, by decoding them in the widest sense; -1 when they are none.
 */
static int32_t decode(const unsigned char *c, size_t n)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char mark[] = {0, 0, 0xC0, 0xE0, 0xF0}, mask[] = {0, 0, 0x1F, 0x0F, 0x07};
    if (n < 2 || n > 4 || (c[0] & ~mask[n]) != mark[n])
        return -1;
    int32_t point = c[0] & mask[n];
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xC0) != 0x80)
            return -1;
        point = point << 6 | (c[i] & 0x3F);
    }
    bool legal = point >= least[n] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    return legal ? point : -1;
}

static void test_utf8_is_taken_exactly_when_rfc_3629_allows_it(void **state)
{
    static const unsigned char edges[] = {0x00, 0x22, 0x5C, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF4, 0xFF};
    (void)state;
    for (unsigned lead = 0x80; lead < 0x100; lead++) {
        for (unsigned second = 0; second < 0x100; second++) {
            unsigned char c[6] = {'"', (unsigned char)lead, (unsigned char)second, '"'};
            if (second == '"' || second == '\\')
                continue; /* the string would end elsewhere */
            enum err err = parse((struct slice){(char *)c, 4});
            assert_int_equal(err, decode(c + 1, 2) >= 0 ? OK : ERR_BAD_JSON);
            for (size_t i = 0; i < COUNT(edges) * COUNT(edges); i++) {
                unsigned char d[7] = {'"', c[1], c[2], edges[i / COUNT(edges)], '"'};
                if (i % COUNT(edges) == 0 && second >= 0x80) {
                    err = parse((struct slice){(char *)d, 5});
                    assert_int_equal(err, decode(d + 1, 3) >= 0 ||
                                                  (decode(d + 1, 2) >= 0 && d[3] == 0x7F)
                                              ? OK
                                              : ERR_BAD_JSON);
                }
                d[4] = edges[i % COUNT(edges)];
                d[5] = '"';
                if (d[3] >= 0x80 && d[4] >= 0x80 && second >= 0x80) {
                    err = parse((struct slice){(char *)d, 6});
                    bool pairs = decode(d + 1, 2) >= 0 && decode(d + 3, 2) >= 0;
                    assert_int_equal(err, decode(d + 1, 4) >= 0 || pairs ? OK : ERR_BAD_JSON);
                }
            }
        }
    }
}

/* depth times the opening text, the middle, depth times the closing text. */
static struct slice nested(size_t depth, const char *open, const char *middle, const char *close)
{
    static char text[40000];
    size_t n = 0;
    for (size_t i = 0; i < depth; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", open);
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", middle);
    for (size_t i = 0; i < depth; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", close);
    assert_true(n < sizeof(text) - 1);
    return (struct slice){text, n};
}

static void test_32_levels_are_taken_and_33_are_not(void **state)
{
    (void)state;
    assert_accepted(nested(32, "[", "", "]"));
    assert_accepted(nested(32, "{\"a\":", "1", "}"));
    assert_accepted(nested(16, "[{\"a\":", "\"x\"", "}]"));
    assert_refused(nested(33, "{\"a\":", "1", "}"), "depth",
                   "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a");
    assert_int_equal(fault.offset, 32 * 5);
    assert_refused(nested(33, "[", "", "]"), "depth",
                   "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0");
    assert_int_equal(parse(nested(17, "[{\"a\":", "1", "}]")), ERR_VALIDATION);
}

static void test_siblings_do_not_add_to_the_depth(void **state)
{
    char text[4000] = "[";
    (void)state;
    for (int i = 0; i < 300; i++)
        strcat(text, "[{}],");
    strcat(text, "[]]");
    assert_accepted(slice_of(text));
}

static void test_grammar_is_checked_below_the_32nd_level_too(void **state)
{
    (void)state;
    assert_int_equal(parse(nested(1024, "[", "", "]")), ERR_VALIDATION);
    assert_broken(nested(1024, "[", ",", "]"));
    assert_broken(nested(1023, "[", "{]", "]"));
    assert_broken(nested(500, "[{\"a\":", "1", "]}"));
    assert_broken(nested(500, "{\"a\":[", "\"\\x\"", "]}"));
    /* Duplicates of a deeper level are not told, nor do they harm. */
    assert_int_equal(parse(nested(100, "{\"a\":1,\"a\":", "1", "}")), ERR_VALIDATION);
    assert_int_equal(parse(nested(100, "[{\"a\":[1,2,3],\"b\":", "1", "}]")), ERR_VALIDATION);
    assert_string_equal(fault.code, "depth");
}

static void test_nesting_without_end_is_refused_at_once(void **state)
{
    static char text[1 << 20];
    (void)state;
    memset(text, '[', sizeof(text));
    assert_int_equal(parse((struct slice){text, sizeof(text)}), ERR_VALIDATION);
    assert_string_equal(fault.code, "depth");
    assert_int_equal(fault.offset, 32);
}

/* An object of that many members, inside {"outer":[…]}. */
static struct slice members(unsigned count, const char *last)
{
    static char text[32768];
    size_t n = (size_t)snprintf(text, sizeof(text), "{\"outer\":[{");
    for (unsigned i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"member_number_%u\":%u",
                              i > 0 ? "," : "", i, i);
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s}]}", last);
    return (struct slice){text, n};
}

static void test_256_members_are_taken_and_257_are_not(void **state)
{
    (void)state;
    assert_accepted(members(256, ""));
    assert_refused(members(257, ""), "members", "outer.0");
    assert_refused(members(1000, ""), "members", "outer.0");
    assert_broken(members(257, "]"));
}

static void test_a_duplicate_is_found_among_many_members(void **state)
{
    char last[64], path[64];
    (void)state;
    for (int i = 0; i < 255; i++) {
        snprintf(last, sizeof(last), ",\"member_number_%d\":0", i);
        snprintf(path, sizeof(path), "outer.0.member_number_%d", i);
        assert_refused(members(255, last), "duplicate", path);
        snprintf(last, sizeof(last), ",\"\\u006Dember_\\u006eumber_%d\":0", i);
        snprintf(path, sizeof(path), "outer.0.\\u006Dember_\\u006eumber_%d", i);
        assert_refused(members(255, last), "duplicate", path);
    }
}

static void test_256_members_on_each_of_32_levels_are_taken(void **state)
{
    static char text[200000];
    size_t n = 0;
    (void)state;
    for (int level = 0; level < 32; level++) {
        text[n++] = '{';
        for (int i = 0; i < 255; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "\"m%d\":%d,", i, i);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "\"last\":");
    }
    text[n++] = '0';
    memset(text + n, '}', 32);
    n += 32;
    assert_accepted((struct slice){text, n});
}

static void test_names_that_look_alike_are_different(void **state)
{
    (void)state;
    assert_accepted(SLICE("{\"a\":1,\"A\":2,\"a \":3,\" a\":4,\"aa\":5,\"\":6}"));
    assert_accepted(SLICE("{\"\xC3\xA9\":1,\"e\xCC\x81\":2,\"\\\\u00e9\":3}"));
    assert_accepted(SLICE("{\"abcdefgh\":1,\"abcdefgh\\u0001\":2,\"abcdefg\":3,\"abcdefghi\":4}"));
    assert_accepted(SLICE("{\"n\":1,\"\\n\":2,\"\\\\n\":3,\"\\u000b\":4,\"\\u006e \":5}"));
}

static void test_a_long_path_is_cut_between_characters(void **state)
{
    char text[2000] = "{\"";
    (void)state;
    for (int i = 0; i < 200; i++)
        strcat(text, "\xE2\x82\xAC");
    strcat(text, "\":{\"x\":\"\\u0000\"}}");
    assert_int_equal(parse(slice_of(text)), ERR_VALIDATION);
    assert_string_equal(fault.code, "nul");
    assert_int_equal(strlen(fault.path), 255); /* 85 times three bytes */
    memmove(text + 3, text + 2, strlen(text) - 1);
    text[2] = 'x';
    assert_int_equal(parse(slice_of(text)), ERR_VALIDATION);
    assert_int_equal(strlen(fault.path), 253);
}

static void test_the_type_of_the_root_is_told(void **state)
{
    static const struct {
        struct slice text;
        enum jr_type type;
    } rows[] = {
        {SLICE_CONST(" {}"), JR_OBJECT},   {SLICE_CONST("[]"), JR_ARRAY},
        {SLICE_CONST("\"t\""), JR_STRING}, {SLICE_CONST("-1"), JR_NUMBER},
        {SLICE_CONST("true "), JR_TRUE},   {SLICE_CONST("false"), JR_FALSE},
        {SLICE_CONST("null"), JR_NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_accepted(rows[i].text);
        assert_int_equal(type, rows[i].type);
    }
}

static void test_a_text_without_memory_is_an_empty_text(void **state)
{
    struct jr_value root;
    (void)state;
    assert_int_equal(jr_parse(SLICE_NONE, &root, &fault), ERR_BAD_JSON);
    assert_int_equal(fault.offset, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_is_accepted),
        cmocka_unit_test(test_what_is_not_json_is_broken),
        cmocka_unit_test(test_json_against_the_policy_is_refused_with_its_path),
        cmocka_unit_test(test_grammar_wins_over_policy),
        cmocka_unit_test(test_the_offset_is_where_the_text_breaks),
        cmocka_unit_test(test_the_offset_of_a_policy_fault_is_the_name_or_the_escape),
        cmocka_unit_test(test_no_prefix_of_a_sample_is_json),
        cmocka_unit_test(test_every_byte_of_a_string_is_checked_wherever_it_stands),
        cmocka_unit_test(test_utf8_is_taken_exactly_when_rfc_3629_allows_it),
        cmocka_unit_test(test_32_levels_are_taken_and_33_are_not),
        cmocka_unit_test(test_siblings_do_not_add_to_the_depth),
        cmocka_unit_test(test_grammar_is_checked_below_the_32nd_level_too),
        cmocka_unit_test(test_nesting_without_end_is_refused_at_once),
        cmocka_unit_test(test_256_members_are_taken_and_257_are_not),
        cmocka_unit_test(test_a_duplicate_is_found_among_many_members),
        cmocka_unit_test(test_256_members_on_each_of_32_levels_are_taken),
        cmocka_unit_test(test_names_that_look_alike_are_different),
        cmocka_unit_test(test_a_long_path_is_cut_between_characters),
        cmocka_unit_test(test_the_type_of_the_root_is_told),
        cmocka_unit_test(test_a_text_without_memory_is_an_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
