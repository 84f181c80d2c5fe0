/* segments.h: the workspace's segments as a worker knows them: their rules, ready to judge by.
 *
 * A worker does not ask whether they have changed. It says by which version it has judged to the
 * script that acts on it; when that is not the present one, the script does nothing, and the worker
 * loads them and judges again. So a segment counts for every worker of every instance from the
 * moment it is made.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SEGMENTS_H
#define KVCRM_OPS_SEGMENTS_H

#include "kvcrm/model/segment.h"
#include "kvcrm/store/reply.h"

#define SEGMENTS_MOST 100

struct segments {
    int64_t version; /* -1: nothing is known yet */
    unsigned count;
    struct {
        struct slice name; /* in keys, "<id>:<n>" */
        const struct segment_node *rule;
    } list[SEGMENTS_MOST];
    struct arena arena;
};

void segments_init(struct segments *segments);
void segments_dispose(struct segments *segments);
/* Nothing is known any more: the database is not the one that they came from. */
void segments_forget(struct segments *segments);
/* reply: of lua/segment_list.lua for all segments. */
void segments_load(struct segments *segments, const struct reply *reply);
/* The names of those that a message belongs to, with blanks between them; empty when there is none.
 * In the arena. */
struct slice segments_of_message(const struct segments *segments, struct slice text,
                                 struct arena *arena);

#endif
