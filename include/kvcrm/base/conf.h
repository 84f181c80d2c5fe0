/* conf.h: the options of the program, from one table.
 *
 * A row of conf.def is an option: flag --redis, environment KVCRM_REDIS, file line "redis = …",
 * member conf->redis, default and the sentence that --help and deploy/kvcrm.conf print. Flag >
 * environment > file > default. A secret also comes from the file named by KVCRM_…_FILE, is refused
 * as a flag, and is never printed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_CONF_H
#define KVCRM_BASE_CONF_H

#include "kvcrm/base/buf.h"

struct conf {
#define CONF_TEXT(name, flag, preset, doc) const char *name;
#define CONF_SECRET(name, flag, doc) const char *name;
#define CONF_INT(name, flag, preset, least, most, doc) int64_t name;
#define CONF_BOOL(name, flag, doc) bool name;
#include "kvcrm/base/conf.def"
#undef CONF_TEXT
#undef CONF_SECRET
#undef CONF_INT
#undef CONF_BOOL
};

/* argv: the words after the subcommand. True: conf is complete; its texts live until exit. False:
 * one clear sentence in error, which names the option and what was expected, never a secret's
 * value. */
MUST_CHECK bool conf_load(struct conf *conf, int argc, char **argv, char **environment, char *error,
                          size_t error_size);
/* The options as --help shows them. */
void conf_help(struct buf *out);
/* What is in force, as a config file; secrets as comments ("# redis-password is set"). */
void conf_print(const struct conf *conf, struct buf *out);

#endif
