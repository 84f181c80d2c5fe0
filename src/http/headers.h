/* headers.h: reading request headers and adding answer headers, by slices.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_HEADERS_H
#define KVCRM_HTTP_HEADERS_H

#include <h2o.h>

#include "kvcrm/base/slice.h"

/* Of the first header of that lower-case name; SLICE_NONE when there is none. */
struct slice header_get(const h2o_req_t *req, struct slice name);
/* value must live as long as the request's pool. */
void header_add(h2o_req_t *req, struct slice name, struct slice value);

#endif
