/* slot_row.h: one slot in the reply of a script (lua/lib/slot.lua).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SLOT_ROW_H
#define KVCRM_OPS_SLOT_ROW_H

#include "kvcrm/store/reply.h"

#define SLOT_ROW_FIELDS 6

struct slot_row {
    struct slice date, time, end; /* slices of the reply; end may be empty */
    int64_t capacity, booked, held;
};

/* The slot whose fields begin at element i. */
static inline struct slot_row slot_row_at(const struct reply *reply, size_t i)
{
    return (struct slot_row){
        reply_text_at(reply, i),    reply_text_at(reply, i + 1), reply_text_at(reply, i + 2),
        reply_i64_at(reply, i + 3), reply_i64_at(reply, i + 4),  reply_i64_at(reply, i + 5),
    };
}

static inline int64_t slot_row_free(const struct slot_row *row)
{
    int64_t free = row->capacity - row->booked - row->held;

    return free > 0 ? free : 0;
}

#endif
