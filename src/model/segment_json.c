/* segment_json.c: reading the JSON form of a segment's rule.
 *
 *     node = {"all":[node,…]} | {"any":[node,…]} | {"not":node}
 *          | {"field":name,"op":op,"value":text or, of in and nin, a list of texts}
 *
 * Its nesting is bounded by jr_parse.
 *
 * SPDX-License-Identifier: MIT */
#include "segment_tree.h"

struct reader {
    struct segment_builder builder;
    struct segment_fault *fault;
};

static bool fail(struct reader *r, struct slice path, const char *code, const char *expected)
{
    *r->fault = (struct segment_fault){.path = path, .code = code, .expected = expected};
    return false;
}

static struct slice below(struct reader *r, struct slice path, const char *name)
{
    return arena_join(r->builder.arena, 3, path, SLICE("."), slice_of(name));
}

static struct slice element(struct reader *r, struct slice path, unsigned index)
{
    return arena_printf(r->builder.arena, "%.*s.%u", SLICE_ARGS(path), index);
}

/* Tests ---------------------------------------------------------------------------------------- */

static bool take_value(struct reader *r, struct jr_value value, struct slice path,
                       struct segment_value ***end)
{
    if (value.type != JR_STRING ||
        !segment_value_add(&r->builder, jr_text(value, r->builder.arena), end))
        return fail(r, path, "type", segment_no_value);
    return true;
}

static bool take_list(struct reader *r, struct jr_value list, struct slice path,
                      struct segment_value ***end)
{
    struct jr_value value;
    unsigned count = 0;

    if (list.type != JR_ARRAY)
        return fail(r, path, "type", "Expected a list of texts");
    for (struct jr_iter it = jr_iter(list); jr_next(&it, NULL, &value); count++) {
        if (!take_value(r, value, element(r, path, count), end))
            return false;
    }
    return count > 0 || fail(r, path, "length", "Expected at least 1 element");
}

static bool take_test(struct reader *r, struct jr_value test, struct slice path,
                      struct segment_node **node)
{
    struct jr_value name, value = {.type = JR_NULL};
    struct slice value_path = below(r, path, "value");
    enum segment_field field = 0;
    enum segment_op op = 0;

    if (!jr_member(test, SLICE("field"), &name) || !jr_is_text(name) ||
        !segment_field_of(jr_text(name, r->builder.arena), &field))
        return fail(r, below(r, path, "field"), "enum", segment_no_field);
    if (!jr_member(test, SLICE("op"), &name) || !jr_is_text(name) ||
        !segment_op_of(jr_text(name, r->builder.arena), &op))
        return fail(r, below(r, path, "op"), "enum",
                    "Expected =, !=, in, nin, contains, prefix, like or exists");
    *node = segment_test(&r->builder, field, op);
    if (*node == NULL)
        return fail(r, path, "length", segment_too_many);
    bool has_value = jr_member(test, SLICE("value"), &value);
    struct segment_value **end = &(*node)->values;
    if (op == SEGMENT_EXISTS)
        return !has_value || value.type == JR_TRUE ||
               fail(r, value_path, "type", "Expected no value, or true");
    return op == SEGMENT_IN || op == SEGMENT_NOT_IN ? take_list(r, value, value_path, &end)
                                                    : take_value(r, value, value_path, &end);
}

/* Groups --------------------------------------------------------------------------------------- */

static bool take_node(struct reader *r, struct jr_value value, struct slice path,
                      struct segment_node **node);

static bool take_group(struct reader *r, struct jr_value list, struct slice path,
                       enum segment_kind kind, struct segment_node **node)
{
    struct segment_node *group = segment_group(&r->builder, kind), *member;
    struct jr_value value;
    unsigned count = 0;

    if (list.type != JR_ARRAY)
        return fail(r, path, "type", "Expected a list of rules");
    for (struct jr_iter it = jr_iter(list); jr_next(&it, NULL, &value); count++) {
        if (!take_node(r, value, element(r, path, count), &member))
            return false;
        if (!segment_add(group, member))
            return fail(r, path, "depth", segment_too_deep);
    }
    if (count == 0)
        return fail(r, path, "length", "Expected at least 1 element");
    *node = segment_close(group);
    return true;
}

static bool take_not(struct reader *r, struct jr_value value, struct slice path,
                     struct segment_node **node)
{
    struct segment_node *negated;

    if (!take_node(r, value, path, &negated))
        return false;
    *node = segment_group(&r->builder, SEGMENT_NOT);
    return segment_add(*node, negated) || fail(r, path, "depth", segment_too_deep);
}

/* A node has one of the groups' members alone, or those of a test. */
static bool take_node(struct reader *r, struct jr_value value, struct slice path,
                      struct segment_node **node)
{
    static const char expected[] =
        "Expected one of all, any and not, or a test: field, op and value";
    struct jr_value name, member, group = {.type = JR_NULL};
    const char *group_name = NULL;
    unsigned members = 0;

    if (value.type != JR_OBJECT)
        return fail(r, path, "type", expected);
    for (struct jr_iter it = jr_iter(value); jr_next(&it, &name, &member); members++) {
        static const char *const groups[] = {"all", "any", "not"};
        bool is_known = jr_string_is(name, SLICE("field")) || jr_string_is(name, SLICE("op")) ||
                        jr_string_is(name, SLICE("value"));
        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
            if (jr_string_is(name, slice_of(groups[i]))) {
                is_known = true;
                group_name = groups[i];
                group = member;
            }
        }
        if (!is_known)
            return fail(r, path, "unknown_field", expected);
    }
    if (group_name == NULL)
        return take_test(r, value, path, node);
    if (members > 1)
        return fail(r, path, "unknown_field", expected);
    struct slice inside = below(r, path, group_name);
    if (*group_name == 'n')
        return take_not(r, group, inside, node);
    return take_group(r, group, inside, group_name[1] == 'l' ? SEGMENT_ALL : SEGMENT_ANY, node);
}

bool segment_parse_json(struct jr_value rule, struct slice path, struct arena *arena,
                        const struct segment_node **root, struct segment_fault *fault)
{
    struct reader r = {.builder = {.arena = arena}, .fault = fault};
    struct segment_node *node;

    if (!take_node(&r, rule, path, &node))
        return false;
    *root = node;
    return true;
}
