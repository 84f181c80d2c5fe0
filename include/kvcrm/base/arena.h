/* arena.h: memory that lives exactly as long as one call, given back in one go.
 *
 * The first chunk is the caller's (usually inside the call itself), so that an ordinary request
 * takes no malloc; further chunks come from the heap, up to a maximum, beyond which the program
 * aborts: what is put here is bounded by the size of a request and of a reply, both of which are
 * bounded.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_BASE_ARENA_H
#define KVCRM_BASE_ARENA_H

#include "kvcrm/base/buf.h"
#include "kvcrm/base/slice.h"

struct arena {
    char *at, *end;
    struct arena_chunk *chunks;
};

/* first may be NULL with size 0. */
void arena_init(struct arena *a, void *first, size_t size);
void arena_dispose(struct arena *a);
/* Aligned to 8 bytes, not zeroed. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc, returns_nonnull));
void *arena_zalloc(struct arena *a, size_t n) __attribute__((malloc, returns_nonnull));
struct slice arena_copy(struct arena *a, struct slice s);
struct slice arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Joined: arena_join(a, 3, x, y, z). */
struct slice arena_join(struct arena *a, unsigned parts, ...);
/* Decimal text of v. */
struct slice arena_i64(struct arena *a, int64_t v);

#endif
