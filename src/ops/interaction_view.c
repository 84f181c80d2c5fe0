/* interaction_view.c: an interaction as the API shows it.
 *
 * SPDX-License-Identifier: MIT */
#include "interaction_view.h"

static void raw_or_null(struct jw *w, const char *key, struct slice json)
{
    jw_key(w, key);
    if (json.n > 0)
        jw_raw(w, json);
    else
        jw_null(w);
}

void interaction_print_members(const struct interaction *interaction, struct jw *w)
{
    jw_key(w, "id");
    jw_string(w, interaction->id);
    jw_key(w, "interaction_id");
    jw_string(w, interaction->id);
    jw_key(w, "session_id");
    jw_string_or_null(w, interaction->session_id);
    raw_or_null(w, "user_id", interaction->user_id);
    jw_key(w, "interaction_type");
    jw_string(w, interaction->type);
    raw_or_null(w, "source_page", interaction->source_page);
    raw_or_null(w, "data", interaction->data);
    /* Interactions make no leads yet. */
    jw_key(w, "converted_to_lead");
    jw_bool(w, false);
    jw_key(w, "lead_id");
    jw_null(w);
    jw_key(w, "created_at");
    jw_time(w, interaction->created_ms);
}

static struct slice raw_member(struct jr_value object, struct slice name)
{
    struct jr_value value;

    return jr_member(object, name, &value) ? value.raw : SLICE_NONE;
}

static struct slice text_member(struct call *call, struct jr_value object, struct slice name)
{
    struct jr_value value;

    if (!jr_member(object, name, &value) || value.type != JR_STRING)
        return SLICE_NONE;
    return jr_text(value, &call->arena);
}

void interaction_print(struct call *call, struct slice session_id, struct slice entry, int64_t at,
                       struct jw *w)
{
    struct jr_value root, extra = {.type = JR_NULL}, received;
    struct jr_fault fault;

    if (jr_parse(entry, &root, &fault) != OK) {
        jw_null(w); /* somebody else has written here; the list goes on */
        return;
    }
    if (!jr_member(root, SLICE("x"), &extra))
        extra.type = JR_NULL;
    struct interaction interaction = {
        .id = text_member(call, root, SLICE("i")),
        .session_id = session_id,
        .type = text_member(call, root, SLICE("t")),
        .user_id = raw_member(extra, SLICE("user_id")),
        .source_page = raw_member(extra, SLICE("source_page")),
        .data = raw_member(root, SLICE("d")),
        .created_ms = at,
    };
    if (jr_member(root, SLICE("r"), &received) && !jr_i64(received, &interaction.created_ms))
        interaction.created_ms = at;
    jw_object(w);
    interaction_print_members(&interaction, w);
    jw_object_end(w);
}
