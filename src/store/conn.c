/* conn.c: an open socket to Redis, on h2o's sockets.
 *
 * What h2o asks of its users (ARCHITECTURE.md, "Facts about libh2o"): one write under way at a
 * time, whose bytes stay until its callback; never a write outside the loop; a failed socket is
 * closed by us.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include <h2o/socket.h>

#include "conn.h"
#include "kvcrm/base/clock.h"

#define FLUSH_EVERY 8            /* commands; no measured difference from 8 to 32 */
#define ARG_FRAME_MAX 32         /* bytes around an argument */
#define KEEP_BUFFER (256u << 10) /* a larger one is given back after a burst */

static void on_written(h2o_socket_t *sock, const char *err);

static void buffer_empty(struct buf *b)
{
    if (b->cap > KEEP_BUFFER)
        buf_dispose(b);
    buf_clear(b);
}

static void flush(struct conn *c)
{
    if (c->sock == NULL || c->out.n == 0 || c->write_failed || h2o_socket_is_writing(c->sock))
        return;
    struct buf full = c->out;
    c->out = c->writing;
    c->writing = full;
    c->unsent = 0;
    h2o_iovec_t bytes = h2o_iovec_init(c->writing.p, c->writing.n);
    h2o_socket_write(c->sock, &bytes, 1, on_written);
}

static void on_written(h2o_socket_t *sock, const char *err)
{
    struct conn *c = sock->data;
    if (c == NULL)
        return;
    buffer_empty(&c->writing);
    /* The peer has hung up. Reading will say so in a moment, after what it may have said before,
     * which is the better reason ("-ERR max number of clients reached"). */
    c->write_failed = err != NULL;
    flush(c);
}

static void on_turn_end(struct loop_timer *timer)
{
    flush(timer->data);
}

/* Hands out what has come, until a callback closes the connection. */
static void deliver(struct conn *c)
{
    const struct reply *reply;
    uint64_t id = c->id;
    while (c->id == id) {
        switch (reader_next(c->reader, &reply)) {
        case READER_MORE:
            return;
        case READER_REPLY:
            c->on_reply(c->owner, reply);
            break;
        case READER_BROKEN:
            c->on_broken(c->owner, reader_error(c->reader));
            return;
        }
    }
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
    struct conn *c = sock->data;
    if (c == NULL)
        return;
    if (sock->input->size > 0) {
        uint64_t id = c->id;
        c->last_read_us = clock_mono_us();
        reader_feed(c->reader, (struct slice){sock->input->bytes, sock->input->size});
        h2o_buffer_consume(&sock->input, sock->input->size);
        deliver(c);
        if (c->id != id)
            return;
    }
    if (err != NULL)
        c->on_broken(c->owner, err);
}

void conn_init(struct conn *c, struct loop *loop)
{
    *c = (struct conn){.loop = loop};
    buf_init(&c->out, CONN_MAX_UNSENT);
    buf_init(&c->writing, CONN_MAX_UNSENT);
    loop_timer_init(&c->flush, on_turn_end, c);
}

void conn_dispose(struct conn *c)
{
    conn_close(c);
    buf_dispose(&c->out);
    buf_dispose(&c->writing);
}

void conn_open(struct conn *c, h2o_socket_t *sock)
{
    assert(c->sock == NULL);
    c->id++;
    c->sock = sock;
    c->write_failed = false;
    c->reader = reader_new();
    c->last_read_us = clock_mono_us();
    sock->data = c;
    h2o_socket_read_start(sock, on_readable);
}

void conn_close(struct conn *c)
{
    if (c->sock == NULL)
        return;
    c->id++;
    c->sock->data = NULL;
    h2o_socket_close(c->sock);
    c->sock = NULL;
    reader_free(c->reader);
    c->reader = NULL;
    loop_timer_clear(&c->flush);
    buffer_empty(&c->out);
    buffer_empty(&c->writing);
    c->unsent = 0;
}

size_t conn_command_begin(struct conn *c)
{
    return c->out.n;
}

void conn_args(struct conn *c, unsigned count)
{
    assert(c->args_left == 0);
    c->args_left = count;
    buf_char(&c->out, '*');
    buf_u64(&c->out, count);
    buf_add(&c->out, SLICE("\r\n"));
}

/* $<length>\r\n<bytes>\r\n, in one go: an event has some forty of these. */
void conn_arg(struct conn *c, struct slice arg)
{
    assert(c->args_left > 0);
    c->args_left--;
    char *p = buf_reserve(&c->out, arg.n + ARG_FRAME_MAX);
    if (p == NULL)
        return;
    char digits[20], *end = p;
    unsigned count = 0;
    size_t n = arg.n;
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    *end++ = '$';
    while (count > 0)
        *end++ = digits[--count];
    *end++ = '\r';
    *end++ = '\n';
    if (arg.n > 0)
        memcpy(end, arg.p, arg.n);
    end += arg.n;
    *end++ = '\r';
    *end++ = '\n';
    c->out.n += (size_t)(end - p);
}

bool conn_command_end(struct conn *c, size_t begin)
{
    assert(c->args_left == 0 && c->out.n >= begin);
    if (c->out.full || c->out.n + c->writing.n > CONN_MAX_UNSENT) {
        c->out.n = begin;
        c->out.full = false;
        return false;
    }
    c->unsent++;
    if (c->unsent >= FLUSH_EVERY && loop_is_turning(c->loop))
        flush(c);
    else
        loop_timer_set(c->loop, &c->flush, LOOP_TURN_END);
    return true;
}
