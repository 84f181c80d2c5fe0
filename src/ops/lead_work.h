/* lead_work.h: what the operations share by which people work on leads: lua/lead_update.lua.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_WORK_H
#define KVCRM_OPS_LEAD_WORK_H

#include "kvcrm/model/lead.h"
#include "lead_id.h"

#define LEAD_AGENT_MAX 64
#define LEAD_NOTE_MAX 2000

/* A member of an activity's data; left out when it has no text. */
struct lead_detail {
    const char *name;
    struct slice text;
};
/* {"note":"…"}; "" when nothing is in it. */
struct slice lead_data(struct call *call, const struct lead_detail *details, unsigned count);

/* Starts lua/lead_update.lua: its keys and fixed arguments. data: of the activity, as lead_data.
 * What is to be done follows, then call_run_script. */
void lead_update(struct call *call, const struct lead_id *lead, struct slice data,
                 void (*done)(struct script_call *, enum err, const struct reply *));
/* The field becomes the text, or is removed when that is empty. */
void lead_set(struct call *call, const char *field, struct slice text);
/* The same with what was typed, when something was. */
void lead_put(struct call *call, const char *field, const struct field_value *value);
/* The lead gets a status, if it is one of its source. Twice, for both kinds of sources. */
void lead_to(struct call *call, enum lead_word status);
/* Starts lua/lead_delete.lua, as lead_update. */
void lead_delete_begin(struct call *call, const struct lead_id *lead,
                       void (*done)(struct script_call *, enum err, const struct reply *));
/* The version that If-Match expects. */
void lead_expect_version(struct call *call);

/* What done does first, as call_failed: says what stands in the way. asked: a status, as
 * LEAD_NONE when none was. */
bool lead_failed(struct call *call, enum err err, const struct reply *reply, enum lead_word asked);

/* 422 for a status that is no word of a lead, or of another kind of lead. */
void lead_wrong_word(struct call *call, enum lead_word asked);

/* "id" of an answer: on the admins' paths the number, elsewhere the UUID. */
void lead_put_id(struct call *call, struct slice uuid, struct slice number, struct jw *w);

#endif
