/* webhook_fixture.h: a request of tests/fixtures/webhooks, cut into what a test needs of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEST_WEBHOOK_FIXTURE_H
#define TEST_WEBHOOK_FIXTURE_H

#include <stdio.h>

#include "kvcrm/base/arena.h"

struct webhook_fixture {
    struct slice head, body;
};

static inline struct webhook_fixture webhook_fixture(const char *name, struct arena *arena)
{
    struct slice path = arena_printf(arena, "%s/webhooks/%s%c", TEST_FIXTURES, name, '\0');
    char *text = arena_alloc(arena, 8192);
    FILE *f = fopen(path.p, "re");

    assert_non_null(f);
    size_t n = fread(text, 1, 8192, f);
    (void)fclose(f);
    char *end = memmem(text, n, "\r\n\r\n", 4);
    assert_non_null(end);
    return (struct webhook_fixture){{text, (size_t)(end - text)},
                                    {end + 4, n - (size_t)(end + 4 - text)}};
}

static inline struct slice webhook_header(struct webhook_fixture fixture, const char *name)
{
    const char *at = memmem(fixture.head.p, fixture.head.n, name, strlen(name));

    assert_non_null(at);
    at += strlen(name) + 2;
    const char *end = memchr(at, '\r', (size_t)(fixture.head.p + fixture.head.n - at));
    return (struct slice){at, end != NULL ? (size_t)(end - at)
                                          : (size_t)(fixture.head.p + fixture.head.n - at)};
}

#endif
