/* record_view.h: members of an answer from the fields of a record, a flat array of names and
 * values.
 *
 * A field that the record does not have is null, 0 or false.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_RECORD_VIEW_H
#define KVCRM_OPS_RECORD_VIEW_H

#include "kvcrm/model/json.h"
#include "kvcrm/store/reply.h"

struct slice record_text(const struct reply *record, const char *field);
int64_t record_i64(const struct reply *record, const char *field);

/* "key": the field's text, number, time (from ms), or whether it is 1. */
void record_put_text(struct jw *w, const char *key, const struct reply *record, const char *field);
void record_put_i64(struct jw *w, const char *key, const struct reply *record, const char *field);
void record_put_time(struct jw *w, const char *key, const struct reply *record, const char *field);
void record_put_flag(struct jw *w, const char *key, const struct reply *record, const char *field);
/* The field is JSON already. */
void record_put_json(struct jw *w, const char *key, const struct reply *record, const char *field);

#endif
