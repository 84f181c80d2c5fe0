/* log_mask.h: what the log shows of personal data: enough to recognise a value one knows already,
 * too little to learn it. What a mask keeps is still foreign text, and must be escaped.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_LOG_MASK_H
#define BASE_LOG_MASK_H

#include "kvcrm/base/slice.h"

enum { LOG_MASK_SIZE = 16 }; /* two characters of UTF-8 and seven of our own */

/* s is not empty. The result lies in out, or in static memory. */
struct slice log_mask_phone(struct slice s, char out[LOG_MASK_SIZE]);
struct slice log_mask_email(struct slice s, char out[LOG_MASK_SIZE]);
struct slice log_mask_name(struct slice s, char out[LOG_MASK_SIZE]);

#endif
