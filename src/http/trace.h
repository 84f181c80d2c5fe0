/* trace.h: W3C trace context: the caller's trace goes on, or one begins here.
 *
 * Source: W3C Trace Context, level 1. Only version 00 is understood; an all-zero id, or anything
 * else that does not fit, counts as none.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_TRACE_H
#define KVCRM_HTTP_TRACE_H

#include "kvcrm/base/slice.h"

#define TRACE_PARENT_LEN 55 /* 00-<32 hex>-<16 hex>-<2 hex> */

struct trace {
    char parent[TRACE_PARENT_LEN +
                1]; /* ours: the trace's id, a span of our own, the caller's flags */
};

/* given: the request's traceparent, or none. The header of the answer and of what we send on. */
void trace_begin(struct trace *trace, struct slice given);

/* The trace's id, 32 hex digits. */
static inline struct slice trace_id(const struct trace *trace)
{
    return (struct slice){trace->parent + 3, 32};
}

#endif
