/* contact_number.h: the number, and with it the id, of a contact that a call may have to make.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_CONTACT_NUMBER_H
#define KVCRM_OPS_CONTACT_NUMBER_H

#include "kvcrm/ops/call.h"

struct contact_number {
    uint64_t number;
    char id[ID_CONTACT_LEN + 1]; /* <c>, bare */
};

/* Takes one. False when it has answered the call: there is none right now. */
MUST_CHECK bool contact_number_take(struct call *call, struct contact_number *taken);
/* As a script's arguments: <c>, number. */
void contact_number_args(struct call *call, const struct contact_number *taken);
/* After the script: has it made the contact? The number of one that surely was not made serves the
 * next call. */
void contact_number_settle(struct call *call, const struct contact_number *taken, enum err err,
                           bool made);

#endif
