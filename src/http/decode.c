/* decode.c: encoding, size, first byte: in this order.
 *
 * SPDX-License-Identifier: MIT */
#include "decode.h"

/* The blanks of JSON. */
static struct slice without_leading_blanks(struct slice s)
{
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t' || *s.p == '\r' || *s.p == '\n')) {
        s.p++;
        s.n--;
    }
    return s;
}

static enum err decompress(const struct decode_input *in, struct arena *arena, struct slice *body,
                           struct form_refusal *why)
{
    struct slice encoding = slice_trim(in->content_encoding);
    bool is_gzip = slice_ieq(encoding, SLICE("gzip")) || slice_ieq(encoding, SLICE("x-gzip"));
    enum err err;

    if (!is_gzip && encoding.n > 0 && !slice_ieq(encoding, SLICE("identity")))
        return ERR_UNSUPPORTED_ENCODING;
    if (in->body.n > in->max)
        return ERR_TOO_LARGE;
    if (!is_gzip || in->body.n == 0) {
        *body = in->body;
        return OK;
    }
    err = inflate_gzip(in->inflater, in->body, in->max, arena, body);
    if (err == ERR_BAD_BODY)
        why->detail = "The body is not valid gzip";
    return err;
}

enum err decode_body(const struct decode_input *in, struct arena *arena, struct slice *json,
                     struct form_refusal *why)
{
    struct slice body, text, boundary;
    enum err err = decompress(in, arena, &body, why);

    if (err != OK)
        return err;
    text = without_leading_blanks(body);
    if (text.n == 0) {
        *json = SLICE("{}");
        return OK;
    }
    if (*text.p == '{' || *text.p == '[') {
        *json = body;
        return OK;
    }
    boundary = form_boundary(in->content_type);
    if (boundary.n > 0 && form_has_delimiter(text, boundary))
        return form_multipart(text, boundary, arena, json, why);
    return form_urlencoded(text, arena, json, why);
}
