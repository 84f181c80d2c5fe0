/* user_agent.h: the device and the browser of a User-Agent, in the words that trackers send.
 *
 * Only what a dashboard shows: which sites' scripts say themselves wins over it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_USER_AGENT_H
#define KVCRM_MODEL_USER_AGENT_H

#include "kvcrm/base/slice.h"

/* "desktop", "mobile", "tablet"; SLICE_NONE for an empty text. */
struct slice user_agent_device(struct slice text);
/* "Edge", "Firefox", "Chrome", "Safari", "unknown"; SLICE_NONE for an empty text. */
struct slice user_agent_browser(struct slice text);

#endif
