/* sync.c: one command, waited for, by turning the loop of a store.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/sync.h"

#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "kvcrm/base/clock.h"

#define TURN_MS 50

struct sync {
    struct loop *loop;
    struct store *store;
    struct reply *reply; /* of the last command, ours */
};

struct sync_cmd {
    struct cmd cmd; /* first */
    struct sync *sync;
    unsigned count;
    const struct slice *args;
    bool is_done;
};

static void on_connected(void *owner, struct store *store)
{
    (void)owner;
    store_set_usable(store);
}

struct sync *sync_open(const struct store_url *url, int timeout_ms, char *error, size_t error_size)
{
    struct sync *sync = calloc(1, sizeof(*sync));
    if (sync == NULL)
        abort();
    struct store_options options = {.url = url,
                                    .deadline_ms = (uint32_t)timeout_ms,
                                    .max_inflight = 64,
                                    .on_connected = on_connected,
                                    .owner = sync};
    int64_t end_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
    sync->loop = loop_new();
    sync->store = store_new(sync->loop, &options);
    while (!store_is_usable(sync->store) && clock_mono_us() < end_us)
        loop_turn(sync->loop, TURN_MS);
    if (store_is_usable(sync->store))
        return sync;
    snprintf(error, error_size, "Redis at %s cannot be reached: %s", store_url_text(url),
             store_why(sync->store)[0] != '\0' ? store_why(sync->store) : "no answer");
    sync_close(sync);
    return NULL;
}

void sync_close(struct sync *sync)
{
    store_free(sync->store);
    loop_free(sync->loop);
    free(sync->reply);
    free(sync);
}

static void build(struct cmd *cmd, struct store *store)
{
    const struct sync_cmd *sync_cmd = (const struct sync_cmd *)cmd;
    store_args(store, sync_cmd->count);
    for (unsigned i = 0; i < sync_cmd->count; i++)
        store_arg(store, sync_cmd->args[i]);
}

static void on_done(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    struct sync_cmd *sync_cmd = (struct sync_cmd *)cmd;
    sync_cmd->is_done = true;
    if (outcome == OUTCOME_REPLY)
        sync_cmd->sync->reply = reply_copy(reply);
}

const struct reply *sync_command(struct sync *sync, int timeout_ms, unsigned count,
                                 const struct slice *args)
{
    struct sync_cmd cmd = {
        .cmd = {.build = build, .done = on_done, .deadline_ms = (uint32_t)timeout_ms},
        .sync = sync,
        .count = count,
        .args = args};
    free(sync->reply);
    sync->reply = NULL;
    if (store_submit(sync->store, &cmd.cmd) != OK)
        return NULL;
    while (!cmd.is_done)
        loop_turn(sync->loop, TURN_MS);
    return sync->reply;
}

struct store *sync_store(struct sync *sync)
{
    return sync->store;
}
