/* contact_number.c: the number of a contact that a call may have to make.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_number.h"

bool contact_number_take(struct call *call, struct contact_number *taken)
{
    if (!env_number_take(call->env, &taken->number)) {
        bool usable = store_is_usable(call->env->store);
        call_fail(call, usable ? ERR_OVERLOADED : ERR_REDIS_UNAVAILABLE, NULL);
        return false;
    }
    id_contact_encode(&call->env->id_key, taken->number, taken->id);
    return true;
}

void contact_number_args(struct call *call, const struct contact_number *taken)
{
    call_arg(call, slice_of(taken->id));
    call_arg_i64(call, (int64_t)taken->number);
}

void contact_number_settle(struct call *call, const struct contact_number *taken, enum err err,
                           bool made)
{
    if (err == ERR_NUMBER_TAKEN)
        env_numbers_discard(call->env);
    else if (err != OK ? err != ERR_OUTCOME_UNKNOWN : !made)
        env_number_return(call->env, taken->number);
}
