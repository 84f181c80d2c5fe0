/* settings_patch.c: changes settings; null goes back to the default. It answers when all workers of
 * this process work with the new ones; other instances follow within a second.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "settings_view.h"

static void run(struct call *call);

const struct op op_settings_patch = {
    .name = "settings_patch",
    .auth = AUTH_ADMIN,
    .any_body = true,
    .writes = true,
    .run = run,
};

#define WAIT_TICKS 50 /* of 20 ms: a worker that has lost Redis reloads when it is back */

struct patch {
    struct settings settings; /* as they are now */
    unsigned ticks;
};

static void on_wait(struct loop_timer *timer)
{
    struct call *call = timer->data;
    struct patch *patch = call->state;

    if (env_settings_everywhere(call->env, patch->settings.version) || ++patch->ticks > WAIT_TICKS)
        settings_answer(call, &patch->settings);
    else
        loop_timer_set(call->env->loop, timer, LOOP_TICK_20MS);
}

static void on_patched(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct patch *patch = call->state;

    if (call_failed(call, err, reply))
        return;
    settings_load(&patch->settings, reply_i64_at(reply, 1), reply_at(reply, 2));
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    if (call->out.replayed) {
        settings_answer(call, &patch->settings);
        return;
    }
    env_settings_changed(call->env, patch->settings.version);
    loop_timer_init(&call->timer, on_wait, call);
    loop_timer_set(call->env->loop, &call->timer, LOOP_TICK_20MS);
}

static void run(struct call *call)
{
    struct jr_value name, value;

    if (call->in.body.type != JR_OBJECT) {
        fault_add(&call->faults, &call->arena, SLICE(""), "type", "Expected an object");
        call_invalid(call, &call->faults);
        return;
    }
    call->state = arena_zalloc(&call->arena, sizeof(struct patch));
    call_script(call, &script_settings_patch, on_patched);
    script_key(&call->script, call_key(call, KEY_SETTINGS, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_WS, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, call_expected_version(call));
    struct slice key = idempotency_key(call);
    call_arg(call, key.p != NULL ? key : SLICE(""));
    call_arg(call, idempotency_print(call));
    struct jr_iter it = jr_iter(call->in.body);
    for (unsigned i = 0; i < 64 && jr_next(&it, &name, &value); i++) {
        struct slice text = SLICE("");
        struct slice setting = jr_text(name, &call->arena);
        settings_check(setting, value, &call->arena, &call->faults, &text);
        call_arg(call, setting);
        call_arg(call, text);
    }
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    call_run_script(call);
}
