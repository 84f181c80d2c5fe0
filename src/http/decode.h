/* decode.h: a request body, whatever its encoding and form, as JSON text (API.md, "Bodies").
 *
 * The content type never decides, for real clients send JSON under any label: after decompression
 * the first byte tells. The label only gives a multipart body its boundary.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_DECODE_H
#define KVCRM_HTTP_DECODE_H

#include "form.h"
#include "inflate.h"

struct decode_input {
    struct slice body;
    struct slice content_encoding; /* the header's value, joined by commas when given twice */
    struct slice content_type;
    size_t max; /* bytes of body, before and after decompression */
    struct inflater *inflater;
};

/* OK: *json is the text to give to jr_parse: what was sent, blanks around it included (so that
 * offsets are the sender's), or a form's rendering, or {} for an empty body; a slice of the body or
 * in the arena. ERR_UNSUPPORTED_ENCODING (answer with Accept-Encoding: gzip), ERR_TOO_LARGE,
 * ERR_BAD_BODY with why->detail, ERR_VALIDATION with why->faults. why is initialised by the caller
 * with {0}; its detail stays NULL where the error's own sentence says all. */
MUST_CHECK enum err decode_body(const struct decode_input *in, struct arena *arena,
                                struct slice *json, struct form_refusal *why);

#endif
