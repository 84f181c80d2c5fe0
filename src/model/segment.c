/* segment.c: the tree of a segment's rule: building, printing, judging.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/name.h"
#include "segment_tree.h"

const char segment_too_deep[] = "Expected at most 8 groups in one another";
const char segment_too_many[] = "Expected at most 32 tests";
const char segment_no_field[] = "Expected message";
const char segment_no_op[] = "Expected =, !=, in, not in, contains, prefix or like";
const char segment_no_value[] = "Expected text";

static const char *const field_names[SEGMENT_FIELD_COUNT] = {[SEGMENT_MESSAGE] = "message"};

/* Names in the JSON form, and between field and value in the text form. */
static const struct {
    const char *json, *text;
} op_names[SEGMENT_OP_COUNT] = {
    [SEGMENT_EQUAL] = {"=", "="},
    [SEGMENT_NOT_EQUAL] = {"!=", "!="},
    [SEGMENT_IN] = {"in", "in"},
    [SEGMENT_NOT_IN] = {"nin", "not in"},
    [SEGMENT_CONTAINS] = {"contains", "contains"},
    [SEGMENT_PREFIX] = {"prefix", "prefix"},
    [SEGMENT_LIKE] = {"like", "like"},
    [SEGMENT_EXISTS] = {"exists", NULL}, /* has(field) */
};

/* Building ------------------------------------------------------------------------------------- */

struct segment_node *segment_group(struct segment_builder *b, enum segment_kind kind)
{
    struct segment_node *node = arena_zalloc(b->arena, sizeof *node);

    node->kind = kind;
    return node;
}

bool segment_add(struct segment_node *group, struct segment_node *member)
{
    bool is_part = member->kind == group->kind && group->kind != SEGMENT_NOT;
    struct segment_node *first = is_part ? member->first : member;
    unsigned depth = is_part ? member->depth : member->depth + 1;

    if (group->first == NULL)
        group->first = first;
    else
        group->last->next = first;
    group->last = is_part ? member->last : member;
    if (depth > group->depth)
        group->depth = depth;
    /* A group of one member is going to be that member. */
    bool stays = group->kind == SEGMENT_NOT || group->first->next != NULL;
    return group->depth <= SEGMENT_DEPTH_MOST || !stays;
}

struct segment_node *segment_close(struct segment_node *group)
{
    return group->kind != SEGMENT_NOT && group->first->next == NULL ? group->first : group;
}

struct segment_node *segment_test(struct segment_builder *b, enum segment_field field,
                                  enum segment_op op)
{
    if (b->tests == SEGMENT_TESTS_MOST)
        return NULL;
    b->tests++;
    struct segment_node *node = segment_group(b, SEGMENT_TEST);
    node->field = field;
    node->op = op;
    return node;
}

bool segment_value_add(struct segment_builder *b, struct slice typed, struct segment_value ***end)
{
    struct slice folded = name_fold(typed, b->arena);

    if (folded.n == 0)
        return false;
    struct segment_value *value = arena_zalloc(b->arena, sizeof *value);
    value->typed = typed;
    value->folded = folded;
    **end = value;
    *end = &value->next;
    return true;
}

bool segment_field_of(struct slice name, enum segment_field *field)
{
    for (int i = 0; i < SEGMENT_FIELD_COUNT; i++) {
        if (slice_is(name, field_names[i])) {
            *field = i;
            return true;
        }
    }
    return false;
}

bool segment_op_of(struct slice name, enum segment_op *op)
{
    for (int i = 0; i < SEGMENT_OP_COUNT; i++) {
        if (slice_is(name, op_names[i].json)) {
            *op = i;
            return true;
        }
    }
    return false;
}

/* Printing ------------------------------------------------------------------------------------- */

static void print_quoted(struct slice text, struct buf *out)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.p[i]);
    }
    buf_char(out, '"');
}

static void print_test(const struct segment_node *test, struct buf *out)
{
    bool is_list = test->op == SEGMENT_IN || test->op == SEGMENT_NOT_IN;

    if (test->op == SEGMENT_EXISTS) {
        buf_printf(out, "has(%s)", field_names[test->field]);
        return;
    }
    buf_printf(out, "%s %s ", field_names[test->field], op_names[test->op].text);
    if (is_list)
        buf_char(out, '(');
    for (const struct segment_value *value = test->values; value != NULL; value = value->next) {
        print_quoted(value->typed, out);
        if (value->next != NULL)
            buf_str(out, ", ");
    }
    if (is_list)
        buf_char(out, ')');
}

/* In the order in which they bind, loosest first. */
static unsigned binds(const struct segment_node *node)
{
    return node->kind == SEGMENT_ANY ? 0 : node->kind == SEGMENT_ALL ? 1 : 2;
}

void segment_print_text(const struct segment_node *root, struct buf *out)
{
    if (root->kind == SEGMENT_TEST) {
        print_test(root, out);
        return;
    }
    if (root->kind == SEGMENT_NOT)
        buf_str(out, "not ");
    for (const struct segment_node *member = root->first; member != NULL; member = member->next) {
        bool is_loose = binds(member) < binds(root);
        if (is_loose)
            buf_char(out, '(');
        segment_print_text(member, out);
        if (is_loose)
            buf_char(out, ')');
        if (member->next != NULL)
            buf_str(out, root->kind == SEGMENT_ALL ? " and " : " or ");
    }
}

static void print_json_test(const struct segment_node *test, struct jw *w)
{
    bool is_list = test->op == SEGMENT_IN || test->op == SEGMENT_NOT_IN;

    jw_key(w, "field");
    jw_string(w, slice_of(field_names[test->field]));
    jw_key(w, "op");
    jw_string(w, slice_of(op_names[test->op].json));
    if (test->op == SEGMENT_EXISTS)
        return;
    jw_key(w, "value");
    if (is_list)
        jw_array(w);
    for (const struct segment_value *value = test->values; value != NULL; value = value->next)
        jw_string(w, value->typed);
    if (is_list)
        jw_array_end(w);
}

void segment_print_json(const struct segment_node *root, struct jw *w)
{
    jw_object(w);
    if (root->kind == SEGMENT_TEST) {
        print_json_test(root, w);
    } else if (root->kind == SEGMENT_NOT) {
        jw_key(w, "not");
        segment_print_json(root->first, w);
    } else {
        jw_key(w, root->kind == SEGMENT_ALL ? "all" : "any");
        jw_array(w);
        for (const struct segment_node *member = root->first; member != NULL; member = member->next)
            segment_print_json(member, w);
        jw_array_end(w);
    }
    jw_object_end(w);
}

/* Judging -------------------------------------------------------------------------------------- */

static bool text_contains(struct slice text, struct slice part)
{
    return text.n > 0 && memmem(text.p, text.n, part.p, part.n) != NULL;
}

/* The pieces between the stars, each at the first place behind the one before: when they fit
 * anywhere, they fit there, so nothing is ever tried again. */
static bool text_is_like(struct slice text, struct slice pattern)
{
    struct slice piece;

    slice_cut(&pattern, '*', &piece);
    if (!slice_starts(text, piece))
        return false;
    const char *at = text.p + piece.n, *end = text.p + text.n;
    if (pattern.p == NULL)
        return at == end;
    while (slice_cut(&pattern, '*', &piece)) {
        size_t left = (size_t)(end - at);
        if (pattern.p == NULL)
            return piece.n <= left && memcmp(end - piece.n, piece.p, piece.n) == 0;
        at = memmem(at, left, piece.p, piece.n);
        if (at == NULL)
            return false;
        at += piece.n;
    }
    return false; /* not reached: the last piece has no star behind it */
}

static bool is_one_of(struct slice text, const struct segment_value *values)
{
    for (; values != NULL; values = values->next) {
        if (slice_eq(text, values->folded))
            return true;
    }
    return false;
}

static bool test_matches(const struct segment_node *test, struct slice text)
{
    switch (test->op) {
    case SEGMENT_EQUAL:
    case SEGMENT_IN:
        return is_one_of(text, test->values);
    case SEGMENT_NOT_EQUAL:
    case SEGMENT_NOT_IN:
        return !is_one_of(text, test->values);
    case SEGMENT_CONTAINS:
        return text_contains(text, test->values->folded);
    case SEGMENT_PREFIX:
        return slice_starts(text, test->values->folded);
    case SEGMENT_LIKE:
        return text.n > 0 && text_is_like(text, test->values->folded);
    case SEGMENT_EXISTS:
    case SEGMENT_OP_COUNT:
        break;
    }
    return text.n > 0;
}

bool segment_matches(const struct segment_node *root, const struct segment_facts *facts)
{
    if (root->kind == SEGMENT_TEST)
        return test_matches(root, facts->text[root->field]);
    if (root->kind == SEGMENT_NOT)
        return !segment_matches(root->first, facts);
    bool is_all = root->kind == SEGMENT_ALL;
    for (const struct segment_node *member = root->first; member != NULL; member = member->next) {
        if (segment_matches(member, facts) != is_all)
            return !is_all;
    }
    return is_all;
}
