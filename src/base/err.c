/* err.c: the rows of err.def, by number and by the word of an error reply.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/err.h"

#include <assert.h>

static const struct err_row rows[ERR_COUNT] = {
#define ERR(name, code, status, word, sentence) [ERR_##name] = {code, status, word, sentence},
#include "kvcrm/base/err.def"
#undef ERR
};

const struct err_row *err_row(enum err err)
{
    assert(err > OK && err < ERR_COUNT);
    return &rows[err];
}

enum err err_of_reply(struct slice error_reply)
{
    struct slice word = SLICE_NONE;

    (void)slice_cut(&error_reply, ' ', &word);
    for (int i = OK + 1; i < ERR_COUNT; i++)
        if (rows[i].word != NULL && slice_is(word, rows[i].word))
            return (enum err)i;
    return ERR_INTERNAL;
}
