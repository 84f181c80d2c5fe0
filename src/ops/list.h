/* list.h: what all lists share: the envelope, Link, cursors, weak ETags (API.md, "Lists").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LIST_H
#define KVCRM_OPS_LIST_H

#include "kvcrm/ops/call.h"

struct list {
    uint64_t scope; /* of its cursors */
    unsigned limit;
    struct slice position; /* the cursor's, or none: the first page */
};

/* Reads limit and cursor; names are the parameters that decide what is in the list (NULL at the
 * end). False when it has answered the call: 400 for a foreign cursor, 422 for faults, those in
 * call->faults among them. */
MUST_CHECK bool list_begin(struct call *call, const char *const *names, struct list *list);

/* The change id inside the caller's If-None-Match for this list, and what was appended to it by
 * list_etag; both empty when there is none. */
void list_known(struct call *call, const struct list *list, struct slice *change_id,
                struct slice *more);
/* Sets ETag, X-Change-Id and Cache-Control: the list is as of change_id (and of `more`, for lists
 * that depend on something else as well, e.g. on the time). */
void list_etag(struct call *call, const struct list *list, struct slice change_id,
               struct slice more);

/* {"data":[ … */
void list_open(struct jw *w);
/* … ],"next_cursor":…,"has_more":…}, with Link when next, the position of the next page, is not
 * empty. */
void list_close(struct call *call, const struct list *list, struct jw *w, struct slice next,
                bool has_more);

/* For lists that walk one sorted set. The script's arguments: tag before, most rows, change id the
 * caller has, score and member of the page before's last row. */
void list_arguments(struct call *call, const struct list *list);
/* The answer to its reply: {change id, rows, more 0|1, score, member of the last row looked at}, or
 * only {change id}. */
void list_answer(struct call *call, const struct list *list, const struct reply *reply,
                 void (*print_row)(struct call *call, const struct reply *row, struct jw *w));

#endif
