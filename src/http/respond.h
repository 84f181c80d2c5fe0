/* respond.h: an answer on the wire: status, headers, body, one line of access log.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_RESPOND_H
#define KVCRM_HTTP_RESPOND_H

#include <h2o.h>

#include "kvcrm/ops/call.h"

/* Makes the counters of requests; once, before the threads start. */
void respond_init(void);

/* Sends call->out as the answer of req. started_us: clock_mono_us when the request came. */
void respond_send(h2o_req_t *req, struct call *call, int64_t started_us);

#endif
