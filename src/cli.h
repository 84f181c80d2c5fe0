/* cli.h: the subcommands beside `serve`. Each returns the exit status: 0 done, 1 failed or faults
 * found, 2 used wrongly.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_CLI_H
#define KVCRM_CLI_H

#include "kvcrm/base/conf.h"

int cli_fsck(const struct conf *conf);
int cli_config(const struct conf *conf);
int cli_healthcheck(const struct conf *conf);
int cli_version(const struct conf *conf);

#endif
