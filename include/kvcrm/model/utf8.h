/* utf8.h: is this UTF-8?
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_UTF8_H
#define KVCRM_MODEL_UTF8_H

#include "kvcrm/base/slice.h"

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. U+0000 is valid. */
bool utf8_is_valid(struct slice s);

#endif
