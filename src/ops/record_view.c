/* record_view.c: members of an answer from the fields of a record.
 *
 * SPDX-License-Identifier: MIT */
#include "record_view.h"

struct slice record_text(const struct reply *record, const char *field)
{
    return reply_field(record, slice_of(field));
}

int64_t record_i64(const struct reply *record, const char *field)
{
    struct jr_value number = {.raw = record_text(record, field), .type = JR_NUMBER};
    int64_t value = 0;

    return number.raw.n > 0 && jr_i64(number, &value) ? value : 0;
}

void record_put_text(struct jw *w, const char *key, const struct reply *record, const char *field)
{
    jw_key(w, key);
    jw_string_or_null(w, record_text(record, field));
}

void record_put_i64(struct jw *w, const char *key, const struct reply *record, const char *field)
{
    jw_key(w, key);
    jw_i64(w, record_i64(record, field));
}

void record_put_time(struct jw *w, const char *key, const struct reply *record, const char *field)
{
    jw_key(w, key);
    jw_time(w, record_i64(record, field));
}

void record_put_flag(struct jw *w, const char *key, const struct reply *record, const char *field)
{
    jw_key(w, key);
    jw_bool(w, slice_is(record_text(record, field), "1"));
}

void record_put_json(struct jw *w, const char *key, const struct reply *record, const char *field)
{
    struct slice json = record_text(record, field);

    jw_key(w, key);
    if (json.n > 0)
        jw_raw(w, json);
    else
        jw_null(w);
}
