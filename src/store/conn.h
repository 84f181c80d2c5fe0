/* conn.h: an open socket to Redis: commands out, replies in, no knowledge of which is whose.
 *
 * Two buffers: `out` grows while `writing` is the one write that h2o has under way; then they swap.
 * What leaves is decided here (end of the turn, or every 8 commands), what is answered by whom in
 * store.c. `id` changes whenever the connection opens or closes: a callback may do either, and who
 * calls one looks at it afterwards.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_CONN_H
#define KVCRM_STORE_CONN_H

#include "kvcrm/base/buf.h"
#include "kvcrm/loop/loop.h"
#include "reader.h"

#define CONN_MAX_UNSENT (16u << 20) /* bytes in both buffers, beyond which commands are refused */

struct st_h2o_socket_t;

struct conn {
    struct loop *loop;
    void (*on_reply)(void *owner, const struct reply *reply);
    /* The owner closes. why may live in what conn_close frees. */
    void (*on_broken)(void *owner, const char *why);
    void *owner;
    uint64_t id;
    unsigned unsent;      /* commands that are in `out` */
    int64_t last_read_us; /* clock_mono_us when bytes last came */
    /* private */
    struct st_h2o_socket_t *sock;
    struct reader *reader;
    struct buf out, writing;
    bool write_failed;
    struct loop_timer flush;
    unsigned args_left; /* of the command that is being written */
};

void conn_init(struct conn *c, struct loop *loop);
void conn_dispose(struct conn *c);
void conn_open(struct conn *c, struct st_h2o_socket_t *sock);
/* Harmless when it is closed. What was not written is forgotten. */
void conn_close(struct conn *c);

/* One command: begin, its arguments, end. It leaves at the end of this turn, or at once when 8
 * wait. False, and nothing of it is sent, when it does not fit. */
size_t conn_command_begin(struct conn *c);
void conn_args(struct conn *c, unsigned count);
void conn_arg(struct conn *c, struct slice arg);
MUST_CHECK bool conn_command_end(struct conn *c, size_t begin);

#endif
