/* segment.h: the rule of a segment: a tree of tests of what is known of a contact, in two forms,
 * text and JSON (API.md, "Segments").
 *
 *     message contains "price" and not message like "*no thanks*"
 *     {"all":[{"field":"message","op":"contains","value":"price"}, …]}
 *
 * Both forms give the same tree, and a tree prints as one text and one JSON: groups of one member
 * are that member, a group of the kind of the one it stands in is part of that one.
 *
 * Texts are compared as a search folds them (model/name.h): case, accents and the number of blanks
 * do not matter.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_SEGMENT_H
#define KVCRM_MODEL_SEGMENT_H

#include "kvcrm/base/buf.h"
#include "kvcrm/model/json.h"

#define SEGMENT_DEPTH_MOST 8 /* groups and nots in one another */
#define SEGMENT_TESTS_MOST 32

enum segment_field { SEGMENT_MESSAGE, SEGMENT_FIELD_COUNT };

/* What does not fit, and what was expected instead. */
struct segment_fault {
    struct slice path; /* JSON: dotted, below the path that was given; text: empty */
    size_t position;   /* text: characters before what does not fit */
    const char *code;  /* "format", "depth", … */
    const char *expected;
};

struct segment_node; /* the root of a rule; lives in the arena of its parse */

/* text is valid UTF-8; any other bytes are refused or taken, harmlessly. */
MUST_CHECK bool segment_parse_text(struct slice text, struct arena *arena,
                                   const struct segment_node **root, struct segment_fault *fault);
/* path: what the rule is called in its body ("rule"). */
MUST_CHECK bool segment_parse_json(struct jr_value rule, struct slice path, struct arena *arena,
                                   const struct segment_node **root, struct segment_fault *fault);

void segment_print_text(const struct segment_node *root, struct buf *out);
void segment_print_json(const struct segment_node *root, struct jw *w);

/* What is known: of each field its text, folded by name_fold; empty: absent. */
struct segment_facts {
    struct slice text[SEGMENT_FIELD_COUNT];
};

/* A test of what is absent is false, so "!=" and "not in" are true of it. The time it takes is
 * linear in the text, for each test. */
bool segment_matches(const struct segment_node *root, const struct segment_facts *facts);

#endif
