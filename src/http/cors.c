/* cors.c: what a browser on another origin may do.
 *
 * The allowed origin is echoed, never "*": a beacon with a JSON Blob is a credentialed request, for
 * which browsers refuse the star. The allowed headers are those that real clients were seen to ask
 * for.
 *
 * SPDX-License-Identifier: MIT */
#include "cors.h"

#include "headers.h"

static const struct slice allowed_headers[] = {
    SLICE_CONST("authorization"),   SLICE_CONST("apikey"),           SLICE_CONST("x-client-info"),
    SLICE_CONST("content-type"),    SLICE_CONST("content-encoding"), SLICE_CONST("x-retry-count"),
    SLICE_CONST("x-region"),        SLICE_CONST("anonymousid"),      SLICE_CONST("sentat"),
    SLICE_CONST("idempotency-key"), SLICE_CONST("if-none-match"),    SLICE_CONST("if-match"),
    SLICE_CONST("last-event-id"),   SLICE_CONST("traceparent"),      SLICE_CONST("tracestate"),
    SLICE_CONST("x-request-id"),    SLICE_CONST("x-test-now"),
};

#define ALLOWED_COUNT (sizeof allowed_headers / sizeof allowed_headers[0])

static bool is_allowed(struct slice name)
{
    for (size_t i = 0; i < ALLOWED_COUNT; i++) {
        if (slice_ieq(name, allowed_headers[i]))
            return true;
    }
    return false;
}

static bool add_origin(h2o_req_t *req, const struct settings *settings, bool capture)
{
    struct slice origin = header_get(req, SLICE("origin"));

    if (origin.n == 0 || !settings_origin_allowed(settings, origin))
        return false;
    header_add(req, SLICE("access-control-allow-origin"), origin);
    if (capture)
        header_add(req, SLICE("access-control-allow-credentials"), SLICE("true"));
    return true;
}

/* Those asked for that are on the list; the whole list when none were. */
static struct slice granted_headers(h2o_req_t *req)
{
    struct slice asked = header_get(req, SLICE("access-control-request-headers")), name;
    size_t room = asked.n + 1, n = 0;

    for (size_t i = 0; i < ALLOWED_COUNT; i++)
        room += allowed_headers[i].n + 1;
    char *text = h2o_mem_alloc_pool(&req->pool, room);
    if (slice_trim(asked).n == 0) {
        for (size_t i = 0; i < ALLOWED_COUNT; i++) {
            memcpy(text + n, allowed_headers[i].p, allowed_headers[i].n);
            n += allowed_headers[i].n;
            text[n++] = ',';
        }
    }
    while (slice_cut(&asked, ',', &name)) {
        name = slice_trim(name);
        if (!is_allowed(name))
            continue;
        memcpy(text + n, name.p, name.n);
        n += name.n;
        text[n++] = ',';
    }
    return (struct slice){text, n > 0 ? n - 1 : 0};
}

void cors_preflight(h2o_req_t *req, const struct settings *settings, bool capture)
{
    if (add_origin(req, settings, capture)) {
        header_add(req, SLICE("access-control-allow-methods"),
                   SLICE("GET,POST,PUT,PATCH,DELETE,OPTIONS"));
        header_add(req, SLICE("access-control-allow-headers"), granted_headers(req));
        header_add(req, SLICE("access-control-max-age"), SLICE("600"));
    }
    header_add(req, SLICE("vary"),
               SLICE("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
}

void cors_headers(h2o_req_t *req, const struct settings *settings, bool capture)
{
    header_add(req, SLICE("vary"), SLICE("Origin"));
    if (add_origin(req, settings, capture))
        header_add(req, SLICE("access-control-expose-headers"),
                   SLICE("ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, "
                         "X-Request-Id, X-Change-Id, Idempotent-Replayed"));
}
