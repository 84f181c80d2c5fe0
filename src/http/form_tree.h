/* form_tree.h: the pairs of a form, collected by their paths and printed as one JSON object.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_FORM_TREE_H
#define KVCRM_HTTP_FORM_TREE_H

#include "form.h"

enum form_shape { FORM_NEW, FORM_VALUE, FORM_LIST, FORM_OBJECT };

struct form_value {
    struct slice text;
    struct form_value *next;
};

struct form_node {
    struct slice name;
    enum form_shape shape;
    struct form_value *first_value, *last_value;  /* FORM_VALUE has one, FORM_LIST any number */
    struct form_node *first_member, *last_member; /* FORM_OBJECT */
    struct form_node *next;                       /* in the same object */
};

struct form_tree {
    struct arena *arena;
    struct form_refusal *why;
    struct form_node root;
    unsigned pairs;
    size_t bytes; /* of all names and values */
};

void form_tree_init(struct form_tree *tree, struct arena *arena, struct form_refusal *why);

/* Counts one pair or part against FORM_MAX_PAIRS: ERR_VALIDATION, with a fault, beyond it. */
MUST_CHECK enum err form_tree_count(struct form_tree *tree);

/* Adds a pair, its escapes resolved; both slices must live as long as the tree. Not UTF-8 is
 * ERR_BAD_BODY, at once; what else is wrong becomes a fault, and the other pairs are still looked
 * at. */
MUST_CHECK enum err form_tree_add(struct form_tree *tree, struct slice name, struct slice value);

/* A fault: what came under this name is a file. */
void form_tree_refuse_file(struct form_tree *tree, struct slice name);

/* The object's text, in the arena; ERR_VALIDATION when there were faults. */
MUST_CHECK enum err form_tree_json(const struct form_tree *tree, struct slice *json);

#endif
