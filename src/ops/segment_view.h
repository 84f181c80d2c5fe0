/* segment_view.h: a segment as lua/segment_list.lua has it, as a body brings it, as the API shows
 * it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SEGMENT_VIEW_H
#define KVCRM_OPS_SEGMENT_VIEW_H

#include "kvcrm/model/segment.h"
#include "kvcrm/ops/call.h"

#define SEGMENT_FIRST_ROW 2    /* of the reply of lua/segment_list.lua */
#define SEGMENT_RULE_MAX 32768 /* bytes of JSON */
#define SEGMENT_TEXT_MAX 8192  /* characters typed, bytes kept */
#define SEGMENT_ID_MAX 64

/* The members of a body in which a rule stands, first in its table. */
enum { SEGMENT_IN_RULE, SEGMENT_IN_TEXT, SEGMENT_IN_FIRST };
#define SEGMENT_RULE_FIELDS                                                              \
    [SEGMENT_IN_RULE] = {.name = "rule", .type = FIELD_OBJECT, .max = SEGMENT_RULE_MAX}, \
    [SEGMENT_IN_TEXT] = {.name = "text", .type = FIELD_TEXT, .max = SEGMENT_TEXT_MAX}

struct segment_record {
    struct slice id, n, name, text; /* name may be empty */
    int64_t version, created_ms, updated_ms, count;
};

/* Slices of the reply. */
struct segment_record segment_record_at(const struct reply *reply, size_t i);
/* "<id>:<n>", as it stands in keys. */
struct slice segment_key_name(const struct segment_record *segment, struct arena *arena);

/* Reads the rule of a body, in either form; faults go to call->faults. *text is how it is kept. */
MUST_CHECK bool segment_read_rule(struct call *call, const struct segment_node **rule,
                                  struct slice *text);
/* The id in the path, as text; SLICE_NONE when it answered 404. */
struct slice segment_of_path(struct call *call);

/* Starts lua/segment_list.lua. id: of the one wanted, or "". known: change id the caller has. */
void segment_list_script(struct call *call, struct slice id, struct slice known,
                         void (*done)(struct script_call *, enum err, const struct reply *));

/* "rule" and "text" of an open object. */
void segment_print_rule(struct call *call, struct slice text, struct jw *w);
void segment_print(struct call *call, const struct segment_record *segment, struct jw *w);
/* Answers with one segment and its ETag. */
void segment_answer(struct call *call, const struct segment_record *segment, int status);

#endif
