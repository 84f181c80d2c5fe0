/* conf_table.c: conf.def as rows.
 *
 * SPDX-License-Identifier: MIT */
#include "conf_table.h"

#include <assert.h>

/* clang-format off */
const struct conf_row conf_rows[] = {
#define CONF_GROUP(heading) \
    {CONF_KIND_GROUP, "", heading, 0, NULL, 0, 0, 0},
#define CONF_TEXT(member, name, value, sentence) \
    {CONF_KIND_TEXT, name, sentence, offsetof(struct conf, member), value, 0, 0, 0},
#define CONF_SECRET(member, name, sentence) \
    {CONF_KIND_SECRET, name, sentence, offsetof(struct conf, member), "", 0, 0, 0},
#define CONF_INT(member, name, value, lowest, highest, sentence) \
    {CONF_KIND_INT, name, sentence, offsetof(struct conf, member), NULL, value, lowest, highest},
#define CONF_BOOL(member, name, sentence) \
    {CONF_KIND_BOOL, name, sentence, offsetof(struct conf, member), NULL, 0, 0, 0},
#include "kvcrm/base/conf.def"
#undef CONF_TEXT
#undef CONF_SECRET
#undef CONF_INT
#undef CONF_BOOL
};
/* clang-format on */
_Static_assert(sizeof(conf_rows) / sizeof(conf_rows[0]) <= CONF_MOST_ROWS, "conf.c has no room");

const size_t conf_row_count = sizeof(conf_rows) / sizeof(conf_rows[0]);

char *conf_env_name(const struct conf_row *row, char out[CONF_ENV_NAME_SIZE])
{
    static const char prefix[] = "KVCRM_";
    char *at = out + sizeof(prefix) - 1;

    assert(sizeof(prefix) + strlen(row->flag) <= CONF_ENV_NAME_SIZE);
    memcpy(out, prefix, sizeof(prefix));
    for (const char *c = row->flag; *c != '\0'; c++)
        *at++ = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    *at = '\0';
    return out;
}

const char **conf_text(struct conf *conf, const struct conf_row *row)
{
    assert(row->kind == CONF_KIND_TEXT || row->kind == CONF_KIND_SECRET);
    return (const char **)(void *)((char *)conf + row->offset);
}

int64_t *conf_int(struct conf *conf, const struct conf_row *row)
{
    assert(row->kind == CONF_KIND_INT);
    return (int64_t *)(void *)((char *)conf + row->offset);
}

bool *conf_bool(struct conf *conf, const struct conf_row *row)
{
    assert(row->kind == CONF_KIND_BOOL);
    return (bool *)((char *)conf + row->offset);
}
