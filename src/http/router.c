/* router.c: from method and path to a row of the table of routes.
 *
 * SPDX-License-Identifier: MIT */
#include "router.h"

#include <stdlib.h>

#include "kvcrm/base/crypto.h"

#define BUCKETS 1024 /* a power of two, several times the number of routes */
#define EDGE_PREFIX SLICE("make-server-")

struct router {
    struct slice function_name;
    const struct route *by_path[BUCKETS]; /* routes without parameters, open addressing */
    struct pattern {
        const struct route *route;
        size_t fixed; /* bytes before its first parameter */
    } * patterns;     /* the others */
    unsigned pattern_count;
};

static const uint8_t hash_key[16]; /* the table is ours: nobody else chooses what stands in it */

static unsigned bucket_of(struct slice path)
{
    return (unsigned)crypto_siphash(hash_key, path) & (BUCKETS - 1);
}

static bool is_literal(const char *path)
{
    return strchr(path, '{') == NULL;
}

struct router *router_new(const char *function_name)
{
    struct router *router = calloc(1, sizeof *router);
    struct pattern *patterns = calloc(route_count, sizeof *patterns);

    if (router == NULL || patterns == NULL)
        abort();
    router->function_name = slice_of(function_name);
    router->patterns = patterns;
    for (unsigned i = 0; i < route_count; i++) {
        if (!is_literal(routes[i].path)) {
            patterns[router->pattern_count++] =
                (struct pattern){&routes[i], strcspn(routes[i].path, "{")};
            continue;
        }
        unsigned at = bucket_of(slice_of(routes[i].path));
        while (router->by_path[at] != NULL)
            at = (at + 1) & (BUCKETS - 1);
        router->by_path[at] = &routes[i];
    }
    return router;
}

void router_free(struct router *router)
{
    free(router->patterns);
    free(router);
}

static bool is_function(const struct router *router, struct slice name)
{
    return (slice_starts(name, EDGE_PREFIX) && name.n > EDGE_PREFIX.n) ||
           (router->function_name.n > 0 && slice_eq(name, router->function_name));
}

static bool pattern_matches(const struct router *router, const char *pattern, struct slice path,
                            struct slice params[CALL_MAX_PARAMS])
{
    struct slice wanted = slice_of(pattern), want, have;
    unsigned count = 0;

    for (;;) {
        bool more = slice_cut(&wanted, '/', &want), given = slice_cut(&path, '/', &have);
        if (!more || !given)
            return more == given;
        if (want.n == 0 || want.p[0] != '{') {
            if (!slice_eq(want, have))
                return false;
            continue;
        }
        if (have.n == 0 || count == CALL_MAX_PARAMS)
            return false;
        if (slice_is(want, "{function}") && !is_function(router, have))
            return false;
        params[count++] = have;
    }
}

/* Keeps what fits in *route; true when the method does as well. */
static bool takes(const struct route *candidate, struct slice method, const struct route **route)
{
    struct slice wanted = slice_is(method, "HEAD") ? SLICE("GET") : method;

    if (*route == NULL)
        *route = candidate;
    if (!slice_is(wanted, candidate->method))
        return false;
    *route = candidate;
    return true;
}

enum err router_find(const struct router *router, struct slice method, struct slice path,
                     const struct route **route, struct slice params[CALL_MAX_PARAMS])
{
    const struct route *found = NULL;
    bool fits = false;

    if (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (unsigned at = bucket_of(path); !fits && router->by_path[at] != NULL;
         at = (at + 1) & (BUCKETS - 1)) {
        if (slice_is(path, router->by_path[at]->path))
            fits = takes(router->by_path[at], method, &found);
    }
    for (unsigned i = 0; found == NULL && i < router->pattern_count; i++) {
        const struct pattern *pattern = &router->patterns[i];
        if (path.n < pattern->fixed || memcmp(path.p, pattern->route->path, pattern->fixed) != 0 ||
            !pattern_matches(router, pattern->route->path, path, params))
            continue;
        /* Rows of one path stand together in the table: look at its other methods too. */
        for (unsigned j = i; !fits && j < router->pattern_count &&
                             strcmp(pattern->route->path, router->patterns[j].route->path) == 0;
             j++)
            fits = takes(router->patterns[j].route, method, &found);
    }
    if (found == NULL)
        return ERR_NO_SUCH_PATH;
    *route = found;
    return fits ? OK : ERR_METHOD_NOT_ALLOWED;
}

struct slice router_allow(const struct route *route, struct arena *arena)
{
    struct slice allow = SLICE("OPTIONS");

    for (unsigned i = route_count; i-- > 0;) {
        if (strcmp(routes[i].path, route->path) != 0)
            continue;
        bool get = strcmp(routes[i].method, "GET") == 0;
        allow = arena_join(arena, 3, get ? SLICE("GET, HEAD") : slice_of(routes[i].method),
                           SLICE(", "), allow);
    }
    return allow;
}

enum route_style router_style(struct slice path)
{
    bool seed = slice_starts(path, SLICE("/api/")) || slice_starts(path, SLICE("/make-server-")) ||
                slice_starts(path, SLICE("/functions/"));

    return seed ? STYLE_SEED : STYLE_PROBLEM;
}
