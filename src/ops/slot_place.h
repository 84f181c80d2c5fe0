/* slot_place.h: which slot a call is about, and what the scripts that touch one are given.
 *
 * A slot's id is "<date>.<time>", its time as it was fed: "2025-11-15.6PM".
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SLOT_PLACE_H
#define KVCRM_OPS_SLOT_PLACE_H

#include "kvcrm/ops/call.h"

#define SLOT_TIME_MAX 40 /* characters */

struct slot_place {
    struct slice date, time;
    struct slice key; /* the time as a part of keys */
};

/* The one that the path names; NULL, and 404 answered, when there can be none. */
struct slot_place *slot_of_path(struct call *call);
/* Of an id. False: there can be no such slot. */
MUST_CHECK bool slot_place_parse(struct slice id, struct arena *arena, struct slot_place *place);
/* Of a date and a time that have been checked. */
struct slot_place slot_place_of(struct slice date, struct slice time, struct arena *arena);
struct slice slot_place_id(const struct slot_place *place, struct arena *arena);
/* A real date? Otherwise a fault, unless it is empty. */
void slot_date_check(struct call *call, struct slice field, struct slice date);
/* "20251115": the score of a day. */
struct slice slot_day_score(struct slice date, struct arena *arena);

struct slice slot_day_key(struct call *call, const struct slot_place *place);
struct slice slot_hold_key(struct call *call, const struct slot_place *place);
/* "<date>:<time>" of the keys of its waitlist. */
struct slice slot_line(struct call *call, const struct slot_place *place);

/* Starts a script that touches one slot: its first three keys; more may follow. */
void slot_script(struct call *call, const struct slot_place *place, const struct script *script,
                 void (*done)(struct script_call *, enum err, const struct reply *));
/* Its first seven arguments. */
void slot_arguments(struct call *call, const struct slot_place *place);
/* Ids for the tasks of those who are told of a free place, with blanks between them. */
struct slice slot_task_ids(struct call *call, unsigned count);

#endif
