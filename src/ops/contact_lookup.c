/* contact_lookup.c: one contact by one of its identities. The next request after a write sees it.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/model/identity.h"
#include "kvcrm/store/scripts.h"

static void run(struct call *call);

const struct op op_contact_lookup = {.name = "contact_lookup", .auth = AUTH_READER, .run = run};

static const struct {
    const char *parameter;
    enum key_pattern index;
    enum identity_kind kind;
} lookups[] = {
    {"email", KEY_CONTACT_EMAIL, IDENTITY_EMAIL},
    {"phone", KEY_CONTACT_PHONE, IDENTITY_PHONE},
    {"customer_id", KEY_CONTACT_EXT, IDENTITY_EXT},
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
    unsigned given = 0, which = 0;

    for (unsigned i = 0; i < LOOKUPS; i++) {
        if (query_text(&call->query, lookups[i].parameter).p != NULL) {
            given++;
            which = i;
        }
    }
    if (given != 1) {
        call_fail(call, ERR_BAD_QUERY, "Expected exactly one of email, phone, customer_id");
        return;
    }
    struct slice typed = query_text(&call->query, lookups[which].parameter);
    const struct identity_rules *rules = &call->env->settings.identity;
    struct slice canonical = identity_of(lookups[which].kind, typed, rules, &call->arena);
    if (canonical.n == 0) {
        call_fail(call, ERR_NOT_FOUND, NULL); /* what is no identity finds nobody */
        return;
    }
    call_script(call, &script_contact_get, on_contact);
    script_key(&call->script,
               call_key(call, lookups[which].index, key_safe(canonical, &call->arena)));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, SLICE("index"));
    call_run_script(call);
}
