/* store.c: whose reply is whose, for how long, and what happens when the connection is lost.
 *
 *     DOWN -> DIALING -> SETUP -> BOOT -> USABLE        and from each of them by lose() to DOWN
 *
 * Replies are matched by order, so a command that has been cancelled or has passed its deadline
 * leaves an empty slot behind that swallows its reply. lose() is the only way down: it closes
 * first, then tells everybody who waits, once. A done callback may submit, cancel or drop; whoever
 * calls one looks at conn.id afterwards.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/base/crypto.h"
#include "kvcrm/base/log.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/store/script.h"

#define SETUP_TIMEOUT_US 2000000
#define STALL_LEAST_US 1000000
#define STALL_DEADLINES 4
#define STALL_TRICKLE 4 /* times as long, when bytes do come but no reply ever ends */
/* The longest pause between two attempts; with the attempt itself still within 2 s. */
#define BACKOFF_LEAST_US 50000
#define BACKOFF_MOST_US 1600000
#define BACKOFF_RESET_US 2000000 /* of use, after which a failure counts as the first again */
#define PING_EVERY_US 1000000    /* of silence */
#define SPARE_SLOTS 64 /* for what is not counted: pings, reloaded scripts, boot commands */

static struct {
    struct metric *commands, *reconnects, *deadlines, *refused, *inflight, *usable;
} metrics;

static void metrics_make(void)
{
    metrics.commands = metric_new(METRIC_COUNTER, "kvcrm_redis_commands_total",
                                  "Commands sent to Redis", "", false);
    metrics.reconnects = metric_new(METRIC_COUNTER, "kvcrm_redis_reconnects_total",
                                    "Connections to Redis that were lost", "", false);
    metrics.deadlines =
        metric_new(METRIC_COUNTER, "kvcrm_redis_deadlines_total",
                   "Commands given up because Redis did not answer in time", "", false);
    metrics.refused =
        metric_new(METRIC_COUNTER, "kvcrm_redis_refused_total",
                   "Commands refused because Redis was away or too many were under way", "", false);
    metrics.inflight = metric_new(METRIC_GAUGE, "kvcrm_redis_inflight",
                                  "Replies that Redis owes at the moment", "", false);
    metrics.usable = metric_new(METRIC_GAUGE, "kvcrm_redis_connections",
                                "Connections to Redis that can be used", "", false);
}

static void lose(struct store *store, const char *why);

static struct slot *slot_at(struct store *store, uint64_t seq)
{
    return &store->ring[seq & store->mask];
}

static void state_set(struct store *store, enum store_state state)
{
    bool was_usable = store->state == STORE_USABLE, is_usable = state == STORE_USABLE;
    store->state = state;
    store->since_us = clock_mono_us();
    if (was_usable != is_usable) {
        metric_add(metrics.usable, is_usable ? 1 : -1);
        atomic_store(&store->health.usable, is_usable);
    }
}

/* Commands. */

enum err store_send(struct store *store, struct cmd *cmd, uint32_t deadline_ms)
{
    assert(!cmd->pending);
    if (store->tail - store->head > store->mask)
        return ERR_OVERLOADED;
    size_t begin = conn_command_begin(&store->conn);
    cmd->build(cmd, store);
    if (!conn_command_end(&store->conn, begin))
        return ERR_OVERLOADED;
    int64_t now_us = clock_mono_us();
    if (store->head == store->tail)
        store->waiting_us = now_us;
    *slot_at(store, store->tail) = (struct slot){
        cmd, deadline_ms == STORE_NO_DEADLINE ? INT64_MAX : now_us + (int64_t)deadline_ms * 1000};
    cmd->store = store;
    cmd->seq = store->tail++;
    cmd->pending = true;
    metric_add(metrics.inflight, 1);
    loop_timer_set(store->loop, &store->tick, LOOP_TICK_20MS);
    return OK;
}

enum err store_send_unheard(struct store *store, struct cmd *shape)
{
    enum err err = store_send(store, shape, STORE_NO_DEADLINE);
    if (err == OK)
        store_cancel(shape);
    return err;
}

static enum err admit(const struct store *store, const struct cmd *cmd)
{
    if (store->state != STORE_USABLE && !(cmd->boot && store->state == STORE_BOOT))
        return ERR_REDIS_UNAVAILABLE;
    return store_inflight(store) < store->options.max_inflight ? OK : ERR_OVERLOADED;
}

enum err store_submit(struct store *store, struct cmd *cmd)
{
    enum err err = admit(store, cmd);
    if (err == OK)
        err = store_send(store, cmd,
                         cmd->deadline_ms != 0 ? cmd->deadline_ms : store->options.deadline_ms);
    metric_add(err == OK ? metrics.commands : metrics.refused, 1);
    return err;
}

void store_cancel(struct cmd *cmd)
{
    if (!cmd->pending)
        return;
    cmd->pending = false;
    slot_at(cmd->store, cmd->seq)->cmd = NULL;
}

void store_args(struct store *store, unsigned count)
{
    conn_args(&store->conn, count);
}

void store_arg(struct store *store, struct slice arg)
{
    conn_arg(&store->conn, arg);
}

void store_arg_i64(struct store *store, int64_t v)
{
    char text[20], *end = text + sizeof(text), *at = end; /* "-9223372036854775808" */
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        *--at = '-';
    conn_arg(&store->conn, (struct slice){at, (size_t)(end - at)});
}

/* Empties a slot and tells who waited in it. */
static void answer(struct slot *slot, enum outcome outcome, const struct reply *reply)
{
    struct cmd *cmd = slot->cmd;
    if (cmd == NULL)
        return;
    slot->cmd = NULL;
    cmd->pending = false;
    cmd->done(cmd, outcome, reply);
}

static void on_reply(void *owner, const struct reply *reply)
{
    struct store *store = owner;
    atomic_store_explicit(&store->health.last_reply_us, store->conn.last_read_us,
                          memory_order_relaxed);
    if (store->head == store->tail) {
        /* "-ERR max number of clients reached" comes so, before the server hangs up. */
        struct slice error = reply_error(reply);
        char why[160];
        snprintf(why, sizeof(why), "a reply that nobody asked for %.*s", SLICE_ARGS(error));
        lose(store, why);
        return;
    }
    struct slot *slot = slot_at(store, store->head++);
    store->waiting_us = store->conn.last_read_us;
    metric_add(metrics.inflight, -1);
    answer(slot, OUTCOME_REPLY, reply);
}

/* Down. */

static void retry_later(struct store *store, bool was_of_use)
{
    uint32_t random;
    if (was_of_use || store->backoff_us == 0)
        store->backoff_us = BACKOFF_LEAST_US;
    else if (store->backoff_us * 2 <= BACKOFF_MOST_US)
        store->backoff_us *= 2;
    else
        store->backoff_us = BACKOFF_MOST_US;
    crypto_random(&random, sizeof(random));
    int64_t half = store->backoff_us / 2;
    store->since_us += half + random % (half + 1);
    loop_timer_set(store->loop, &store->tick, LOOP_TICK_20MS);
}

static void lose(struct store *store, const char *why)
{
    enum store_state was = store->state;
    if (was == STORE_DOWN)
        return;
    bool was_of_use = was == STORE_USABLE && clock_mono_us() - store->since_us >= BACKOFF_RESET_US;
    uint64_t written = store->tail - store->conn.unsent;
    snprintf(store->why, sizeof(store->why), "%s", why); /* before what it lives in is closed */
    state_set(store, STORE_DOWN);
    conn_close(&store->conn);
    dial_stop(&store->dial);
    if (was == STORE_BOOT || was == STORE_USABLE)
        metric_add(metrics.reconnects, 1);
    if (!store->is_told)
        log_warn(was == STORE_USABLE ? "redis lost, reconnecting" : "redis not usable, retrying",
                 LOG_TEXT("url", store->options.url->text), LOG_TEXT("reason", store->why));
    store->is_told = true;
    retry_later(store, was_of_use);
    metric_add(metrics.inflight, -(int64_t)(store->tail - store->head));
    while (store->head != store->tail) {
        uint64_t seq = store->head++;
        answer(slot_at(store, seq), seq < written ? OUTCOME_UNKNOWN : OUTCOME_NOT_SENT, NULL);
    }
}

static void on_broken(void *owner, const char *why)
{
    struct store *store = owner;
    const struct store_url *url = store->options.url;
    char hinted[160];
    /* Over TLS 1.3 a server that misses our certificate hangs up only after the handshake. */
    if (store->state == STORE_SETUP && url->tls != NULL && !url->has_client_certificate) {
        snprintf(hinted, sizeof(hinted), "%s (does the server want a client certificate?)", why);
        why = hinted;
    }
    lose(store, why);
}

void store_drop(struct store *store, const char *why)
{
    lose(store, why);
}

/* Up. */

static void on_dialed(void *owner, struct st_h2o_socket_t *sock, const char *why)
{
    struct store *store = owner;
    if (sock == NULL) {
        lose(store, why);
        return;
    }
    conn_open(&store->conn, sock);
    state_set(store, STORE_SETUP);
    setup_start(&store->setup);
}

void store_setup_done(struct store *store)
{
    state_set(store, STORE_BOOT);
    if (store->options.on_connected != NULL)
        store->options.on_connected(store->options.owner, store);
    else
        store_set_usable(store);
}

void store_set_usable(struct store *store)
{
    if (store->state != STORE_BOOT)
        return;
    state_set(store, STORE_USABLE);
    log_info("redis connected", LOG_TEXT("url", store->options.url->text),
             LOG_TEXT("version", store->setup.version));
    store->is_told = false;
}

/* Time. */

static void deadlines_check(struct store *store, int64_t now_us)
{
    uint64_t id = store->conn.id;
    for (uint64_t seq = store->head; seq != store->tail && store->conn.id == id; seq++) {
        struct slot *slot = slot_at(store, seq);
        if (slot->cmd == NULL || slot->deadline_us > now_us)
            continue;
        metric_add(metrics.deadlines, 1);
        answer(slot, OUTCOME_DEADLINE, NULL);
    }
}

static void stall_check(struct store *store, int64_t now_us)
{
    int64_t limit_us = (int64_t)store->options.deadline_ms * 1000 * STALL_DEADLINES;
    int64_t last_us = store->waiting_us;
    if (store->head == store->tail)
        return;
    if (limit_us < STALL_LEAST_US)
        limit_us = STALL_LEAST_US;
    if (store->conn.last_read_us > last_us)
        last_us = store->conn.last_read_us;
    if (now_us - last_us >= limit_us)
        lose(store, "no answer: it hangs");
    else if (now_us - store->waiting_us >= limit_us * STALL_TRICKLE)
        lose(store, "an answer that does not end");
}

static void on_tick(struct loop_timer *timer)
{
    struct store *store = timer->data;
    int64_t now_us = clock_mono_us();
    switch (store->state) {
    case STORE_DOWN:
        if (now_us >= store->since_us) {
            state_set(store, STORE_DIALING);
            dial_start(&store->dial);
        }
        break;
    case STORE_DIALING:
        dial_tick(&store->dial, now_us);
        break;
    case STORE_SETUP:
        if (now_us - store->since_us >= SETUP_TIMEOUT_US)
            lose(store, "connected, but no answer");
        break;
    case STORE_BOOT:
    case STORE_USABLE:
        deadlines_check(store, now_us);
        stall_check(store, now_us);
        break;
    }
    if (store->state < STORE_BOOT || store->head != store->tail)
        loop_timer_set(store->loop, &store->tick, LOOP_TICK_20MS);
}

static void ping_build(struct cmd *cmd, struct store *store)
{
    (void)cmd;
    store_args(store, 1);
    store_arg(store, SLICE("PING"));
}

static void on_pulse(struct loop_timer *timer)
{
    struct store *store = timer->data;
    if (store->state == STORE_USABLE && store->head == store->tail &&
        clock_mono_us() - store->conn.last_read_us >= PING_EVERY_US) {
        /* Refused: then there is more to do than to ask whether Redis is alive. */
        enum err err = store_send_unheard(store, &store->ping);
        (void)err;
    }
    loop_timer_set(store->loop, &store->pulse, LOOP_TICK_100MS);
}

/* The whole. */

static uint64_t ring_size(const struct store_options *options)
{
    uint64_t least = options->max_inflight + SPARE_SLOTS, size = 64;
    if (least < setup_most())
        least = setup_most();
    while (size < least)
        size *= 2;
    return size;
}

struct store *store_new(struct loop *loop, const struct store_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, metrics_make);
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        abort();
    store->loop = loop;
    store->options = *options;
    store->mask = ring_size(options) - 1;
    store->ring = calloc(store->mask + 1, sizeof(*store->ring));
    if (store->ring == NULL)
        abort();
    conn_init(&store->conn, loop);
    store->conn.on_reply = on_reply;
    store->conn.on_broken = on_broken;
    store->conn.owner = store;
    store->dial =
        (struct dial){.loop = loop, .url = options->url, .on_done = on_dialed, .owner = store};
    setup_init(&store->setup, store);
    store->ping.build = ping_build;
    loop_timer_init(&store->tick, on_tick, store);
    loop_timer_init(&store->pulse, on_pulse, store);
    loop_timer_set(loop, &store->tick, LOOP_TICK_20MS);
    loop_timer_set(loop, &store->pulse, LOOP_TICK_100MS);
    return store;
}

void store_free(struct store *store)
{
    store->is_told = true; /* going away is no news */
    lose(store, "shutting down");
    loop_timer_clear(&store->tick);
    loop_timer_clear(&store->pulse);
    conn_dispose(&store->conn);
    setup_dispose(&store->setup);
    free(store->ring);
    free(store);
}

bool store_is_usable(const struct store *store)
{
    return store->state == STORE_USABLE;
}

bool store_is_cluster(const struct store *store)
{
    return store->setup.is_cluster;
}

const char *store_server_version(const struct store *store)
{
    return store->setup.version;
}

unsigned store_inflight(const struct store *store)
{
    return (unsigned)(store->tail - store->head);
}

const struct store_health *store_health(const struct store *store)
{
    return &store->health;
}

const char *store_why(const struct store *store)
{
    return store->why;
}
