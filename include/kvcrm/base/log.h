/* log.h: one line per event on standard error, key=value or JSON, personal data masked by its type.
 *
 *     log_info("workspace loaded", LOG_STR("name", ws), LOG_INT("settings", n));
 *     ts=2025-11-11T10:00:00.000Z level=info msg="workspace loaded" name=acme settings=3
 *
 * A phone, e-mail or name goes in by its own macro and comes out masked, so that nobody can forget.
 * Lines are gathered per thread; info lines leave at log_flush (each turn of a loop), warnings and
 * errors at once. A line is at most 1,024 bytes, what is longer is cut inside a field. Field values
 * are escaped: no value can start a new line or a new field.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_LOG_H
#define KVCRM_BASE_LOG_H

#include "kvcrm/base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum log_type {
    LOG_TYPE_TEXT,
    LOG_TYPE_INT,
    LOG_TYPE_PHONE, /* +1***67: calling code's first digit and the last two */
    LOG_TYPE_EMAIL, /* j***@e***: the first character of each part */
    LOG_TYPE_NAME   /* J*** */
};

struct log_field {
    const char *key;
    enum log_type type;
    struct slice text;
    int64_t number;
};

#define LOG_STR(k, s) ((struct log_field){(k), LOG_TYPE_TEXT, (s), 0})
#define LOG_TEXT(k, cstring) ((struct log_field){(k), LOG_TYPE_TEXT, slice_of(cstring), 0})
#define LOG_INT(k, v) ((struct log_field){(k), LOG_TYPE_INT, SLICE_NONE, (int64_t)(v)})
#define LOG_PHONE(k, s) ((struct log_field){(k), LOG_TYPE_PHONE, (s), 0})
#define LOG_EMAIL(k, s) ((struct log_field){(k), LOG_TYPE_EMAIL, (s), 0})
#define LOG_NAME(k, s) ((struct log_field){(k), LOG_TYPE_NAME, (s), 0})

/* Once, before the threads start. Default: info, logfmt. */
void log_setup(enum log_level least, enum log_format format);
/* Empty text fields are left out of the line. */
void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count);
void log_flush(void);

#define LOG_FIELDS(...)                      \
    (const struct log_field[]){__VA_ARGS__}, \
        sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)
#define log_debug(msg, ...) log_write(LOG_LEVEL_DEBUG, (msg), LOG_FIELDS(__VA_ARGS__))
#define log_info(msg, ...) log_write(LOG_LEVEL_INFO, (msg), LOG_FIELDS(__VA_ARGS__))
#define log_warn(msg, ...) log_write(LOG_LEVEL_WARN, (msg), LOG_FIELDS(__VA_ARGS__))
#define log_error(msg, ...) log_write(LOG_LEVEL_ERROR, (msg), LOG_FIELDS(__VA_ARGS__))

#endif
