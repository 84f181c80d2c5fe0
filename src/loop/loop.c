/* loop.c: one thread's event loop around h2o's evloop: turns, timers, letter box.
 *
 * h2o's timers run on the wall clock, cached per turn. When it is set back, entries registered "in
 * the future" would stay asleep until that time has come again; loop_turn therefore moves them back
 * to the present. Nothing here is a deadline: those compare clock_mono_us in a timer's callback.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <h2o/hostinfo.h>
#include <h2o/multithread.h>
#include <h2o/timeout.h>

#include "kvcrm/base/log.h"
#include "kvcrm/loop/loop.h"

#define LOOP_MAX_WAIT_MS 250

static const uint64_t periods_ms[LOOP_PERIODS] = {
    [LOOP_TURN_END] = 0, [LOOP_TICK_20MS] = 20, [LOOP_TICK_100MS] = 100};

struct loop {
    h2o_evloop_t *h2o;
    h2o_timeout_t lists[LOOP_PERIODS];
    h2o_multithread_queue_t *queue;
    h2o_multithread_receiver_t letters, resolver;
    uint64_t last_now;
    unsigned held;
    bool is_turning;
};

static_assert(sizeof(((struct loop_timer *)NULL)->h2o_entry) >= sizeof(h2o_timeout_entry_t),
              "loop_timer has room for h2o's entry");
static_assert(_Alignof(struct loop_timer) >= _Alignof(h2o_timeout_entry_t), "and aligns it");
static_assert(offsetof(struct loop_timer, h2o_entry) == 0, "an entry is its timer");
static_assert(sizeof(((struct loop_message *)NULL)->h2o_link) >= sizeof(h2o_multithread_message_t),
              "loop_message has room for h2o's link");
static_assert(offsetof(struct loop_message, h2o_link) == 0, "a link is its message");

static h2o_timeout_entry_t *timer_entry(const struct loop_timer *timer)
{
    return (h2o_timeout_entry_t *)timer->h2o_entry;
}

static void on_letters(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        struct loop_message *message = (struct loop_message *)messages->next;
        h2o_linklist_unlink(messages->next);
        message->on_message(message);
    }
}

struct loop *loop_new(void)
{
    struct loop *loop = h2o_mem_alloc(sizeof(*loop));
    (void)signal(SIGPIPE, SIG_IGN); /* writing to a closed socket is an error like others */
    *loop = (struct loop){.h2o = h2o_evloop_create()};
    /* h2o runs the lists in this order: what the ticks start is flushed at the end of the same
     * turn. */
    h2o_timeout_init(loop->h2o, &loop->lists[LOOP_TICK_20MS], periods_ms[LOOP_TICK_20MS]);
    h2o_timeout_init(loop->h2o, &loop->lists[LOOP_TICK_100MS], periods_ms[LOOP_TICK_100MS]);
    h2o_timeout_init(loop->h2o, &loop->lists[LOOP_TURN_END], periods_ms[LOOP_TURN_END]);
    loop->queue = h2o_multithread_create_queue(loop->h2o);
    h2o_multithread_register_receiver(loop->queue, &loop->letters, on_letters);
    h2o_multithread_register_receiver(loop->queue, &loop->resolver, h2o_hostinfo_getaddr_receiver);
    loop->last_now = h2o_now(loop->h2o);
    return loop;
}

void loop_free(struct loop *loop)
{
    /* One more turn: h2o frees closed sockets at the beginning of the next one. */
    loop_turn(loop, 0);
    if (loop->held > 0)
        return;
    h2o_multithread_unregister_receiver(loop->queue, &loop->letters);
    h2o_multithread_unregister_receiver(loop->queue, &loop->resolver);
    h2o_multithread_destroy_queue(loop->queue);
    free(loop->queue); /* h2o 2.2.5 closes its pipe and forgets its memory */
    for (int period = 0; period < LOOP_PERIODS; period++)
        h2o_timeout_dispose(loop->h2o, &loop->lists[period]);
    h2o_evloop_destroy(
        loop->h2o); /* leaves its epoll descriptor open: a loop lives as long as us */
    free(loop);
}

void loop_hold(struct loop *loop)
{
    loop->held++;
}

void loop_release(struct loop *loop)
{
    assert(loop->held > 0);
    loop->held--;
}

/* The wall clock went back: timers of all lists, h2o's own included, start anew from now. */
static void timers_rebase(h2o_evloop_t *h2o)
{
    for (h2o_linklist_t *l = h2o->_timeouts.next; l != &h2o->_timeouts; l = l->next) {
        h2o_timeout_t *list = H2O_STRUCT_FROM_MEMBER(h2o_timeout_t, _link, l);
        for (h2o_linklist_t *e = list->_entries.next; e != &list->_entries; e = e->next) {
            h2o_timeout_entry_t *entry = H2O_STRUCT_FROM_MEMBER(h2o_timeout_entry_t, _link, e);
            if (entry->registered_at > h2o_now(h2o))
                entry->registered_at = h2o_now(h2o);
        }
    }
}

void loop_turn(struct loop *loop, int max_wait_ms)
{
    assert(!loop->is_turning);
    loop->is_turning = true;
    if (h2o_evloop_run(loop->h2o, max_wait_ms) != 0 && errno != EINTR)
        log_error("event loop failed, going on", LOG_TEXT("reason", strerror(errno)));
    loop->is_turning = false;
    if (h2o_now(loop->h2o) < loop->last_now)
        timers_rebase(loop->h2o);
    loop->last_now = h2o_now(loop->h2o);
    log_flush();
}

void loop_run(struct loop *loop, const atomic_bool *stop)
{
    while (!atomic_load(stop))
        loop_turn(loop, LOOP_MAX_WAIT_MS);
}

bool loop_is_turning(const struct loop *loop)
{
    return loop->is_turning;
}

h2o_evloop_t *loop_h2o(struct loop *loop)
{
    return loop->h2o;
}

h2o_multithread_receiver_t *loop_resolver(struct loop *loop)
{
    return &loop->resolver;
}

static void on_entry(h2o_timeout_entry_t *entry)
{
    struct loop_timer *timer = (struct loop_timer *)entry;
    timer->on_time(timer);
}

void loop_timer_init(struct loop_timer *timer, void (*on_time)(struct loop_timer *), void *data)
{
    *timer = (struct loop_timer){.on_time = on_time, .data = data};
    timer_entry(timer)->cb = on_entry;
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, enum loop_period period)
{
    if (!loop_timer_is_set(timer))
        h2o_timeout_link(loop->h2o, &loop->lists[period], timer_entry(timer));
}

void loop_timer_clear(struct loop_timer *timer)
{
    h2o_timeout_unlink(timer_entry(timer));
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
    return h2o_timeout_is_linked(timer_entry(timer));
}

void loop_post(struct loop *loop, struct loop_message *message)
{
    message->h2o_link[0] = message->h2o_link[1] = NULL;
    h2o_multithread_send_message(&loop->letters, (h2o_multithread_message_t *)message->h2o_link);
}
