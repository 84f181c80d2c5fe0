/* segments.c: the segments as a worker knows them.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/segments.h"

#include "kvcrm/base/log.h"
#include "kvcrm/model/name.h"
#include "segment_view.h"

void segments_init(struct segments *segments)
{
    arena_init(&segments->arena, NULL, 0);
    segments_forget(segments);
}

void segments_dispose(struct segments *segments)
{
    arena_dispose(&segments->arena);
}

void segments_forget(struct segments *segments)
{
    segments->version = -1;
    segments->count = 0;
}

void segments_load(struct segments *segments, const struct reply *reply)
{
    struct arena *arena = &segments->arena;

    arena_dispose(arena);
    arena_init(arena, NULL, 0);
    segments->version = reply_i64_at(reply, 1);
    segments->count = 0;
    for (size_t i = SEGMENT_FIRST_ROW; i < reply_count(reply); i++) {
        struct segment_record row = segment_record_at(reply, i);
        const struct segment_node *rule;
        struct segment_fault fault;
        if (segments->count == SEGMENTS_MOST ||
            !segment_parse_text(arena_copy(arena, row.text), arena, &rule, &fault)) {
            log_warn("a segment cannot be judged: a newer release has made it",
                     LOG_STR("segment", row.id));
            continue;
        }
        segments->list[segments->count].name = segment_key_name(&row, arena);
        segments->list[segments->count++].rule = rule;
    }
}

struct slice segments_of_message(const struct segments *segments, struct slice text,
                                 struct arena *arena)
{
    struct segment_facts facts = {.text[SEGMENT_MESSAGE] = SLICE_NONE};
    struct slice names = SLICE("");

    if (segments->count > 0)
        facts.text[SEGMENT_MESSAGE] = name_fold(text, arena);
    for (unsigned i = 0; i < segments->count; i++) {
        if (segment_matches(segments->list[i].rule, &facts))
            names = arena_join(arena, 3, names, SLICE(" "), segments->list[i].name);
    }
    return names;
}
