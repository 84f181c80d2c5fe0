/* arena.c: bump allocation in a chain of chunks.
 *
 * Only the newest chunk is allocated from; `at` is always aligned to 8. A chunk is twice as large
 * as the one before it, so the number of mallocs grows with the logarithm of what is asked for.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)256 << 20)

enum { ALIGN = 8, FIRST_CHUNK = 4096, LARGEST_STEP = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size;  /* of bytes */
    size_t total; /* of this chunk and all older ones */
    _Alignas(ALIGN) char bytes[];
};

static size_t padding(uintptr_t address)
{
    return -address & (ALIGN - 1);
}

void arena_init(struct arena *a, void *first, size_t size)
{
    size_t skip = padding((uintptr_t)first);

    *a = (struct arena){NULL, NULL, NULL};
    if (first == NULL || size < skip)
        return;
    a->at = (char *)first + skip;
    a->end = (char *)first + size;
}

void arena_dispose(struct arena *a)
{
    for (struct arena_chunk *chunk = a->chunks, *older; chunk != NULL; chunk = older) {
        older = chunk->older;
        free(chunk);
    }
    arena_init(a, NULL, 0);
}

static void add_chunk(struct arena *a, size_t least)
{
    size_t size = FIRST_CHUNK, total = 0;
    struct arena_chunk *chunk;

    if (a->chunks != NULL) {
        size = a->chunks->size * 2;
        total = a->chunks->total;
    }
    if (size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < least)
        size = least;
    if (size > ARENA_MAX - total)
        abort();
    chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        abort();
    chunk->older = a->chunks;
    chunk->size = size;
    chunk->total = total + size;
    a->chunks = chunk;
    a->at = chunk->bytes;
    a->end = chunk->bytes + size;
}

void *arena_alloc(struct arena *a, size_t n)
{
    char *p;

    if (n > ARENA_MAX)
        abort();
    n = n == 0 ? ALIGN : n + padding(n);
    if (a->at == NULL || n > (size_t)(a->end - a->at))
        add_chunk(a, n);
    p = a->at;
    a->at += n;
    return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
    return memset(arena_alloc(a, n), 0, n);
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    char *p;

    if (s.n == 0)
        return s.p == NULL ? SLICE_NONE : SLICE("");
    p = arena_alloc(a, s.n);
    memcpy(p, s.p, s.n);
    return (struct slice){p, s.n};
}

struct slice arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    int n;
    char *p;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        abort();
    p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return (struct slice){p, (size_t)n};
}

struct slice arena_join(struct arena *a, unsigned parts, ...)
{
    va_list args;
    size_t n = 0;
    char *p, *at;

    va_start(args, parts);
    for (unsigned i = 0; i < parts; i++)
        n += va_arg(args, struct slice).n;
    va_end(args);
    p = at = arena_alloc(a, n);
    va_start(args, parts);
    for (unsigned i = 0; i < parts; i++) {
        struct slice part = va_arg(args, struct slice);

        if (part.n > 0)
            memcpy(at, part.p, part.n);
        at += part.n;
    }
    va_end(args);
    return (struct slice){p, n};
}

struct slice arena_i64(struct arena *a, int64_t v)
{
    enum { ROOM = 20 }; /* "-9223372036854775808" */
    char *end = (char *)arena_alloc(a, ROOM) + ROOM, *at = end;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        *--at = '-';
    return (struct slice){at, (size_t)(end - at)};
}
