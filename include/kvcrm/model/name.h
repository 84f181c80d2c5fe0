/* name.h: names of people as they are compared.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_NAME_H
#define KVCRM_MODEL_NAME_H

#include "kvcrm/base/arena.h"

/* In lower case, without blanks at the ends, one blank between words. In the arena. */
struct slice name_fold(struct slice typed, struct arena *arena);

#endif
