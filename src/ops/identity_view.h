/* identity_view.h: the kinds of identities as the API names them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_IDENTITY_VIEW_H
#define KVCRM_OPS_IDENTITY_VIEW_H

#include "kvcrm/base/slice.h"

/* "ext", as it stands in keys, is "customer_id" to callers. SLICE_NONE for what is no identity. */
struct slice identity_kind_shown(struct slice word);

#endif
