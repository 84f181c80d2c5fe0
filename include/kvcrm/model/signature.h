/* signature.h: is a webhook's body its sender's? What Meta and Twilio sign, and how.
 *
 * All of it works on the bytes as they came, before anything reads them, and compares in constant
 * time. An empty secret fits nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_SIGNATURE_H
#define KVCRM_MODEL_SIGNATURE_H

#include "kvcrm/base/arena.h"

/* Meta: the header X-Hub-Signature-256 is "sha256=" and the body's HMAC-SHA256 in lower-case hex.
 */
MUST_CHECK bool signature_meta_fits(struct slice secret, struct slice header, struct slice body);

/* What Twilio has called: url is how its owner knows the service (https://crm.example.com), target
 * the path and query of this request. */
struct signed_url {
    struct slice url, path, query;
};

/* Twilio: the header X-Twilio-Signature is base64 of the HMAC-SHA1 of the URL, followed by name and
 * value of every parameter of the form, in the order of their names. The URL may have been signed
 * with its port or without. */
MUST_CHECK bool signature_twilio_form_fits(struct slice token, struct slice header,
                                           struct signed_url url, struct slice form,
                                           struct arena *arena);
/* The same for any other body: only the URL is signed, and its parameter bodySHA256 is the body's
 * hash in hex. */
MUST_CHECK bool signature_twilio_body_fits(struct slice token, struct slice header,
                                           struct signed_url url, struct slice body,
                                           struct arena *arena);

#endif
