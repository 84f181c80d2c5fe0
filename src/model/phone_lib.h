/* phone_lib.h: libphonenumber as C: a number as it is written inside a country, to E.164.
 *
 * Calls may come from all threads at once. Built with KVCRM_PHONE_LIB; without it no national
 * number is explained, and a region is any two capital letters.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MODEL_PHONE_LIB_H
#define MODEL_PHONE_LIB_H

#include <stdbool.h>
#include <stddef.h>

#define PHONE_LIB_MAX 18 /* "+", a calling code of 3 digits, 14 more */

#ifdef KVCRM_PHONE_LIB

#ifdef __cplusplus
extern "C" {
#endif

/* Reads the library's tables, which takes 5 ms; otherwise the first call does. */
void phone_lib_load(void);
/* Two capital letters, ISO 3166. */
bool phone_lib_has_region(const char *region);
/* Writes typed, as somebody in region dials it, into out in E.164 without a NUL. Returns its
 * length, or 0 when it is no number there that can be called from abroad: not even by its length,
 * or, with valid, because its prefix is not in use. */
size_t phone_lib_e164(const char *typed, size_t n, const char *region, bool valid,
                      char out[PHONE_LIB_MAX]);

#ifdef __cplusplus
}
#endif

#else

static inline void phone_lib_load(void)
{
}

static inline bool phone_lib_has_region(const char *region)
{
    return region[0] >= 'A' && region[0] <= 'Z' && region[1] >= 'A' && region[1] <= 'Z' &&
           region[2] == '\0';
}

static inline size_t phone_lib_e164(const char *typed, size_t n, const char *region, bool valid,
                                    char out[PHONE_LIB_MAX])
{
    (void)typed, (void)n, (void)region, (void)valid, (void)out;
    return 0;
}

#endif
#endif
