/* segment_view.c: a segment as scripts have it, as a body brings it, as the API shows it.
 *
 * SPDX-License-Identifier: MIT */
#include "segment_view.h"

#include <inttypes.h>

#include "kvcrm/store/scripts.h"
#include "record_view.h"

struct segment_record segment_record_at(const struct reply *reply, size_t i)
{
    const struct reply *row = reply_at(reply, i);

    return (struct segment_record){
        .id = record_text(row, "id"),
        .n = record_text(row, "n"),
        .name = record_text(row, "name"),
        .text = record_text(row, "text"),
        .version = record_i64(row, "v"),
        .created_ms = record_i64(row, "created_at"),
        .updated_ms = record_i64(row, "updated_at"),
        .count = reply_i64_at(row, reply_count(row) - 1), /* the one that is no text */
    };
}

struct slice segment_key_name(const struct segment_record *segment, struct arena *arena)
{
    return arena_join(arena, 3, segment->id, SLICE(":"), segment->n);
}

/* Bodies --------------------------------------------------------------------------------------- */

static bool parse(struct call *call, const struct segment_node **rule)
{
    const struct field_value *json = &call->fields.values[SEGMENT_IN_RULE];
    const struct field_value *text = &call->fields.values[SEGMENT_IN_TEXT];
    bool has_json = json->present && !json->is_null, has_text = text->present && !text->is_null;
    struct segment_fault fault;
    bool fits = false;

    if (has_json && has_text) {
        fault_add(&call->faults, &call->arena, SLICE("text"), "duplicate",
                  "Expected either rule or text");
    } else if (has_text) {
        fits = segment_parse_text(text->text, &call->arena, rule, &fault);
        if (!fits)
            fault_add_at(&call->faults, &call->arena, SLICE("text"), fault.position, fault.code,
                         fault.expected);
    } else if (has_json) {
        fits = segment_parse_json(json->json, SLICE("rule"), &call->arena, rule, &fault);
        if (!fits)
            fault_add(&call->faults, &call->arena, fault.path, fault.code, "%s", fault.expected);
    } else {
        fault_add(&call->faults, &call->arena, SLICE("rule"), "required", "Required: rule or text");
    }
    return fits;
}

bool segment_read_rule(struct call *call, const struct segment_node **rule, struct slice *text)
{
    if (!parse(call, rule))
        return false;
    struct buf *out = call_body(call);
    segment_print_text(*rule, out);
    *text = arena_copy(&call->arena, buf_slice(out));
    if (text->n <= SEGMENT_TEXT_MAX)
        return true;
    fault_add(&call->faults, &call->arena,
              call->fields.values[SEGMENT_IN_TEXT].text.n > 0 ? SLICE("text") : SLICE("rule"),
              "length", "Expected a rule of at most %d bytes as text", SEGMENT_TEXT_MAX);
    return false;
}

struct slice segment_of_path(struct call *call)
{
    struct slice id;

    if (query_path_text(call->in.params[0], &call->arena, &id) && id.n > 0)
        return id;
    call_fail(call, ERR_NOT_FOUND, NULL);
    return SLICE_NONE;
}

void segment_list_script(struct call *call, struct slice id, struct slice known,
                         void (*done)(struct script_call *, enum err, const struct reply *))
{
    call_script(call, &script_segment_list, done);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_SEGMENT, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WS, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, known);
    call_arg(call, id);
    call_run_script(call);
}

/* Answers -------------------------------------------------------------------------------------- */

void segment_print_rule(struct call *call, struct slice text, struct jw *w)
{
    const struct segment_node *rule;
    struct segment_fault fault;

    jw_key(w, "rule");
    if (segment_parse_text(text, &call->arena, &rule, &fault))
        segment_print_json(rule, w);
    else
        jw_null(w); /* a newer release has made it */
    jw_key(w, "text");
    jw_string(w, text);
}

void segment_print(struct call *call, const struct segment_record *segment, struct jw *w)
{
    jw_object(w);
    jw_key(w, "id");
    jw_string(w, segment->id);
    jw_key(w, "name");
    jw_string_or_null(w, segment->name);
    segment_print_rule(call, segment->text, w);
    jw_key(w, "count");
    jw_i64(w, segment->count);
    jw_key(w, "version");
    jw_i64(w, segment->version);
    jw_key(w, "created_at");
    jw_time(w, segment->created_ms);
    jw_key(w, "updated_at");
    jw_time(w, segment->updated_ms);
    jw_object_end(w);
}

void segment_answer(struct call *call, const struct segment_record *segment, int status)
{
    call->out.etag = arena_printf(&call->arena, "\"v%" PRId64 "\"", segment->version);
    call->out.cache_private = true;
    struct jw w = jw_on(call_body(call));
    segment_print(call, segment, &w);
    call_ok(call, status);
}
