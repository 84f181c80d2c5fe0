/* router.h: from method and path to a row of the table of routes.
 *
 * Paths without parameters are found by a hash; the others are tried one after the other, segment
 * by segment. A literal beats a parameter, because all literals are looked at first.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_ROUTER_H
#define KVCRM_HTTP_ROUTER_H

#include "kvcrm/ops/call.h"

struct router;

/* function_name: one more edge function name that {function} matches, or "". Lives until exit. */
struct router *router_new(const char *function_name);
void router_free(struct router *router);

/* path: as it stands in the request line, without query. OK: *route, and params (raw, still
 * escaped). ERR_NO_SUCH_PATH, or ERR_METHOD_NOT_ALLOWED with *route some route of that path. HEAD
 * finds GET. One slash at the end is ignored. */
MUST_CHECK enum err router_find(const struct router *router, struct slice method, struct slice path,
                                const struct route **route, struct slice params[CALL_MAX_PARAMS]);
/* "GET, HEAD, PATCH, OPTIONS": what the path of that route takes. In the arena. */
struct slice router_allow(const struct route *route, struct arena *arena);

/* How errors look on a path that has no route (API.md, "Errors"). */
enum route_style router_style(struct slice path);

#endif
