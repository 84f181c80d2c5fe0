/* form.h: HTML forms (urlencoded and multipart) as JSON text, so that all later code reads JSON
 * only.
 *
 * Every value becomes a JSON string. Names are paths: a.b and a[b] are member b of object a, a[] is
 * an element of array a, and a name given more than once makes an array too. A name that does not
 * follow this grammar (a..b, a[b, a[][b]) is taken literally, as one member. What comes out passes
 * jr_parse.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_FORM_H
#define KVCRM_HTTP_FORM_H

#include "kvcrm/base/arena.h"
#include "kvcrm/base/err.h"
#include "kvcrm/model/field.h"

#define FORM_MAX_PAIRS 256 /* name=value pairs, or parts */
#define FORM_MAX_DEPTH 8   /* names in one path */
#define FORM_MAX_NAME 255  /* bytes of a whole name, decoded */

/* Why a body was refused: detail (a public sentence) belongs to ERR_BAD_BODY, faults to
 * ERR_VALIDATION. */
struct form_refusal {
    const char *detail;
    struct faults faults;
};

/* Is body name=value(&name=value)*, with bytes that such a form can have? Whether its escapes and
 * its UTF-8 are right is for form_urlencoded to say. */
bool form_looks_urlencoded(struct slice body);

/* The boundary in a content type of multipart/form-data; SLICE_NONE for any other type, and when it
 * has none or none that RFC 2046 allows. */
struct slice form_boundary(struct slice content_type);

/* Does body have the boundary's delimiter at its start or at the start of a line? */
bool form_has_delimiter(struct slice body, struct slice boundary);

/* OK: *json is one JSON object, in the arena. ERR_BAD_BODY: broken escapes, UTF-8, or multipart
 * frame. ERR_VALIDATION: well-formed but not taken: files, U+0000, too many or too long names, too
 * deep, one name with two shapes (a=1&a.b=2). why is initialised by the caller with {0}. */
MUST_CHECK enum err form_urlencoded(struct slice body, struct arena *arena, struct slice *json,
                                    struct form_refusal *why);
MUST_CHECK enum err form_multipart(struct slice body, struct slice boundary, struct arena *arena,
                                   struct slice *json, struct form_refusal *why);

#endif
