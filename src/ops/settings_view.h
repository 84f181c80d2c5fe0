/* settings_view.h: the answer of both settings operations.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SETTINGS_VIEW_H
#define KVCRM_OPS_SETTINGS_VIEW_H

#include "kvcrm/ops/call.h"

/* {"settings":{…},"version":3} with ETag "v3". */
void settings_answer(struct call *call, const struct settings *settings);

#endif
