/* inflate.c: gzip to bytes with one cap on the output.
 *
 * The size limit and the ratio limit are the same test: the largest output allowed is known before
 * the first byte, because the whole input is there. The buffer may hold one byte more than that,
 * which is how "too much" is noticed without inflating further.
 *
 * SPDX-License-Identifier: MIT */
#include "inflate.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_ONLY (16 + MAX_WBITS) /* windowBits: a gzip header and trailer are required */
#define LEAST_STEP ((size_t)4096)

struct inflater {
    z_stream z;
};

struct inflater *inflater_new(void)
{
    struct inflater *inflater = calloc(1, sizeof(*inflater));

    if (inflater == NULL || inflateInit2(&inflater->z, GZIP_ONLY) != Z_OK)
        abort();
    return inflater;
}

void inflater_free(struct inflater *inflater)
{
    if (inflater != NULL) {
        inflateEnd(&inflater->z);
        free(inflater);
    }
}

static size_t output_limit(size_t input, size_t max)
{
    size_t by_ratio = input * INFLATE_MAX_RATIO;

    if (by_ratio < INFLATE_RATIO_FREE)
        by_ratio = INFLATE_RATIO_FREE;
    return max < by_ratio ? max : by_ratio;
}

/* Appends what z's input gives; out->max is the limit and one byte. */
static enum err inflate_members(z_stream *z, struct buf *out)
{
    unsigned members = 1;

    for (;;) {
        size_t left = out->max - out->n, step = out->n < LEAST_STEP ? LEAST_STEP : out->n;
        char *room;
        int rc;

        if (left == 0)
            return ERR_TOO_LARGE;
        step = step < left ? step : left;
        room = buf_reserve(out, step);
        z->next_out = (Bytef *)room;
        z->avail_out = (uInt)step;
        rc = inflate(z, Z_NO_FLUSH);
        out->n += step - z->avail_out;
        if (rc != Z_OK && rc != Z_STREAM_END)
            return ERR_BAD_BODY; /* Z_BUF_ERROR too: the input ends inside a member */
        if (rc == Z_STREAM_END) {
            if (z->avail_in == 0)
                return out->n < out->max ? OK : ERR_TOO_LARGE;
            if (++members > INFLATE_MAX_MEMBERS)
                return ERR_TOO_LARGE;
            inflateReset(z);
        }
    }
}

enum err inflate_gzip(struct inflater *inflater, struct slice gzip, size_t max, struct arena *arena,
                      struct slice *out)
{
    struct buf bytes;
    enum err err;

    assert(gzip.n <= UINT_MAX && max < UINT_MAX);
    buf_init(&bytes, output_limit(gzip.n, max) + 1);
    inflateReset(&inflater->z);
    inflater->z.next_in = (z_const Bytef *)gzip.p;
    inflater->z.avail_in = (uInt)gzip.n;
    err = inflate_members(&inflater->z, &bytes);
    if (err == OK)
        *out = arena_copy(arena, buf_slice(&bytes));
    buf_dispose(&bytes);
    return err;
}
