/* form_tree.c: names of form fields are paths, this is where they lead.
 *
 * Objects are linked lists in the order of arrival: a form has at most FORM_MAX_PAIRS pairs, so
 * looking along a list is cheaper than anything that would have to be set up first.
 *
 * SPDX-License-Identifier: MIT */
#include "form_tree.h"

#include <assert.h>

#include "kvcrm/base/buf.h"
#include "kvcrm/model/utf8.h"

struct form_path {
    struct slice steps[FORM_MAX_DEPTH];
    unsigned depth; /* FORM_MAX_DEPTH + 1 stands for "deeper" */
    bool is_list;   /* ends in [] */
};

void form_tree_init(struct form_tree *tree, struct arena *arena, struct form_refusal *why)
{
    *tree = (struct form_tree){.arena = arena, .why = why, .root = {.shape = FORM_OBJECT}};
}

enum err form_tree_count(struct form_tree *tree)
{
    if (tree->pairs == FORM_MAX_PAIRS) {
        fault_add(&tree->why->faults, tree->arena, SLICE(""), "members",
                  "Expected at most %d fields", FORM_MAX_PAIRS);
        return ERR_VALIDATION;
    }
    tree->pairs++;
    return OK;
}

/* Takes the next step off *rest: what stands up to the next dot or bracket, or inside a bracket
 * (then perhaps empty). False when the name does not follow the grammar here. */
static bool path_step(struct slice *rest, bool is_first, struct slice *step)
{
    bool is_bracket = !is_first && *rest->p == '[';
    size_t from = is_first ? 0 : 1, to = from;

    if (!is_first && !is_bracket && *rest->p != '.')
        return false; /* something between a closing bracket and the next step */
    while (to < rest->n && rest->p[to] != ']' && rest->p[to] != '[' &&
           (is_bracket || rest->p[to] != '.'))
        to++;
    if (is_bracket ? to == rest->n || rest->p[to] != ']'
                   : to == from || (to < rest->n && rest->p[to] == ']'))
        return false;
    *step = (struct slice){rest->p + from, to - from};
    to += is_bracket;
    *rest = (struct slice){rest->p + to, rest->n - to};
    return true;
}

static struct form_path path_of(struct slice name)
{
    const struct form_path literal = {.steps = {name}, .depth = 1};
    struct form_path path = {.depth = 0};
    struct slice rest = name;

    while (rest.n > 0) {
        struct slice step;

        if (!path_step(&rest, path.depth == 0, &step))
            return literal;
        if (step.n == 0) { /* only brackets can be empty, and only at the end they mean a list */
            path.is_list = true;
            return rest.n == 0 ? path : literal;
        }
        if (path.depth == FORM_MAX_DEPTH) {
            path.depth++;
            return path;
        }
        path.steps[path.depth++] = step;
    }
    return path.depth > 0 ? path : literal;
}

static struct form_node *member(struct form_tree *tree, struct form_node *object, struct slice name)
{
    struct form_node *node;

    for (node = object->first_member; node != NULL; node = node->next)
        if (slice_eq(node->name, name))
            return node;
    node = arena_zalloc(tree->arena, sizeof(*node));
    node->name = name;
    if (object->last_member != NULL)
        object->last_member->next = node;
    else
        object->first_member = node;
    object->last_member = node;
    return node;
}

static void append_value(struct form_tree *tree, struct form_node *node, struct slice text)
{
    struct form_value *value = arena_zalloc(tree->arena, sizeof(*value));

    value->text = text;
    if (node->last_value != NULL)
        node->last_value->next = value;
    else
        node->first_value = value;
    node->last_value = value;
}

/* False when the path meets a node of another shape. */
static bool put(struct form_tree *tree, const struct form_path *path, struct slice value)
{
    struct form_node *node = &tree->root;

    for (unsigned i = 0; i < path->depth; i++) {
        if (node->shape != FORM_NEW && node->shape != FORM_OBJECT)
            return false;
        node->shape = FORM_OBJECT;
        node = member(tree, node, path->steps[i]);
    }
    if (node->shape == FORM_OBJECT)
        return false;
    node->shape = node->shape == FORM_NEW && !path->is_list ? FORM_VALUE : FORM_LIST;
    append_value(tree, node, value);
    return true;
}

/* At most FORM_MAX_NAME bytes, whole characters. */
static struct slice cut_name(struct slice name)
{
    if (name.n > FORM_MAX_NAME) {
        name.n = FORM_MAX_NAME;
        while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0) == 0x80)
            name.n--;
    }
    return name;
}

static bool has_nul(struct slice s)
{
    return s.n > 0 && memchr(s.p, 0, s.n) != NULL;
}

enum err form_tree_add(struct form_tree *tree, struct slice name, struct slice value)
{
    struct faults *faults = &tree->why->faults;
    struct form_path path;

    if (!utf8_is_valid(name) || !utf8_is_valid(value)) {
        tree->why->detail = "The form is not valid UTF-8";
        return ERR_BAD_BODY;
    }
    tree->bytes += name.n + value.n;
    if (name.n > FORM_MAX_NAME) {
        fault_add(faults, tree->arena, cut_name(name), "length",
                  "Expected a name of at most %d bytes", FORM_MAX_NAME);
        return OK;
    }
    if (has_nul(name) || has_nul(value)) {
        fault_add(faults, tree->arena, name, "nul", "Expected text without U+0000");
        return OK;
    }
    path = path_of(name);
    if (path.depth > FORM_MAX_DEPTH) {
        fault_add(faults, tree->arena, name, "depth", "Expected at most %d levels", FORM_MAX_DEPTH);
    } else if (!put(tree, &path, value)) {
        fault_add(faults, tree->arena, name, "type",
                  "Expected either a value or an object, both were given");
    }
    return OK;
}

void form_tree_refuse_file(struct form_tree *tree, struct slice name)
{
    fault_add(&tree->why->faults, tree->arena, cut_name(name), "type",
              "Expected text, files are not taken");
}

static void print_node(struct jw *w, const struct form_node *node)
{
    if (node->shape == FORM_VALUE) {
        jw_string(w, node->first_value->text);
        return;
    }
    if (node->shape == FORM_LIST) {
        jw_array(w);
        for (const struct form_value *v = node->first_value; v != NULL; v = v->next)
            jw_string(w, v->text);
        jw_array_end(w);
        return;
    }
    jw_object(w);
    for (const struct form_node *m = node->first_member; m != NULL; m = m->next) {
        jw_key_slice(w, m->name);
        print_node(w, m); /* no deeper than FORM_MAX_DEPTH */
    }
    jw_object_end(w);
}

enum err form_tree_json(const struct form_tree *tree, struct slice *json)
{
    /* A byte takes at most six as \u00XX; a step of a path adds quotes, colon, comma, braces. */
    size_t most = 6 * tree->bytes + (size_t)tree->pairs * FORM_MAX_DEPTH * 8 + 8;
    struct buf text;
    struct jw w = jw_on(&text);

    if (tree->why->faults.count > 0)
        return ERR_VALIDATION;
    buf_init(&text, most);
    print_node(&w, &tree->root);
    assert(!text.full);
    *json = arena_copy(tree->arena, buf_slice(&text));
    buf_dispose(&text);
    return OK;
}
