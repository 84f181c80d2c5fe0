/* loop.h: one thread's event loop (h2o's evloop), its timers and its letter box.
 *
 * Everything that hangs on a loop belongs to the loop's thread. Other threads may only loop_post.
 * All timer callbacks run inside the loop; h2o must never be written to from outside it
 * (ARCHITECTURE.md, "Facts about libh2o").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_LOOP_LOOP_H
#define KVCRM_LOOP_LOOP_H

#include <stdatomic.h>

#include "kvcrm/base/slice.h"

struct loop;
struct st_h2o_evloop_t;
struct st_h2o_multithread_receiver_t;

struct loop *loop_new(void);
/* Nothing may hang on it any more. A held loop is not freed but left behind. */
void loop_free(struct loop *loop);
/* Between these two another thread (a name lookup, which nobody can interrupt) owes the loop a
 * message. Loop's thread only. */
void loop_hold(struct loop *loop);
void loop_release(struct loop *loop);
/* Turns until *stop is true, looking at it at least every 250 ms and after every loop_post. */
void loop_run(struct loop *loop, const atomic_bool *stop);
/* One turn: waits up to max_wait_ms for something to happen, then handles all of it. */
void loop_turn(struct loop *loop, int max_wait_ms);
/* True inside a callback of the loop: only then may h2o be written to. */
bool loop_is_turning(const struct loop *loop);

/* The h2o loop inside, for the files that speak to h2o (store/conn.c, http). */
struct st_h2o_evloop_t *loop_h2o(struct loop *loop);
/* Receiver for h2o_hostinfo_getaddr. */
struct st_h2o_multithread_receiver_t *loop_resolver(struct loop *loop);

/* A timer is embedded in what it serves and must not move while it is set. Three periods, because
 * h2o keeps one list per period: at the end of this turn, about every 20 ms, about every 100 ms.
 * Each fires once; set it again from its callback to go on (never LOOP_TURN_END from its own
 * callback: the turn would not end). */
enum loop_period { LOOP_TURN_END, LOOP_TICK_20MS, LOOP_TICK_100MS, LOOP_PERIODS };

struct loop_timer {
    void *h2o_entry[4]; /* an h2o_timeout_entry_t: a static assertion in loop.c checks the size */
    void (*on_time)(struct loop_timer *timer);
    void *data;
};

void loop_timer_init(struct loop_timer *timer, void (*on_time)(struct loop_timer *), void *data);
/* Does nothing when it is set already. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, enum loop_period period);
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

/* Runs on_message(message) in the loop's thread, in order of posting. message is embedded in the
 * caller's struct and belongs to the loop until then. From any thread. */
struct loop_message {
    void *h2o_link[2];
    void (*on_message)(struct loop_message *message);
};
void loop_post(struct loop *loop, struct loop_message *message);

#endif
