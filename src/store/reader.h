/* reader.h: bytes of Redis in, replies out; the seam behind which hiredis stands.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_READER_H
#define KVCRM_STORE_READER_H

#include "kvcrm/base/slice.h"
#include "kvcrm/store/reply.h"

#define READER_MAX_REPLY (16u << 20) /* bytes of one reply's texts */

enum reader_result {
    READER_MORE,   /* no complete reply yet */
    READER_REPLY,  /* one reply, valid until the next call */
    READER_BROKEN, /* not RESP2, or too large: reader_error says which; the reader is dead */
};

struct reader;

struct reader *reader_new(void);
void reader_free(struct reader *r);
void reader_feed(struct reader *r, struct slice bytes);
enum reader_result reader_next(struct reader *r, const struct reply **reply);
const char *reader_error(const struct reader *r);

/* A copy that outlives the reader's, in one block; for free(). */
struct reply *reply_copy(const struct reply *r);

#endif
