/* settings_view.c: the answer of both settings operations.
 *
 * SPDX-License-Identifier: MIT */
#include "settings_view.h"

#include <inttypes.h>

void settings_answer(struct call *call, const struct settings *settings)
{
    call->out.etag = arena_printf(&call->arena, "\"v%" PRId64 "\"", settings->version);
    call->out.cache_private = true;
    if (slice_is(call->in.method, "GET") &&
        call_etag_matches(call->in.if_none_match, call->out.etag)) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "settings");
    settings_print(settings, &w);
    jw_key(&w, "version");
    jw_i64(&w, settings->version);
    jw_object_end(&w);
    call_ok(call, 200);
}
