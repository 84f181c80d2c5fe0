/* library_error.h: the errors that libh2o makes itself (400, 413, 417), as JSON.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_LIBRARY_ERROR_H
#define KVCRM_HTTP_LIBRARY_ERROR_H

#include <h2o.h>

#include "kvcrm/ops/env.h"

/* On the host's fallback path: with a handler on "/", nothing but those errors comes through there.
 * Out of reach: the fixed text for a head that cannot be parsed at all. */
void library_error_filter(h2o_pathconf_t *fallback, const struct env *env);

#endif
