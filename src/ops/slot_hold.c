/* slot_hold.c: holds a place of a slot while somebody fills in a form.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/base/crypto.h"
#include "kvcrm/store/scripts.h"
#include "slot_place.h"

#define TTL_S 300
#define TOKEN_BYTES 16

static void run(struct call *call);

static const struct field input[] = {
    {.name = "ttl_s", .type = FIELD_INT, .least = 30, .max = 900},
    {.name = NULL},
};

const struct op op_slot_hold = {
    .name = "slot_hold", .auth = AUTH_WRITE, .input = input, .writes = true, .run = run};

static void on_held(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "id");
    jw_string(&w, slot_place_id(call->state, &call->arena));
    jw_key(&w, "hold_token");
    jw_string(&w, reply_text_at(reply, 1));
    jw_key(&w, "expires_at");
    jw_time(&w, reply_i64_at(reply, 2));
    jw_key(&w, "free");
    jw_i64(&w, reply_i64_at(reply, 3));
    jw_object_end(&w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 201);
}

/* Whoever knows it may give the place back. */
static struct slice make_token(struct call *call)
{
    uint8_t random[TOKEN_BYTES];
    char *token = arena_alloc(&call->arena, 2 * sizeof random + 1);

    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, token);
    return (struct slice){token, 2 * sizeof random};
}

static void run(struct call *call)
{
    const struct field_value *ttl = &call->fields.values[0];
    struct slot_place *place = slot_of_path(call);

    if (place == NULL)
        return;
    call->state = place;
    slot_script(call, place, &script_slot_hold, on_held);
    slot_arguments(call, place);
    call_arg(call, make_token(call));
    call_arg_i64(call, 1000 * (ttl->present && !ttl->is_null ? ttl->number : TTL_S));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
