/* money.h: amounts in minor units, read exactly from their text (API.md).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_MONEY_H
#define KVCRM_MODEL_MONEY_H

#include "kvcrm/base/slice.h"

#define MONEY_MAX_MAJOR 10000000000LL /* largest amount, in major units, ends included */

/* text: a JSON number (450.1, 1e3) or the same as decimal text, blanks around allowed. Digits
 * beyond `decimals` (0 to 4) are rounded half away from zero. False, *minor untouched, when it is
 * no number, negative (-0 is 0), or above MONEY_MAX_MAJOR. No floating point is involved. */
MUST_CHECK bool money_parse(struct slice text, unsigned decimals, int64_t *minor);

/* Decimals of an ISO 4217 currency code (USD 2, JPY 0, KWD 3); 2 for one that is not known. */
unsigned money_decimals(struct slice currency);

#endif
