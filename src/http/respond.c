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
    {401, "Unauthorized"},
    {403, "Forbidden"},
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

void respond_note(const struct respond_line *line)
{
    int64_t us = clock_mono_us() - line->started_us;
    const struct route *route = line->route;
    unsigned row = route != NULL ? (unsigned)(route - routes) : route_count;

    metric_add(requests_total[row * STATUSES + status_index(line->status)], 1);
    metric_observe_us(duration_us, us);
    log_info("request", LOG_STR("request_id", line->request_id),
             LOG_STR("trace_id", line->trace_id), LOG_STR("method", line->method),
             LOG_TEXT("route", route != NULL ? route->path : "none"),
             LOG_INT("status", line->status), LOG_INT("dur_us", us));
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

void respond_headers(h2o_req_t *req, const struct settings *settings, bool capture, struct slice id,
                     const struct trace *trace)
{
    header_add(req, SLICE("x-request-id"), id);
    header_add(req, SLICE("traceparent"), (struct slice){trace->parent, TRACE_PARENT_LEN});
    add_if(req, SLICE("tracestate"), header_get(req, SLICE("tracestate")));
    header_add(req, SLICE("x-content-type-options"), SLICE("nosniff"));
    header_add(req, SLICE("referrer-policy"), SLICE("same-origin"));
    if (!h2o_memis(req->method.base, req->method.len, H2O_STRLIT("OPTIONS")))
        cors_headers(req, settings, capture); /* the preflight has brought its own */
}

/* redis;dur=0.41, total;dur=0.78 in ms. */
static void add_timing(h2o_req_t *req, const struct call *call, int64_t started_us)
{
    struct buf text;

    buf_init(&text, 128);
    buf_str(&text, "redis;dur=");
    buf_money(&text, call->redis_us / 10, 2);
    buf_str(&text, ", total;dur=");
    buf_money(&text, (clock_mono_us() - started_us) / 10, 2);
    h2o_iovec_t copy = h2o_strdup(&req->pool, text.p, text.n);
    buf_dispose(&text);
    header_add(req, SLICE("server-timing"), (struct slice){copy.base, copy.len});
}

void respond_send(h2o_req_t *req, struct call *call, const struct trace *trace, int64_t started_us)
{
    struct answer *out = &call->out;
    enum route_style style = call->route != NULL ? call->route->style : router_style(call->in.path);
    const char *type = out->content_type != NULL ? out->content_type : "application/json";
    bool capture = call->route != NULL && call->route->op->capture;
    struct slice body = out->body;

    if (out->err != OK) {
        body = error_body(call, style);
        type = problem_content_type(style);
        if (out->status == 503)
            header_add(req, SLICE("retry-after"), SLICE(RETRY_AFTER_S));
        if (out->status == 401)
            header_add(req, SLICE("www-authenticate"), SLICE("Bearer"));
        if (out->err == ERR_UNSUPPORTED_ENCODING)
            header_add(req, SLICE("accept-encoding"), SLICE("gzip"));
    }
    req->res.status = out->status;
    req->res.reason = statuses[status_index(out->status)].reason;
    req->res.content_length = body.n;
    if (body.n > 0)
        header_add(req, SLICE("content-type"), slice_of(type));
    respond_headers(req, &call->env->settings, capture, call->in.request_id, trace);
    add_if(req, SLICE("etag"), out->etag);
    add_if(req, SLICE("x-change-id"), out->change_id);
    add_if(req, SLICE("x-total-count"), out->total_count);
    add_if(req, SLICE("link"), out->link);
    add_if(req, SLICE("location"), out->location);
    add_if(req, SLICE("content-location"), out->content_location);
    add_if(req, SLICE("allow"), out->allow);
    add_if(req, SLICE("set-cookie"), out->set_cookie);
    if (out->cache_private)
        header_add(req, SLICE("cache-control"), SLICE("private, no-cache"));
    if (out->replayed)
        header_add(req, SLICE("idempotent-replayed"), SLICE("true"));
    if (capture)
        add_timing(req, call, started_us);
    respond_note(&(struct respond_line){.route = call->route,
                                        .method = call->in.method,
                                        .request_id = call->in.request_id,
                                        .trace_id = trace_id(trace),
                                        .status = out->status,
                                        .started_us = started_us});
    h2o_send_inline(req, body.p, body.n); /* copies; the request may be gone after this */
}
