/* head.h: a second look at the raw request head, for what the packaged libh2o lets pass.
 *
 * Called first thing in the handler, while the head still stands at the front of the socket's
 * buffer (libh2o has lower-cased the names in place; body bytes or the next request may follow).
 * Two readers that disagree about where a request ends are how requests are smuggled, so whatever
 * could be read in two ways is refused: ARCHITECTURE.md has the list.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_HEAD_H
#define KVCRM_HTTP_HEAD_H

#include "kvcrm/base/slice.h"

#define HEAD_MAX ((size_t)32 * 1024) /* request line, headers and the empty line */

enum head_verdict {
    HEAD_OK,
    HEAD_BAD,      /* 400, then close */
    HEAD_TOO_LARGE /* 431, then close */
};

struct head_facts {
    size_t length; /* of the head, with its empty line; the body starts here */
    bool has_transfer_encoding;
    bool has_content_length;
    uint64_t content_length; /* 0 without the header */
    const char *reason;      /* a public sentence, when the verdict is not HEAD_OK */
};

/* raw: the socket's input, at least one complete head. facts are set whatever the verdict; of those
 * only reason is to be used after a refusal. A good request with has_transfer_encoding must still
 * be the last one of its connection: chunks are decoded in place, so their line ends cannot be
 * checked. */
MUST_CHECK enum head_verdict head_check(struct slice raw, struct head_facts *facts);

#endif
