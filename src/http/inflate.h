/* inflate.h: a gzip body back to its bytes, bounded. The only user of zlib.
 *
 * An inflater is made once per worker and reused, because setting one up costs more than inflating
 * a usual body. It must not be shared between threads.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_INFLATE_H
#define KVCRM_HTTP_INFLATE_H

#include "kvcrm/base/arena.h"
#include "kvcrm/base/err.h"

#define INFLATE_MAX_RATIO 100                  /* output : input … */
#define INFLATE_RATIO_FREE ((size_t)64 * 1024) /* … once there is more output than this */
#define INFLATE_MAX_MEMBERS 1024               /* gzip members in one body */

struct inflater;

struct inflater *inflater_new(void);
void inflater_free(struct inflater *inflater);

/* gzip (RFC 1952): one member or several after each other, nothing else. OK: *out is in the arena.
 * ERR_BAD_BODY: not gzip, damaged, cut short, or something follows the last member. ERR_TOO_LARGE:
 * more than max bytes come out of it, the ratio is beyond its limit, or too many members. */
MUST_CHECK enum err inflate_gzip(struct inflater *inflater, struct slice gzip, size_t max,
                                 struct arena *arena, struct slice *out);

#endif
