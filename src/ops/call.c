/* call.c: one call in flight, answered once.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/call.h"

#include <assert.h>

#include "kvcrm/base/clock.h"

void call_init(struct call *call, struct env *env, const struct route *route,
               void (*respond)(struct call *), void *owner)
{
    call->env = env;
    call->route = route;
    call->in = (struct call_input){.received_ms = 0};
    call->fields.values = NULL;
    call->fields.extra_count = 0;
    call->fields.faults.count = 0;
    call->query.count = 0;
    call->faults.count = 0;
    call->script.cmd.pending = false;
    call->out = (struct answer){.status = 0};
    call->respond = respond;
    call->owner = owner;
    call->state = NULL;
    call->answered = false;
    call->redis_us = 0;
    loop_timer_init(&call->timer, NULL, NULL);
    arena_init(&call->arena, call->first_chunk, sizeof call->first_chunk);
}

void call_dispose(struct call *call)
{
    store_cancel(&call->script.cmd);
    loop_timer_clear(&call->timer);
    arena_dispose(&call->arena);
}

void call_script(struct call *call, const struct script *script,
                 void (*done)(struct script_call *, enum err, const struct reply *))
{
    script_begin(&call->script, script, done, call);
}

void call_run_script(struct call *call)
{
    call->sent_us = clock_mono_us();
    enum err err = script_run(call->env->store, &call->script);

    if (err != OK)
        call_fail(call, err, NULL);
}

struct slice call_key(struct call *call, enum key_pattern pattern, struct slice rest)
{
    return key_make(pattern, &call->env->tag, rest, &call->arena);
}

void call_arg(struct call *call, struct slice arg)
{
    script_arg(&call->script, arg);
}

void call_arg_i64(struct call *call, int64_t v)
{
    script_arg(&call->script, arena_i64(&call->arena, v));
}

void call_pair(struct call *call, const char *name, struct slice value)
{
    if (value.n == 0)
        return;
    call_arg(call, slice_of(name));
    call_arg(call, value);
}

void call_pair_i64(struct call *call, const char *name, int64_t value)
{
    call_pair(call, name, arena_i64(&call->arena, value));
}

struct buf *call_body(struct call *call)
{
    buf_clear(&call->env->body);
    return &call->env->body;
}

static void answer(struct call *call)
{
    assert(!call->answered);
    call->answered = true;
    call->respond(call);
}

void call_ok(struct call *call, int status)
{
    if (call->env->body.full) {
        call_fail(call, ERR_INTERNAL, "The answer is too large");
        return;
    }
    call->out.status = status;
    call->out.body = buf_slice(&call->env->body);
    answer(call);
}

void call_not_modified(struct call *call)
{
    call->out.status = 304;
    call->out.body = SLICE_NONE;
    answer(call);
}

void call_fail(struct call *call, enum err err, const char *detail)
{
    call->out.err = err;
    call->out.status = err_row(err)->status;
    call->out.detail = slice_of(detail);
    /* The route of 405 is another one's. */
    if (call->route != NULL && err != ERR_METHOD_NOT_ALLOWED && call->route->op->failed != NULL)
        call->route->op->failed(call);
    answer(call);
}

void call_invalid(struct call *call, const struct faults *faults)
{
    call->out.faults = faults;
    call_fail(call, ERR_VALIDATION, NULL);
}

bool call_failed(struct call *call, enum err err, const struct reply *reply)
{
    call->redis_us += clock_mono_us() - call->sent_us;
    if (err == ERR_PRECONDITION_FAILED) { /* "VERSION 7": what it is now */
        struct slice version = reply_error(reply), word;
        slice_cut(&version, ' ', &word);
        call->out.members = arena_join(&call->arena, 2, SLICE("\"version\":"), version);
    }
    if (err != OK)
        call_fail(call, err, NULL);
    return err != OK;
}

static struct slice opaque_tag(struct slice etag)
{
    if (slice_starts(etag, SLICE("W/"))) {
        etag.p += 2;
        etag.n -= 2;
    }
    return etag;
}

bool call_etag_matches(struct slice if_none_match, struct slice etag)
{
    struct slice one;

    if (slice_is(slice_trim(if_none_match), "*"))
        return true;
    while (slice_cut(&if_none_match, ',', &one)) {
        if (slice_eq(opaque_tag(slice_trim(one)), opaque_tag(etag)) && etag.n > 0)
            return true;
    }
    return false;
}

struct slice call_expected_version(const struct call *call)
{
    struct slice tag = slice_trim(call->in.if_match);
    uint64_t version;

    if (tag.n == 0 || slice_is(tag, "*"))
        return SLICE("");
    struct slice digits = {tag.p + 2, tag.n > 3 ? tag.n - 3 : 0};
    if (slice_starts(tag, SLICE("\"v")) && tag.p[tag.n - 1] == '"' &&
        slice_u64(digits, INT64_MAX, &version))
        return digits;
    return SLICE("-1"); /* not one of ours: matches nothing */
}
