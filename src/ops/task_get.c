/* task_get.c: one task by its id.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/scripts.h"
#include "task_view.h"

static void run(struct call *call);

const struct op op_task_get = {.name = "task_get", .auth = AUTH_READER, .run = run};

static void on_task(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        task_answer(call, reply);
}

static void run(struct call *call)
{
    if (!id_is_uuid(call->in.params[0])) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    call_script(call, &script_task_get, on_task);
    script_key(&call->script, call_key(call, KEY_TASK, call->in.params[0]));
    call_run_script(call);
}
