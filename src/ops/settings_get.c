/* settings_get.c: the workspace's settings.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/scripts.h"
#include "settings_view.h"

static void run(struct call *call);

const struct op op_settings_get = {.name = "settings_get", .auth = AUTH_READER, .run = run};

static void on_settings(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct settings settings;

    if (call_failed(call, err, reply))
        return;
    settings_load(&settings, reply_i64_at(reply, 0), reply_at(reply, 1));
    settings_answer(call, &settings);
}

static void run(struct call *call)
{
    call_script(call, &script_settings_get, on_settings);
    script_key(&call->script, call_key(call, KEY_SETTINGS, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WS, SLICE_NONE));
    call_run_script(call);
}
