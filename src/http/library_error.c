/* library_error.c: the errors that libh2o makes itself, as JSON: length, type and body are replaced on
 * their way out. They come before the path is known, so they carry the members of both styles.
 *
 * SPDX-License-Identifier: MIT */
#include "library_error.h"

#include "problem.h"

#define BODY_MAX 4096

struct stream {
    h2o_ostream_t super;
    h2o_iovec_t body;
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

static void on_setup_ostream(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    struct stream *stream = (struct stream *)h2o_add_ostream(req, sizeof *stream, slot);
    struct buf body;

    (void)filter;
    buf_init(&body, BODY_MAX);
    problem_print(&(struct problem){.err = err_of(req->res.status), .status = req->res.status},
                  STYLE_SEED, &body);
    stream->super.do_send = do_send;
    stream->sent = false;
    stream->body = h2o_strdup(&req->pool, body.p, body.n);
    buf_dispose(&body);
    req->res.content_length = stream->body.len;
    h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE,
                   H2O_STRLIT("application/json"), 1);
    slot = &stream->super.next;
    h2o_setup_next_ostream(req, slot);
}

void library_error_filter(h2o_pathconf_t *fallback)
{
    h2o_filter_t *filter = h2o_create_filter(fallback, sizeof *filter);

    filter->on_setup_ostream = on_setup_ostream;
}
