/* err.h: one list of what can go wrong, from the Lua script's error word to the HTTP status.
 *
 * err.def has a row for each: the C name, the public code (API.md, "Errors"), the HTTP status, the
 * word with which a script or Redis itself reports it, and the sentence that the caller reads.
 * Functions that can fail return enum err (OK is 0) and leave their out-parameters untouched on
 * failure.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_ERR_H
#define KVCRM_BASE_ERR_H

#include "kvcrm/base/slice.h"

enum err {
    OK = 0,
#define ERR(name, code, status, word, sentence) ERR_##name,
#include "kvcrm/base/err.def"
#undef ERR
    ERR_COUNT
};

struct err_row {
    const char *code;     /* "not_found" */
    int status;           /* 404 */
    const char *word;     /* "NOTFOUND", or NULL: never said by Redis or a script */
    const char *sentence; /* "There is no such record" */
};

/* err is not OK. */
const struct err_row *err_row(enum err err);
/* The row of an error reply's first word ("NOTFOUND lead 7", "OOM command not allowed …");
 * ERR_INTERNAL for a word that no row has. */
enum err err_of_reply(struct slice error_reply);

#endif
