/* cors.h: what a browser on another origin may do (API.md, "CORS").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_CORS_H
#define KVCRM_HTTP_CORS_H

#include <h2o.h>

#include "kvcrm/ops/settings.h"

/* The headers of an answer to OPTIONS. capture: the path takes events, which sendBeacon sends with
 * credentials. */
void cors_preflight(h2o_req_t *req, const struct settings *settings, bool capture);
/* The headers of a real answer, errors too. */
void cors_headers(h2o_req_t *req, const struct settings *settings, bool capture);

#endif
