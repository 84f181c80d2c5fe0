/* respond.c: an answer on the wire: status, headers, body, one line of access log.
 *
 * SPDX-License-Identifier: MIT */
#include "respond.h"

#include <stdio.h>
#include <stdlib.h>

#include "cors.h"
#include "headers.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "kvcrm/base/metric.h"
#include "problem.h"
#include "router.h"

#define RETRY_AFTER_S "1"

static const struct status {
    int code;
    const char *reason;
} statuses[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

#define STATUSES (sizeof statuses / sizeof statuses[0])

/* By route (the last is for requests that no route takes) and status. */
static struct metric **requests_total;
static struct metric *duration_us;

void respond_init(void)
{
    char labels[256];

    requests_total = calloc((route_count + 1) * STATUSES, sizeof(struct metric *));
    if (requests_total == NULL)
        abort();
    for (unsigned r = 0; r <= route_count; r++) {
        for (unsigned s = 0; s < STATUSES; s++) {
            snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",code=\"%d\"",
                     r < route_count ? routes[r].path : "none",
                     r < route_count ? routes[r].method : "any", statuses[s].code);
            requests_total[r * STATUSES + s] =
                metric_new(METRIC_COUNTER, "kvcrm_http_requests_total",
                           "HTTP requests answered, by route, method and status", labels, true);
        }
    }
    duration_us = metric_new(METRIC_HISTOGRAM, "kvcrm_http_request_duration_seconds",
                             "Time from the whole request to its answer", "", false);
}

static unsigned status_index(int code)
{
    for (unsigned s = 0; s < STATUSES; s++) {
        if (statuses[s].code == code)
            return s;
    }
    return STATUSES - 2; /* 500: an answer that this table does not know is a mistake of ours */
}

static void note(const struct call *call, int status, int64_t started_us)
{
    int64_t us = clock_mono_us() - started_us;
    unsigned route = call->route != NULL ? (unsigned)(call->route - routes) : route_count;
    struct slice path = call->route != NULL ? slice_of(call->route->path) : SLICE("none");

    metric_add(requests_total[route * STATUSES + status_index(status)], 1);
    metric_observe_us(duration_us, us);
    log_info("request", LOG_STR("request_id", call->in.request_id),
             LOG_STR("method", call->in.method), LOG_STR("route", path), LOG_INT("status", status),
             LOG_INT("dur_us", us));
}

static void add_if(h2o_req_t *req, struct slice name, struct slice value)
{
    if (value.n > 0)
        header_add(req, name, value);
}

static struct slice error_body(struct call *call, enum route_style style)
{
    struct buf *body = call_body(call);
    bool in_body = !slice_is(call->in.method, "GET") && !slice_is(call->in.method, "HEAD");

    problem_print(&(struct problem){.err = call->out.err,
                                    .status = call->out.status,
                                    .detail = call->out.detail,
                                    .instance = call->in.path,
                                    .request_id = call->in.request_id,
                                    .faults = call->out.faults,
                                    .members = call->out.members,
                                    .in_body = in_body},
                  style, body);
    return buf_slice(body);
}

void respond_send(h2o_req_t *req, struct call *call, int64_t started_us)
{
    struct answer *out = &call->out;
    enum route_style style =
        call->route != NULL ? call->route->style : router_style(call->in.path);
    const char *type = out->content_type != NULL ? out->content_type : "application/json";
    struct slice body = out->body;

    if (out->err != OK) {
        body = error_body(call, style);
        type = problem_content_type(style);
        if (out->status == 503)
            header_add(req, SLICE("retry-after"), SLICE(RETRY_AFTER_S));
        if (out->err == ERR_UNSUPPORTED_ENCODING)
            header_add(req, SLICE("accept-encoding"), SLICE("gzip"));
    }
    req->res.status = out->status;
    req->res.reason = statuses[status_index(out->status)].reason;
    req->res.content_length = body.n;
    if (body.n > 0)
        header_add(req, SLICE("content-type"), slice_of(type));
    header_add(req, SLICE("x-request-id"), call->in.request_id);
    header_add(req, SLICE("x-content-type-options"), SLICE("nosniff"));
    header_add(req, SLICE("referrer-policy"), SLICE("same-origin"));
    add_if(req, SLICE("etag"), out->etag);
    add_if(req, SLICE("x-change-id"), out->change_id);
    add_if(req, SLICE("link"), out->link);
    add_if(req, SLICE("location"), out->location);
    add_if(req, SLICE("allow"), out->allow);
    if (out->cache_private)
        header_add(req, SLICE("cache-control"), SLICE("private, no-cache"));
    if (out->replayed)
        header_add(req, SLICE("idempotent-replayed"), SLICE("true"));
    if (!slice_is(call->in.method, "OPTIONS")) /* the preflight has brought its own */
        cors_headers(req, &call->env->settings, call->route != NULL && call->route->op->capture);
    note(call, out->status, started_us);
    h2o_send_inline(req, body.p, body.n); /* copies; the request may be gone after this */
}
