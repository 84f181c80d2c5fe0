/* library_error.c: the errors that libh2o makes itself, as JSON: length, type and body are replaced
 * on their way out. They come before the path is known, so they carry the members of both styles.
 *
 * SPDX-License-Identifier: MIT */
#include "library_error.h"

#include "headers.h"
#include "kvcrm/base/clock.h"
#include "problem.h"
#include "respond.h"

#define BODY_MAX 4096

struct stream {
    h2o_ostream_t super;
    h2o_iovec_t body;
    struct trace trace;
    char id[ID_UUID_LEN + 1];
    bool sent;
};

static void do_send(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t count,
                    h2o_send_state_t state)
{
    struct stream *stream = (struct stream *)self;

    (void)bufs;
    (void)count;
    if (stream->sent) {
        h2o_ostream_send_next(self, req, NULL, 0, state);
        return;
    }
    stream->sent = true;
    h2o_ostream_send_next(self, req, &stream->body, 1, state);
}

static enum err err_of(int status)
{
    return status == 413 ? ERR_TOO_LARGE : ERR_BAD_REQUEST;
}

struct filter {
    h2o_filter_t super;
    const struct env *env;
};

static void on_setup_ostream(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    const struct env *env = ((struct filter *)self)->env;
    struct stream *stream = (struct stream *)h2o_add_ostream(req, sizeof *stream, slot);
    struct buf body;

    trace_begin(&stream->trace, header_get(req, SLICE("traceparent")));
    id_uuid7(clock_now_ms(), stream->id);
    struct slice id = {stream->id, ID_UUID_LEN};
    buf_init(&body, BODY_MAX);
    problem_print(&(struct problem){.err = err_of(req->res.status),
                                    .status = req->res.status,
                                    .instance = {req->path.base, req->path.len},
                                    .request_id = id},
                  STYLE_SEED, &body);
    stream->super.do_send = do_send;
    stream->sent = false;
    stream->body = h2o_strdup(&req->pool, body.p, body.n);
    buf_dispose(&body);
    req->res.content_length = stream->body.len;
    h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE,
                   H2O_STRLIT("application/json"), 1);
    respond_headers(req, &env->settings, true, id, &stream->trace);
    respond_note(&(struct respond_line){.method = {req->method.base, req->method.len},
                                        .request_id = id,
                                        .trace_id = trace_id(&stream->trace),
                                        .status = req->res.status,
                                        .started_us = clock_mono_us()});
    h2o_setup_next_ostream(req, &stream->super.next);
}

void library_error_filter(h2o_pathconf_t *fallback, const struct env *env)
{
    struct filter *filter = (struct filter *)h2o_create_filter(fallback, sizeof *filter);

    filter->super.on_setup_ostream = on_setup_ostream;
    filter->env = env;
}
