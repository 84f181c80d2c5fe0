/* merge_create.c: somebody says that two contacts are one person.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "merge_view.h"

static void run(struct call *call);

enum { IN_WINNER, IN_LOSER, IN_REASON, IN_FORCE };

static const struct field input[] = {
    [IN_WINNER] = {.name = "winner", .type = FIELD_LINE, .need = REQUIRED, .max = 64},
    [IN_LOSER] = {.name = "loser", .type = FIELD_LINE, .need = REQUIRED, .max = 64},
    [IN_REASON] = {.name = "reason", .type = FIELD_LINE, .max = 255},
    [IN_FORCE] = {.name = "force", .type = FIELD_BOOL},
    {.name = NULL},
};

const struct op op_merge_create = {
    .name = "merge_create", .auth = AUTH_ADMIN, .input = input, .writes = true, .run = run};

static void on_merged(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (merge_failed(call, err, reply))
        return;
    struct slice id = reply_text_at(reply, 1);
    struct merge merge = {
        .id = id,
        .winner = reply_text_at(reply, 2),
        .loser = reply_text_at(reply, 3),
        .reason = call->fields.values[IN_REASON].text,
        .at_ms = id_uuid7_ms(id), /* of the first call, also when this one repeats it */
    };
    struct jw w = jw_on(call_body(call));
    merge_print(&merge, &w);
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    call_ok(call, 201);
}

static struct slice contact_of(struct call *call, int row)
{
    struct slice c = SLICE_NONE;

    if (!contact_id_parse(call->fields.values[row].text, &c))
        fault_add(&call->faults, &call->arena, slice_of(input[row].name), "format",
                  "Expected a contact id");
    return c;
}

static void run(struct call *call)
{
    struct slice winner = contact_of(call, IN_WINNER), loser = contact_of(call, IN_LOSER);
    struct slice reason = call->fields.values[IN_REASON].text;
    char id[ID_UUID_LEN + 1];

    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    id_uuid7(call->in.received_ms, id);
    merge_script(call, &script_contact_merge, on_merged);
    call_arg(call, arena_copy(&call->arena, slice_of(id)));
    call_arg(call, winner);
    call_arg(call, loser);
    call_arg_i64(call, call->fields.values[IN_FORCE].number);
    call_arg(call, reason.p != NULL ? reason : SLICE(""));
    call_arg(call, SLICE("api"));
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
