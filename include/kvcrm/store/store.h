/* store.h: a worker's pipelined connection to Redis, and the commands under way on it.
 *
 * One struct store belongs to one loop and is used in its thread only. It connects, authenticates,
 * loads all scripts, lets its owner boot (below), and only then is usable; when the connection is
 * lost it answers every command under way once and reconnects by itself with back-off (50 ms to 1.6
 * s, jitter). Writes leave at the end of the loop's turn, and in the turn after every 8 commands.
 *
 * A command is embedded in its caller's memory: submitting takes no malloc. `build` writes it, and
 * is called again when the same command has to go out once more (NOSCRIPT). `done` is called
 * exactly once, never from inside store_submit; after store_cancel not at all. A command whose
 * deadline has passed may still be executed by Redis: its late reply is swallowed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_STORE_H
#define KVCRM_STORE_STORE_H

#include <stdatomic.h>

#include "kvcrm/base/conf.h"
#include "kvcrm/base/err.h"
#include "kvcrm/loop/loop.h"
#include "kvcrm/store/reply.h"

struct store;
struct store_url;

enum outcome {
    OUTCOME_REPLY,    /* reply is valid; it may be an error reply of Redis */
    OUTCOME_NOT_SENT, /* surely not executed: safe to repeat */
    OUTCOME_UNKNOWN,  /* connection lost after sending: may have been executed */
    OUTCOME_DEADLINE  /* no reply in time: may still be executed */
};

struct cmd {
    void (*build)(struct cmd *cmd, struct store *store);
    /* reply lives only inside the callback, NULL unless OUTCOME_REPLY. */
    void (*done)(struct cmd *cmd, enum outcome outcome, const struct reply *reply);
    uint32_t deadline_ms; /* 0: the store's default (--redis-deadline) */
    bool boot;            /* may be submitted before the store is usable, from on_connected on */
    /* private to the store */
    struct store *store;
    uint64_t seq;
    bool pending;
};

struct store_options {
    const struct store_url *url; /* outlives the store */
    uint32_t deadline_ms;        /* of a command */
    uint32_t max_inflight;       /* commands under way; beyond it store_submit refuses */
    /* The connection stands and scripts are loaded. The owner submits its boot commands and calls
     * store_set_usable when they are answered; if one of them fails, store_drop. */
    void (*on_connected)(void *owner, struct store *store);
    void *owner;
};

/* Connects from the loop; never blocks, never fails. The first one makes the metrics: before other
 * threads print them. */
struct store *store_new(struct loop *loop, const struct store_options *options);
/* Every command under way gets its done (NOT_SENT or UNKNOWN). Call from inside the loop, but
 * not from a callback of the store, or when the loop no longer turns. */
void store_free(struct store *store);

/* OK, or why it was refused: ERR_REDIS_UNAVAILABLE (not connected), ERR_OVERLOADED (too many
 * commands or too many unsent bytes under way). On refusal done is not called. */
MUST_CHECK enum err store_submit(struct store *store, struct cmd *cmd);
/* The caller's memory goes away: done will not be called. Harmless for a command not under way. */
void store_cancel(struct cmd *cmd);

void store_set_usable(struct store *store);
bool store_is_usable(const struct store *store);
/* Closes the connection as if it had failed, with a reason for the log; reconnects by itself. */
void store_drop(struct store *store, const char *why);
/* True when the server at the other end is cluster-enabled (known from on_connected on). */
bool store_is_cluster(const struct store *store);
/* "7.0.15", "" before the first connection. */
const char *store_server_version(const struct store *store);
unsigned store_inflight(const struct store *store);

/* What other threads may look at: /readyz asks all workers. */
struct store_health {
    atomic_bool usable;
    _Atomic int64_t last_reply_us; /* clock_mono_us of the last reply */
};
const struct store_health *store_health(const struct store *store);

/* Inside build: the number of arguments, then each. Straight into the output buffer. */
void store_args(struct store *store, unsigned count);
void store_arg(struct store *store, struct slice arg);
void store_arg_i64(struct store *store, int64_t v);

/* A Redis URL, taken apart: redis://[user[:password]@]host[:port][/db], rediss://…,
 * unix:///path[?db=N] (also unix:/path and a bare /path). Percent-escapes are decoded. What conf
 * has beside the URL (user, password, CA, client certificate, key) fills what the URL does not say.
 * On failure NULL and one clear sentence; redis+cluster:// and redis+sentinel:// are refused so.
 * The result lives until exit. */
const struct store_url *store_url_parse(const char *url, const struct conf *conf, char *error,
                                        size_t error_size);
/* Without secrets, for the log: "redis://host:6379/0". */
const char *store_url_text(const struct store_url *url);

#endif
