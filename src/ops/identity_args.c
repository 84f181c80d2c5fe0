/* identity_args.c: identities as arguments of the scripts that capture.
 *
 * SPDX-License-Identifier: MIT */
#include "identity_args.h"

static const enum key_pattern index_of[IDENTITY_KINDS] = {
    [IDENTITY_EXT] = KEY_CONTACT_EXT,
    [IDENTITY_EMAIL] = KEY_CONTACT_EMAIL,
    [IDENTITY_PHONE] = KEY_CONTACT_PHONE,
    [IDENTITY_WHATSAPP] = KEY_CONTACT_WA,
};

struct slice identity_index_key(struct call *call, enum identity_kind kind, struct slice canonical)
{
    return call_key(call, index_of[kind], key_safe(canonical, &call->arena));
}

void identity_keys(struct call *call, const struct slice identity[IDENTITY_KINDS])
{
    for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
        if (identity[kind].n > 0)
            script_key(&call->script, identity_index_key(call, kind, identity[kind]));
    }
}

void identity_args(struct call *call, const struct slice identity[IDENTITY_KINDS])
{
    for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
        if (identity[kind].n > 0) {
            call_arg(call, slice_of(identity_word(kind)));
            call_arg(call, identity[kind]);
        }
    }
}

unsigned identity_count(const struct slice identity[IDENTITY_KINDS])
{
    unsigned count = 0;

    for (int kind = 0; kind < IDENTITY_KINDS; kind++)
        count += identity[kind].n > 0;
    return count;
}

void identity_merge_args(struct call *call, unsigned identities)
{
    static const char *const names[IDENTITY_KINDS - 1] = {"merge_1", "merge_2", "merge_3"};

    for (unsigned i = 0; i < IDENTITY_KINDS - 1 && i + 1 < identities; i++) {
        char *id = arena_alloc(&call->arena, ID_UUID_LEN + 1);
        id_uuid7(call->in.received_ms, id);
        call_arg(call, slice_of(names[i]));
        call_arg(call, slice_of(id));
    }
}
