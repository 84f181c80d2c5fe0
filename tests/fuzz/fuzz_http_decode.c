/* fuzz_http_decode.c: a body by any label and encoding; what gzip hides is read as if it were
 * plain.
 *
 * Input: one byte for the encoding, the content type up to a line feed, the body. With 'z' the body
 * is compressed here first, and must then give what it gives uncompressed.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <zlib.h>

#include "decode.h"
#include "kvcrm/model/json.h"

#define MAX ((size_t)128 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static struct slice gzip(struct slice plain, struct arena *arena)
{
    z_stream z = {.next_in = (z_const Bytef *)plain.p, .avail_in = (uInt)plain.n};

    require(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.avail_out = (uInt)deflateBound(&z, plain.n);
    z.next_out = arena_alloc(arena, z.avail_out);
    require(deflate(&z, Z_FINISH) == Z_STREAM_END && deflateEnd(&z) == Z_OK);
    return (struct slice){(const char *)z.next_out - z.total_out, z.total_out};
}

static enum err decode(struct decode_input *in, struct arena *arena, struct slice *json)
{
    struct form_refusal why = {0};
    enum err err = decode_body(in, arena, json, &why);

    require(err == OK || err == ERR_UNSUPPORTED_ENCODING || err == ERR_TOO_LARGE ||
            err == ERR_BAD_BODY || err == ERR_VALIDATION);
    require(err != ERR_VALIDATION || why.faults.count > 0);
    return err;
}

/* JSON comes back as it was sent; anything else that was taken has become an object of ours. */
static void check(struct slice json, struct slice sent)
{
    struct jr_value root;
    struct jr_fault fault;

    if (slice_eq(json, sent))
        require(json.n <= MAX);
    else
        require(jr_parse(json, &root, &fault) == OK && root.type == JR_OBJECT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice encodings[256] = {['g'] = {"gzip", 4}, ['b'] = {"br", 2}};
    struct slice rest = {(const char *)data + 1, size - 1}, type, json = SLICE_NONE, same;
    struct decode_input in = {.max = MAX};
    struct arena arena;
    enum err err;

    if (size == 0 || !slice_cut(&rest, '\n', &type) || rest.p == NULL)
        return 0;
    arena_init(&arena, NULL, 0);
    in.inflater = inflater_new();
    in.body = rest;
    in.content_type = type;
    in.content_encoding = encodings[*data];
    err = decode(&in, &arena, &json);
    if (err == OK && *data != 'g')
        check(json, rest);
    else if (err == OK)
        require(json.n > 0);
    if (*data == 'z' && rest.n <= MAX && rest.n <= INFLATE_RATIO_FREE) {
        in.body = gzip(rest, &arena);
        in.content_encoding = SLICE("gzip");
        require(decode(&in, &arena, &same) == err);
        require(err != OK || slice_eq(same, json));
    }
    inflater_free(in.inflater);
    arena_dispose(&arena);
    return 0;
}
