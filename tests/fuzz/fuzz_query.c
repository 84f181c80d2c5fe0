/* fuzz_query.c: query strings become clean text or are refused; a cursor has one spelling and one
 * home.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/query.h"
#include "kvcrm/model/utf8.h"

#define SCOPE 0x0123456789abcdefU

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_getters(const struct query *query, struct arena *arena)
{
    struct faults faults = {0};
    unsigned limit = QUERY_LIMIT_DEFAULT;
    int64_t ms = -1;

    require(query_limit(query, QUERY_LIMIT_MOST, arena, &faults, &limit) == (faults.count == 0));
    require(limit >= 1 && limit <= QUERY_LIMIT_MOST);
    if (!query_time(query, "from", arena, &faults, &ms))
        require(ms == -1 && faults.count > 0);
}

static void check_query(struct slice text, struct arena *arena)
{
    struct query query;

    if (query_parse(text, arena, &query) != OK)
        return;
    require(query.count <= QUERY_MAX_PARAMS);
    for (unsigned i = 0; i < query.count; i++) {
        struct query_param param = query.params[i];

        require(utf8_is_valid(param.name) && utf8_is_valid(param.value) && param.value.p != NULL);
        require(param.name.n + param.value.n <= text.n);
        require(param.name.n == 0 || memchr(param.name.p, 0, param.name.n) == NULL);
        require(param.value.n == 0 || memchr(param.value.p, 0, param.value.n) == NULL);
    }
    check_getters(&query, arena);
}

static void check_cursor(struct slice text, struct arena *arena)
{
    struct slice position, cursor;

    if (cursor_read(SCOPE, text, arena, &position) == OK)
        require(slice_eq(cursor_make(SCOPE, position, arena), text));
    if (text.n > CURSOR_MAX_POSITION)
        return;
    cursor = cursor_make(SCOPE, text, arena);
    require(cursor_read(SCOPE, cursor, arena, &position) == OK && slice_eq(position, text));
    require(cursor_read(SCOPE + 1, cursor, arena, &position) == ERR_BAD_CURSOR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct arena arena;

    arena_init(&arena, NULL, 0);
    check_query(text, &arena);
    check_cursor(text, &arena);
    arena_dispose(&arena);
    return 0;
}
