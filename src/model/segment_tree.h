/* segment_tree.h: the tree of a segment's rule, and how both parsers build it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MODEL_SEGMENT_TREE_H
#define MODEL_SEGMENT_TREE_H

#include "kvcrm/model/segment.h"

enum segment_kind { SEGMENT_ALL, SEGMENT_ANY, SEGMENT_NOT, SEGMENT_TEST };

enum segment_op {
    SEGMENT_EQUAL,
    SEGMENT_NOT_EQUAL,
    SEGMENT_IN,
    SEGMENT_NOT_IN,
    SEGMENT_CONTAINS,
    SEGMENT_PREFIX,
    SEGMENT_LIKE,
    SEGMENT_EXISTS,
    SEGMENT_OP_COUNT
};

struct segment_value {
    struct slice typed, folded;
    struct segment_value *next;
};

struct segment_node {
    enum segment_kind kind;
    unsigned depth; /* groups and nots on the longest way down, itself among them */
    struct segment_node *first, *last; /* members */
    struct segment_node *next;         /* member of the same group */
    enum segment_field field;
    enum segment_op op;
    struct segment_value *values; /* one; of in and not in at least one; of exists none */
};

/* What a parse is busy with. */
struct segment_builder {
    struct arena *arena;
    unsigned tests; /* so far */
};

extern const char segment_too_deep[], segment_too_many[]; /* what was expected */
extern const char segment_no_field[], segment_no_op[], segment_no_value[];

struct segment_node *segment_group(struct segment_builder *b, enum segment_kind kind);
/* False: too deep now. */
MUST_CHECK bool segment_add(struct segment_node *group, struct segment_node *member);
/* The group, or its only member. */
struct segment_node *segment_close(struct segment_node *group);
/* NULL: too many. */
struct segment_node *segment_test(struct segment_builder *b, enum segment_field field,
                                  enum segment_op op);
/* Adds a value at *end and moves end behind it. False: nothing to compare with. */
MUST_CHECK bool segment_value_add(struct segment_builder *b, struct slice typed,
                                  struct segment_value ***end);

/* False, *out untouched, for a name that is none. */
MUST_CHECK bool segment_field_of(struct slice name, enum segment_field *field);
MUST_CHECK bool segment_op_of(struct slice name, enum segment_op *op);

#endif
