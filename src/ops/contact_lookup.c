/* contact_lookup.c: one contact by one of its identities. The next request after a write sees it.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "identity_args.h"
#include "kvcrm/store/scripts.h"

static void run(struct call *call);

const struct op op_contact_lookup = {.name = "contact_lookup", .auth = AUTH_READER, .run = run};

static const struct {
    const char *parameter;
    enum identity_kind kind;
} lookups[] = {
    {"email", IDENTITY_EMAIL},
    {"phone", IDENTITY_PHONE},
    {"customer_id", IDENTITY_EXT},
};

#define LOOKUPS (sizeof lookups / sizeof lookups[0])

static void on_contact(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        contact_answer(call, reply);
}

static void run(struct call *call)
{
    struct slice typed[IDENTITY_KINDS] = {[0] = SLICE_NONE}, identity[IDENTITY_KINDS];
    unsigned given = 0;
    int kind = 0;

    for (unsigned i = 0; i < LOOKUPS; i++) {
        struct slice text = query_text(&call->query, lookups[i].parameter);
        if (text.p != NULL) {
            given++;
            typed[lookups[i].kind] = text;
        }
    }
    if (given != 1) {
        call_fail(call, ERR_BAD_QUERY, "Expected exactly one of email, phone, customer_id");
        return;
    }
    identity_read(typed, &call->env->settings.identity, &call->arena, identity);
    while (kind < IDENTITY_KINDS && identity[kind].n == 0)
        kind++;
    if (kind == IDENTITY_KINDS) {
        call_fail(call, ERR_NOT_FOUND, NULL); /* what is no identity finds nobody */
        return;
    }
    call_script(call, &script_contact_get, on_contact);
    script_key(&call->script, identity_index_key(call, kind, identity[kind]));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, SLICE("index"));
    call_run_script(call);
}
