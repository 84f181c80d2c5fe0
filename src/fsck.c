/* fsck.c: proves all indexes, lists and counters of a workspace against its records.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

int cli_fsck(const struct conf *conf)
{
    (void)conf;
    return EXIT_FAILURE;
}
