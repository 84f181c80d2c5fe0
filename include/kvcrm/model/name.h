/* name.h: names as people search for them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_NAME_H
#define KVCRM_MODEL_NAME_H

#include "kvcrm/base/arena.h"

/* What typed looks like to somebody who searches: no case, no accents, one form of letters that
 * have several (NFKC), single blanks between words and none around: " Jiří  NOVÁK" is "jiri novak".
 * In the arena; SLICE_NONE when there is nothing to search for, or when it is no UTF-8. */
struct slice name_fold(struct slice typed, struct arena *arena);

#endif
