/* segment_preview.c: what a rule means, in both forms, before it is made a segment.
 *
 * SPDX-License-Identifier: MIT */
#include "segment_view.h"

static void run(struct call *call);

static const struct field input[] = {SEGMENT_RULE_FIELDS, {.name = NULL}};

const struct op op_segment_preview = {
    .name = "segment_preview", .auth = AUTH_READER, .input = input, .run = run};

static void run(struct call *call)
{
    const struct segment_node *rule;
    struct slice text;

    if (!segment_read_rule(call, &rule, &text)) {
        call_invalid(call, &call->faults);
        return;
    }
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "count");
    jw_null(&w); /* it is judged as messages come */
    segment_print_rule(call, text, &w);
    jw_object_end(&w);
    call_ok(call, 200);
}
