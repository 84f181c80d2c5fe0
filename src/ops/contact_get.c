/* contact_get.c: one contact by its id.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/store/scripts.h"

static void run(struct call *call);

const struct op op_contact_get = {.name = "contact_get", .auth = AUTH_READER, .run = run};

static void on_contact(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (call_failed(call, err, reply))
        return;
    contact_locate(call, reply_field(reply, SLICE("id")));
    contact_answer(call, reply);
}

static void run(struct call *call)
{
    struct slice c;

    if (!contact_id_parse(call->in.params[0], &c)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    call_script(call, &script_contact_get, on_contact);
    script_key(&call->script, call_key(call, KEY_CONTACT, c));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, SLICE("id"));
    call_arg(call, c);
    call_run_script(call);
}
