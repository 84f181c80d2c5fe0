/* segment_save.c: makes a segment, or gives it another name and rule.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "segment_view.h"

static void run_create(struct call *call);
static void run_put(struct call *call);

#define NAME_MAX_CHARS 255

enum { IN_NAME = SEGMENT_IN_FIRST, IN_ID };

static const struct field create_input[] = {
    SEGMENT_RULE_FIELDS,
    [IN_NAME] = {.name = "name", .type = FIELD_LINE, .max = NAME_MAX_CHARS},
    [IN_ID] = {.name = "id", .type = FIELD_LINE, .need = REQUIRED, .max = SEGMENT_ID_MAX},
    {.name = NULL},
};

static const struct field put_input[] = {
    SEGMENT_RULE_FIELDS,
    [IN_NAME] = {.name = "name", .type = FIELD_LINE, .max = NAME_MAX_CHARS},
    {.name = NULL},
};

const struct op op_segment_create = {.name = "segment_create",
                                     .auth = AUTH_ADMIN,
                                     .input = create_input,
                                     .writes = true,
                                     .run = run_create};
const struct op op_segment_put = {
    .name = "segment_put", .auth = AUTH_ADMIN, .input = put_input, .writes = true, .run = run_put};

static void on_saved(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct segment_record *segment = call->state;
    bool is_new = call->route->op == &op_segment_create;

    if (err == ERR_VALIDATION) {
        fault_add(&call->faults, &call->arena, SLICE("id"), "length",
                  "Expected at most %d segments", SEGMENTS_MOST);
        call_invalid(call, &call->faults);
        return;
    }
    if (err == ERR_SEGMENT_EXISTS)
        call->out.members =
            arena_join(&call->arena, 3, SLICE("\"existing_id\":\""), segment->id, SLICE("\""));
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    segment->version = reply_i64_at(reply, 1);
    segment->created_ms = reply_i64_at(reply, 2);
    segment->updated_ms = reply_i64_at(reply, 3);
    segment->count = reply_i64_at(reply, 4);
    if (is_new)
        call->out.location = arena_join(&call->arena, 2, SLICE("/v1/segments/"), segment->id);
    segment_answer(call, segment, is_new ? 201 : 200);
}

static void save(struct call *call, struct slice id, bool is_new)
{
    struct segment_record *segment = arena_zalloc(&call->arena, sizeof *segment);
    const struct segment_node *rule;

    call->state = segment;
    segment->id = id;
    segment->name = call->fields.values[IN_NAME].text;
    if (!segment_read_rule(call, &rule, &segment->text) || call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    call_script(call, &script_segment_save, on_saved);
    script_key(&call->script, call_key(call, KEY_SEGMENT, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WS, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, is_new ? SLICE("new") : SLICE("old"));
    call_arg(call, id);
    call_arg(call, segment->name.n > 0 ? segment->name : SLICE(""));
    call_arg(call, segment->text);
    call_arg(call, call_expected_version(call));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}

/* a-z, 0-9, and behind the first also "_", "-", "."; "preview" is a path of its own. */
static bool is_id(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_plain && (i == 0 || memchr("_-.", c, 3) == NULL))
            return false;
    }
    return id.n > 0 && !slice_is(id, "preview");
}

static void run_create(struct call *call)
{
    struct slice id = call->fields.values[IN_ID].text;

    if (!is_id(id))
        fault_add(&call->faults, &call->arena, SLICE("id"), "format",
                  "Expected a-z, 0-9 and, behind the first, also _ - .");
    save(call, id, true);
}

static void run_put(struct call *call)
{
    struct slice id = segment_of_path(call);

    if (id.n > 0)
        save(call, id, false);
}
