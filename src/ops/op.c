/* op.c: the table of routes, made of ops.def.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/op.h"

#include "event_capture.h"
#include "whatsapp_receive.h"

#define OP(name, verb, pattern, look) extern const struct op op_##name;
#include "kvcrm/ops/ops.def"
#undef OP

const struct route routes[] = {
#define OP(name, verb, pattern, look) {verb, pattern, &op_##name, STYLE_##look},
#include "kvcrm/ops/ops.def"
#undef OP
};
const unsigned route_count = sizeof(routes) / sizeof(routes[0]);

void ops_init(void)
{
    event_capture_init();
    whatsapp_receive_init();
    identity_init();
}
