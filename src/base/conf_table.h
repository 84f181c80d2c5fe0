/* conf_table.h: conf.def as rows, for conf.c (reading) and conf_print.c (showing).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_CONF_TABLE_H
#define BASE_CONF_TABLE_H

#include "kvcrm/base/conf.h"

enum conf_kind { CONF_KIND_TEXT, CONF_KIND_SECRET, CONF_KIND_INT, CONF_KIND_BOOL, CONF_KIND_GROUP };

struct conf_row {
    enum conf_kind kind;
    const char *flag; /* "redis-deadline"; "" in the row of a group */
    const char *doc;  /* the sentence, or the group's heading */
    size_t offset;    /* of the member in struct conf */
    const char *preset;
    int64_t preset_int, least, most;
};

enum { CONF_ENV_NAME_SIZE = 64, CONF_MOST_ROWS = 128 };

extern const struct conf_row conf_rows[];
extern const size_t conf_row_count;

/* "KVCRM_REDIS_DEADLINE". Returns out. */
char *conf_env_name(const struct conf_row *row, char out[CONF_ENV_NAME_SIZE]);
/* The member that belongs to the row, of the row's kind. */
const char **conf_text(struct conf *conf, const struct conf_row *row);
int64_t *conf_int(struct conf *conf, const struct conf_row *row);
bool *conf_bool(struct conf *conf, const struct conf_row *row);

#endif
