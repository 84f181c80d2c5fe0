/* exchange.c: one HTTP exchange: head check, route, body, fields, call.
 *
 * The way of a request, top to bottom, is exchange_start. Each step either goes on or answers the
 * call with an error; the answer goes out by respond_send. The exchange lives in the request's
 * pool, whose dispose is the only place where a call is cancelled.
 *
 * SPDX-License-Identifier: MIT */
#include "exchange.h"

#include "cors.h"
#include "decode.h"
#include "head.h"
#include "headers.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/ops/call.h"
#include "respond.h"

#define REQUEST_ID_MAX 128

struct exchange {
    h2o_req_t *req;
    int64_t started_us;
    struct trace trace;
    struct call call;
};

static void on_request_gone(void *data)
{
    struct exchange *exchange = data;

    call_dispose(&exchange->call);
}

static void on_answer(struct call *call)
{
    struct exchange *exchange = call->owner;

    respond_send(exchange->req, call, &exchange->trace, exchange->started_us);
}

/* Head -------------------------------------------------------------------------------------------
 */

/* The connection ends after this answer. */
static void close_after(h2o_req_t *req)
{
    req->http1_is_persistent = 0;
}

static bool check_head(struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    h2o_buffer_t *input = req->conn->callbacks->get_socket(req->conn)->input;
    struct head_facts facts;
    enum head_verdict verdict = head_check((struct slice){input->bytes, input->size}, &facts);

    if (verdict == HEAD_OK) {
        if (facts.has_transfer_encoding)
            close_after(
                req); /* libh2o decodes chunks in place: their line ends cannot be checked */
        return true;
    }
    close_after(req);
    call_fail(&exchange->call, verdict == HEAD_TOO_LARGE ? ERR_HEAD_TOO_LARGE : ERR_BAD_REQUEST,
              facts.reason);
    return false;
}

static bool is_safe_id(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '_' && c != '-')
            return false;
    }
    return id.n >= 1 && id.n <= REQUEST_ID_MAX;
}

static struct slice request_id(struct exchange *exchange)
{
    struct slice given = header_get(exchange->req, SLICE("x-request-id"));
    char *made;

    if (is_safe_id(given))
        return given;
    made = arena_alloc(&exchange->call.arena, ID_UUID_LEN + 1);
    id_uuid7(clock_now_ms(), made);
    return (struct slice){made, ID_UUID_LEN};
}

/* When the request came. X-Test-Now, only with --test-clock, says it to the millisecond and moves
 * the clock there: a time as in a body, or Unix milliseconds. */
static int64_t received_ms(const struct exchange *exchange)
{
    struct slice text = header_get(exchange->req, SLICE("x-test-now"));
    uint64_t digits;
    int64_t ms;

    if (!exchange->call.env->conf->test_clock || text.n == 0)
        return clock_now_ms();
    if (slice_u64(text, INT64_MAX, &digits))
        ms = (int64_t)digits;
    else if (!clock_parse(text, &ms))
        return clock_now_ms();
    clock_set_ms(ms);
    return ms;
}

/* A target in absolute form, http://host/path (RFC 9112, 3.2.2), means its path. */
static struct slice without_authority(struct slice target)
{
    struct slice rest = target;

    if (target.n == 0 || target.p[0] == '/')
        return target;
    const char *colon = memchr(target.p, ':', target.n);
    if (colon == NULL ||
        !slice_starts((struct slice){colon, (size_t)(target.p + target.n - colon)}, SLICE("://")))
        return target;
    rest.p = colon + 3;
    rest.n = (size_t)(target.p + target.n - rest.p);
    const char *slash = memchr(rest.p, '/', rest.n);
    if (slash == NULL)
        return SLICE("/");
    return (struct slice){slash, (size_t)(rest.p + rest.n - slash)};
}

static void read_target(struct exchange *exchange)
{
    struct call_input *in = &exchange->call.in;
    h2o_req_t *req = exchange->req;

    in->method = (struct slice){req->method.base, req->method.len};
    in->path = (struct slice){req->path.base, req->path.len};
    const char *mark = memchr(in->path.p, '?', in->path.n);
    if (mark != NULL) {
        in->query = (struct slice){mark + 1, in->path.n - (size_t)(mark + 1 - in->path.p)};
        in->path.n = (size_t)(mark - in->path.p);
    }
    in->path = without_authority(in->path);
    in->if_none_match = header_get(req, SLICE("if-none-match"));
    in->if_match = header_get(req, SLICE("if-match"));
    in->request_id = request_id(exchange);
}

/* Route -------------------------------------------------------------------------------------------
 */

static bool find_route(struct exchange_context *context, struct call *call)
{
    const struct route *route = NULL;
    enum err err =
        router_find(context->router, call->in.method, call->in.path, &route, call->in.params);

    call->route = route;
    if (err == ERR_METHOD_NOT_ALLOWED)
        call->out.allow = router_allow(route, &call->arena);
    if (err != OK)
        call_fail(call, err, NULL);
    return err == OK;
}

/* "<key>" or <key>, 1 to 255 visible ASCII characters. */
static bool read_idempotency_key(struct exchange *exchange)
{
    struct call *call = &exchange->call;
    struct slice key = header_get(exchange->req, SLICE("idempotency-key"));

    if (key.p == NULL || !call->route->op->writes)
        return true;
    key = slice_trim(key);
    if (key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"')
        key = (struct slice){key.p + 1, key.n - 2};
    bool fits = key.n >= 1 && key.n <= CALL_IDEMPOTENCY_KEY_MAX;
    for (size_t i = 0; fits && i < key.n; i++)
        fits = key.p[i] > ' ' && key.p[i] < 0x7F;
    if (!fits) {
        call_fail(call, ERR_BAD_REQUEST,
                  "Expected an Idempotency-Key of 1 to 255 visible characters");
        return false;
    }
    call->in.idempotency_key = key;
    return true;
}

/* The client's address, as bytes; the operations only ever keep a keyed hash of it. */
static struct slice read_address(struct exchange_context *context, struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    struct arena *arena = &exchange->call.arena;
    struct slice forwarded = SLICE_NONE;
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};

    for (size_t i = 0; i < req->headers.size && context->proxies.count > 0; i++) {
        const h2o_header_t *header = &req->headers.entries[i];
        struct slice name = {header->name->base, header->name->len};
        struct slice value = {header->value.base, header->value.len};
        if (slice_is(name, "x-forwarded-for"))
            forwarded =
                forwarded.n > 0 ? arena_join(arena, 3, forwarded, SLICE(","), value) : value;
    }
    req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)&peer);
    uint8_t *address = arena_alloc(arena, CLIENT_ADDRESS_LEN);
    client_address(&context->proxies, (struct sockaddr *)&peer, forwarded, address);
    return (struct slice){(char *)address, CLIENT_ADDRESS_LEN};
}

static void read_visitor(struct exchange_context *context, struct exchange *exchange)
{
    struct visitor_head *visitor = &exchange->call.in.visitor;
    const h2o_req_t *req = exchange->req;

    if (!exchange->call.route->op->visitor)
        return;
    visitor->address = read_address(context, exchange);
    visitor->cookie = header_get(req, SLICE("cookie"));
    visitor->referer = header_get(req, SLICE("referer"));
    visitor->user_agent = header_get(req, SLICE("user-agent"));
    visitor->refuses = slice_is(header_get(req, SLICE("dnt")), "1") ||
                       slice_is(header_get(req, SLICE("sec-gpc")), "1");
}

static bool read_query(struct call *call)
{
    enum err err = query_parse(call->in.query, &call->arena, &call->query);

    if (err != OK)
        call_fail(call, err, NULL);
    return err == OK;
}

/* Body --------------------------------------------------------------------------------------------
 */

/* What is proven to be somebody's is theirs to have understood, not to be told that it is broken.
 */
static bool is_left_unread(struct call *call)
{
    if (!call->in.sent.authentic)
        return false;
    call->route->op->unreadable(call);
    return true;
}

static bool admit(struct exchange *exchange)
{
    struct call *call = &exchange->call;
    h2o_req_t *req = exchange->req;

    if (call->route->op->admit == NULL)
        return true;
    call->in.sent = (struct sent_body){
        .bytes = {req->entity.base, req->entity.len},
        .content_encoding = header_get(req, SLICE("content-encoding")),
        .hub_signature = header_get(req, SLICE("x-hub-signature-256")),
        .twilio_signature = header_get(req, SLICE("x-twilio-signature")),
    };
    return call->route->op->admit(call);
}

static bool fail_json(struct call *call, enum err err, const struct jr_fault *fault)
{
    if (is_left_unread(call))
        return false;
    if (err == ERR_VALIDATION) {
        fault_add(&call->faults, &call->arena, slice_of(fault->path), fault->code, "%s",
                  fault->detail);
        call_invalid(call, &call->faults);
    } else {
        call_fail(
            call, err,
            arena_printf(&call->arena, "%s at byte %zu%c", fault->detail, fault->offset, '\0').p);
    }
    return false;
}

static bool decode(struct exchange_context *context, struct exchange *exchange)
{
    struct call *call = &exchange->call;
    h2o_req_t *req = exchange->req;
    struct form_refusal why = {.detail = NULL};
    struct decode_input input = {
        .body = {req->entity.base, req->entity.len},
        .content_encoding = header_get(req, SLICE("content-encoding")),
        .content_type = header_get(req, SLICE("content-type")),
        .max = call->route->op->body_max > 0 ? call->route->op->body_max : OP_BODY_MAX,
        .inflater = context->inflater,
    };
    enum err err = decode_body(&input, &call->arena, &call->in.body_text, &why);

    if (err != OK && is_left_unread(call))
        return false;
    if (err == ERR_VALIDATION) {
        struct faults *faults = arena_alloc(&call->arena, sizeof *faults);
        *faults = why.faults;
        call_invalid(call, faults);
    } else if (err != OK) {
        call_fail(call, err, why.detail);
    }
    return err == OK;
}

static bool read_body(struct exchange_context *context, struct exchange *exchange)
{
    struct call *call = &exchange->call;
    const struct op *op = call->route->op;
    struct jr_fault fault;

    if (op->input == NULL && !op->any_body)
        return true;
    if (!admit(exchange) || !decode(context, exchange))
        return false;
    enum err err = jr_parse(call->in.body_text, &call->in.body, &fault);
    if (err != OK)
        return fail_json(call, err, &fault);
    if (op->input == NULL)
        return true;
    field_check(op->input, call->in.body, op->capture, call->env->settings.decimals, &call->arena,
                &call->fields);
    if (call->fields.faults.count > 0) {
        call_invalid(call, &call->fields.faults);
        return false;
    }
    return true;
}

/* The whole way -----------------------------------------------------------------------------------
 */

static bool is_capture(const struct exchange_context *context, struct slice path)
{
    struct slice params[CALL_MAX_PARAMS];
    const struct route *route;

    return router_find(context->router, SLICE("POST"), path, &route, params) == OK &&
           route->op->capture;
}

void exchange_start(struct exchange_context *context, h2o_req_t *req)
{
    struct exchange *exchange = h2o_mem_alloc_shared(&req->pool, sizeof *exchange, on_request_gone);
    struct call *call = &exchange->call;

    exchange->req = req;
    exchange->started_us = clock_mono_us();
    trace_begin(&exchange->trace, header_get(req, SLICE("traceparent")));
    call_init(call, context->env, NULL, on_answer, exchange);
    call->in.received_ms = received_ms(exchange);
    read_target(exchange);

    if (!check_head(exchange))
        return;
    if (slice_is(call->in.method, "OPTIONS")) {
        cors_preflight(req, &context->env->settings, is_capture(context, call->in.path));
        call_body(call);
        call_ok(call, 204);
        return;
    }
    if (!find_route(context, call) || !read_idempotency_key(exchange) || !read_query(call) ||
        !read_body(context, exchange))
        return;
    read_visitor(context, exchange);
    call->route->op->run(call);
}
