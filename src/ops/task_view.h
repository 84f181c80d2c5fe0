/* task_view.h: a task as the API shows it (API.md), from its hash.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_TASK_VIEW_H
#define KVCRM_OPS_TASK_VIEW_H

#include "kvcrm/ops/call.h"

/* flat: the hash as HGETALL gives it. */
void task_print(struct call *call, struct slice id, const struct reply *task, struct jw *w);

/* 200 with the task that the path names. */
void task_answer(struct call *call, const struct reply *task);

/* "tasks":[…] of {{task id, {field, value, …}}, …}. */
void tasks_print(struct call *call, const struct reply *rows, struct jw *w);

#endif
