/* respond.h: an answer on the wire: status, headers, body, one line of access log.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_RESPOND_H
#define KVCRM_HTTP_RESPOND_H

#include <h2o.h>

#include "kvcrm/ops/call.h"
#include "trace.h"

/* Makes the counters of requests; once, before the threads start. */
void respond_init(void);

/* Sends call->out as the answer of req. started_us: clock_mono_us when the request came. */
void respond_send(h2o_req_t *req, struct call *call, const struct trace *trace, int64_t started_us);

/* The headers that every answer has. capture: as for cors_headers. id and trace live as long as the
 * request's pool. */
void respond_headers(h2o_req_t *req, const struct settings *settings, bool capture, struct slice id,
                     const struct trace *trace);
/* One line of access log, and the counters. route: a row of the table, or NULL. */
struct respond_line {
    const struct route *route;
    struct slice method, request_id, trace_id;
    int status;
    int64_t started_us;
};
void respond_note(const struct respond_line *line);

#endif
