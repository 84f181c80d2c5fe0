/* server_info.c: what operators and their probes ask: health, readiness, version, metrics.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/clock.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/ops/call.h"

#define REPLY_MAX_AGE_US 2000000 /* a worker that has heard nothing for longer is not ready */

static void run_health(struct call *call);
static void run_ready(struct call *call);
static void run_version(struct call *call);
static void run_metrics(struct call *call);

const struct op op_health = {.name = "health", .auth = AUTH_OPEN, .run = run_health};
const struct op op_ready = {.name = "ready", .auth = AUTH_OPEN, .run = run_ready};
const struct op op_version = {.name = "version", .auth = AUTH_OPEN, .run = run_version};
const struct op op_metrics = {.name = "metrics", .auth = AUTH_READER, .run = run_metrics};

/* 200 while the process lives, whatever Redis does. */
static void run_health(struct call *call)
{
    buf_str(call_body(call), "{\"status\":\"ok\"}");
    call_ok(call, 200);
}

/* Ready: every worker has a usable connection that answers (each asks for the settings once a
 * second). */
static bool all_workers_ready(const struct env *env)
{
    int64_t now_us = clock_mono_us();

    for (unsigned i = 0; i < env->peer_count; i++) {
        const struct store_health *health = store_health(env->peers[i]->store);
        if (!atomic_load(&health->usable) ||
            now_us - atomic_load(&health->last_reply_us) > REPLY_MAX_AGE_US)
            return false;
    }
    return true;
}

static void run_ready(struct call *call)
{
    bool ready = all_workers_ready(call->env);
    const char *word = ready ? "ok" : "unavailable";

    buf_printf(call_body(call),
               "{\"status\":\"%s\",\"checks\":{\"redis\":\"%s\",\"scripts\":\"%s\"}}", word, word,
               word);
    call_ok(call, ready ? 200 : 503);
}

static void run_version(struct call *call)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "name");
    jw_string(&w, SLICE("kvcrm"));
    jw_key(&w, "version");
    jw_string(&w, SLICE(KVCRM_VERSION));
    jw_key(&w, "commit");
    jw_string(&w, SLICE(KVCRM_COMMIT));
    jw_key(&w, "redis");
    jw_string_or_null(&w, slice_of(store_server_version(call->env->store)));
    jw_object_end(&w);
    call_ok(call, 200);
}

static void run_metrics(struct call *call)
{
    metric_print(call_body(call));
    call->out.content_type = "text/plain; version=0.0.4; charset=utf-8";
    call_ok(call, 200);
}
