/* segment_text.c: reading the text form of a segment's rule.
 *
 *     any   = all { "or" all }
 *     all   = not { "and" not }
 *     not   = "not" not | "(" any ")" | test
 *     test  = field ( "=" | "!=" | "contains" | "prefix" | "like" ) value
 *           | field [ "not" ] "in" "(" value { "," value } ")"
 *           | "has" "(" field ")"
 *     value = number | word | "'" text "'" | '"' text '"'        (a quote inside is doubled)
 *
 * Keywords in any case. The parser looks one token ahead and never goes back.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/field.h"
#include "segment_tree.h"

#define NESTING_MOST JR_MAX_DEPTH /* parentheses and nots, also those that make no group */

enum token { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_QUOTED, TOKEN_SYMBOL, TOKEN_BAD };

struct parser {
    struct segment_builder builder;
    struct slice text;
    const char *at; /* behind the token */
    enum token token;
    struct slice spelling; /* of the token; of a quoted text with its quotes */
    struct segment_fault *fault;
};

/* Tokens --------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters beyond ASCII among them. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || memchr("_-.:", c, 4) != NULL;
}

static bool is_number(char c)
{
    return is_digit(c) || c == '.';
}

static const char *skip(const char *at, const char *end, bool (*belongs)(char))
{
    while (at < end && belongs(*at))
        at++;
    return at;
}

/* Behind the closing quote; NULL: there is none. */
static const char *skip_quoted(const char *at, const char *end)
{
    char quote = *at++;

    while ((at = memchr(at, quote, (size_t)(end - at))) != NULL) {
        if (at + 1 == end || at[1] != quote)
            return at + 1;
        at += 2;
    }
    return NULL;
}

static void next_token(struct parser *p)
{
    const char *end = p->text.p + p->text.n;

    while (p->at < end && (*p->at == ' ' || (*p->at >= '\t' && *p->at <= '\r')))
        p->at++;
    const char *start = p->at, *stop = start + 1;
    if (start == end) {
        p->token = TOKEN_END;
        stop = start;
    } else if (is_letter(*start)) {
        p->token = TOKEN_WORD;
        stop = skip(start, end, is_word);
    } else if (is_digit(*start) || (*start == '-' && stop < end && is_digit(*stop))) {
        p->token = TOKEN_NUMBER;
        stop = skip(stop, end, is_number);
    } else if (*start == '"' || *start == '\'') {
        p->token = TOKEN_QUOTED;
        stop = skip_quoted(start, end);
        if (stop == NULL) {
            p->token = TOKEN_BAD;
            stop = end;
        }
    } else {
        p->token = TOKEN_SYMBOL;
        if (memchr("!<>", *start, 3) != NULL && stop < end && *stop == '=')
            stop++;
    }
    p->at = stop;
    p->spelling = (struct slice){start, (size_t)(stop - start)};
}

/* At the token. */
static bool fail(struct parser *p, const char *code, const char *expected)
{
    struct slice before = {p->text.p, (size_t)(p->spelling.p - p->text.p)};

    *p->fault =
        (struct segment_fault){.position = field_chars(before), .code = code, .expected = expected};
    return false;
}

static bool is_keyword(const struct parser *p, const char *keyword)
{
    return p->token == TOKEN_WORD && slice_ieq(p->spelling, slice_of(keyword));
}

static bool is_symbol(const struct parser *p, const char *symbol)
{
    return p->token == TOKEN_SYMBOL && slice_is(p->spelling, symbol);
}

static bool take_keyword(struct parser *p, const char *keyword)
{
    bool is = is_keyword(p, keyword);

    if (is)
        next_token(p);
    return is;
}

static bool take_symbol(struct parser *p, const char *symbol)
{
    bool is = is_symbol(p, symbol);

    if (is)
        next_token(p);
    return is;
}

/* Tests ---------------------------------------------------------------------------------------- */

static struct slice unquoted(struct parser *p)
{
    struct slice quoted = {p->spelling.p + 1, p->spelling.n - 2};
    char *out = arena_alloc(p->builder.arena, quoted.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < quoted.n; i++) {
        out[n++] = quoted.p[i];
        if (quoted.p[i] == p->spelling.p[0])
            i++; /* it is doubled */
    }
    return (struct slice){out, n};
}

static bool take_value(struct parser *p, struct segment_value ***end)
{
    struct slice value = p->spelling;

    if (p->token == TOKEN_BAD)
        return fail(p, "format", "Expected a closing quote");
    if (p->token == TOKEN_QUOTED)
        value = unquoted(p);
    else if (p->token != TOKEN_WORD && p->token != TOKEN_NUMBER)
        return fail(p, "format", segment_no_value);
    if (!segment_value_add(&p->builder, value, end))
        return fail(p, "format", segment_no_value);
    next_token(p);
    return true;
}

static bool take_list(struct parser *p, struct segment_value ***end)
{
    if (!take_symbol(p, "("))
        return fail(p, "format", "Expected (");
    do {
        if (!take_value(p, end))
            return false;
    } while (take_symbol(p, ","));
    return take_symbol(p, ")") || fail(p, "format", "Expected , or )");
}

static bool take_field(struct parser *p, enum segment_field *field)
{
    if (p->token != TOKEN_WORD || !segment_field_of(p->spelling, field))
        return fail(p, "format", segment_no_field);
    next_token(p);
    return true;
}

static bool take_op(struct parser *p, enum segment_op *op)
{
    static const struct {
        const char *word;
        enum segment_op op;
    } words[] = {{"in", SEGMENT_IN},
                 {"contains", SEGMENT_CONTAINS},
                 {"prefix", SEGMENT_PREFIX},
                 {"like", SEGMENT_LIKE}};

    if (take_keyword(p, "not")) {
        *op = SEGMENT_NOT_IN;
        return take_keyword(p, "in") || fail(p, "format", "Expected in");
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (take_keyword(p, words[i].word)) {
            *op = words[i].op;
            return true;
        }
    }
    *op = is_symbol(p, "!=") ? SEGMENT_NOT_EQUAL : SEGMENT_EQUAL;
    return take_symbol(p, "=") || take_symbol(p, "!=") || fail(p, "format", segment_no_op);
}

static bool take_test(struct parser *p, struct segment_node **node)
{
    struct slice first = p->spelling;
    bool is_has = take_keyword(p, "has");
    enum segment_field field = 0;
    enum segment_op op = SEGMENT_EXISTS;

    if (is_has && !take_symbol(p, "("))
        return fail(p, "format", "Expected (");
    if (!take_field(p, &field) || (!is_has && !take_op(p, &op)))
        return false;
    *node = segment_test(&p->builder, field, op);
    if (*node == NULL) {
        p->spelling = first;
        return fail(p, "length", segment_too_many);
    }
    struct segment_value **end = &(*node)->values;
    if (is_has)
        return take_symbol(p, ")") || fail(p, "format", "Expected )");
    return op == SEGMENT_IN || op == SEGMENT_NOT_IN ? take_list(p, &end) : take_value(p, &end);
}

/* Groups --------------------------------------------------------------------------------------- */

static bool take_any(struct parser *p, unsigned nesting, struct segment_node **node);

static bool take_not(struct parser *p, unsigned nesting, struct segment_node **node)
{
    struct slice first = p->spelling;

    if (!is_keyword(p, "not") && !is_symbol(p, "("))
        return take_test(p, node);
    if (nesting == NESTING_MOST)
        return fail(p, "depth", segment_too_deep);
    if (take_symbol(p, "("))
        return take_any(p, nesting + 1, node) &&
               (take_symbol(p, ")") || fail(p, "format", "Expected and, or or )"));
    struct segment_node *negated;
    next_token(p);
    if (!take_not(p, nesting + 1, &negated))
        return false;
    *node = segment_group(&p->builder, SEGMENT_NOT);
    if (segment_add(*node, negated))
        return true;
    p->spelling = first;
    return fail(p, "depth", segment_too_deep);
}

/* Members that a keyword stands between. */
static bool take_group(struct parser *p, unsigned nesting, enum segment_kind kind,
                       struct segment_node **node)
{
    struct segment_node *group = segment_group(&p->builder, kind), *member;
    struct slice first;

    do {
        first = p->spelling;
        bool taken = kind == SEGMENT_ANY ? take_group(p, nesting, SEGMENT_ALL, &member)
                                         : take_not(p, nesting, &member);
        if (!taken)
            return false;
        if (!segment_add(group, member)) {
            p->spelling = first;
            return fail(p, "depth", segment_too_deep);
        }
    } while (take_keyword(p, kind == SEGMENT_ANY ? "or" : "and"));
    *node = segment_close(group);
    return true;
}

static bool take_any(struct parser *p, unsigned nesting, struct segment_node **node)
{
    return take_group(p, nesting, SEGMENT_ANY, node);
}

bool segment_parse_text(struct slice text, struct arena *arena, const struct segment_node **root,
                        struct segment_fault *fault)
{
    struct parser p = {.builder = {.arena = arena}, .text = text, .at = text.p, .fault = fault};
    struct segment_node *node;

    next_token(&p);
    if (!take_any(&p, 0, &node))
        return false;
    if (p.token != TOKEN_END)
        return fail(&p, "format", "Expected and, or or the end");
    *root = node;
    return true;
}
