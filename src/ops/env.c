/* env.c: what a worker's operations share, and how it comes to know it.
 *
 * On every new connection: meta_boot (the database's secret), then workspace_boot (settings, a
 * block of contact numbers); only then is the store usable. Blocks are refilled while calls run;
 * settings are asked for again when another worker of this process says so, and once a second for
 * those of others.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/env.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/crypto.h"
#include "kvcrm/base/log.h"
#include "kvcrm/store/scripts.h"

#define SCHEMA_VERSION 1
#define BODY_MAX (16u << 20) /* bytes of one answer */
#define POLL_EVERY_TICKS 10  /* of 100 ms */
#define BOOT_DEADLINE_MS 2000

/* Contact numbers ------------------------------------------------------------------------------ */

static unsigned block_size(const struct env *env)
{
    return (unsigned)env->conf->redis_inflight;
}

static void numbers_add_block(struct env *env, uint64_t last)
{
    struct numbers *nums = &env->numbers;

    /* What is left of the block before is kept; it cannot be more than the stack holds. */
    while (nums->next < nums->end && nums->returned_count < nums->returned_max)
        nums->returned[nums->returned_count++] = nums->next++;
    nums->next = last - block_size(env) + 1;
    nums->end = last + 1;
}

static void workspace_begin(struct env *env,
                            void (*done)(struct script_call *, enum err, const struct reply *))
{
    struct arena *arena = &env->boot_arena;

    arena_dispose(arena);
    arena_init(arena, NULL, 0);
    script_begin(&env->boot, &script_workspace_boot, done, env);
    script_key(&env->boot, key_make(KEY_CONTACT_SEQ, &env->tag, SLICE_NONE, arena));
    script_key(&env->boot, key_make(KEY_SETTINGS, &env->tag, SLICE_NONE, arena));
    script_key(&env->boot, key_make(KEY_WS, &env->tag, SLICE_NONE, arena));
    script_arg(&env->boot, arena_i64(arena, clock_now_ms()));
    script_arg(&env->boot, arena_i64(arena, block_size(env)));
}

static void on_refilled(struct script_call *call, enum err err, const struct reply *reply)
{
    struct env *env = call->data;

    env->numbers.asked = false;
    if (err == OK)
        numbers_add_block(env, (uint64_t)reply_i64_at(reply, 0));
}

bool env_number_take(struct env *env, uint64_t *number)
{
    struct numbers *nums = &env->numbers;
    uint64_t left = nums->returned_count + (nums->end - nums->next);

    if (left < block_size(env) / 2 && !nums->asked && !env->boot.cmd.pending) {
        workspace_begin(env, on_refilled);
        nums->asked = script_run(env->store, &env->boot) == OK;
    }
    if (nums->returned_count > 0)
        *number = nums->returned[--nums->returned_count];
    else if (nums->next < nums->end)
        *number = nums->next++;
    else
        return false;
    return true;
}

void env_number_return(struct env *env, uint64_t number)
{
    struct numbers *nums = &env->numbers;

    if (nums->returned_count < nums->returned_max)
        nums->returned[nums->returned_count++] = number;
}

void env_numbers_discard(struct env *env)
{
    env->numbers.next = env->numbers.end = 0;
    env->numbers.returned_count = 0;
}

/* Boot ----------------------------------------------------------------------------------------- */

/* Numbers begin at 1 in every workspace: with a secret of its own, an id of one workspace is
 * nobody's in the others. */
static void id_key_of(struct env *env, struct slice secret)
{
    if (!slice_is(env->workspace, "default"))
        secret = arena_join(&env->boot_arena, 3, secret, SLICE(":"), env->workspace);
    id_key_init(&env->id_key, secret);
}

static void settings_take(struct env *env, int64_t version, const struct reply *stored)
{
    settings_load(&env->settings, version, stored);
    atomic_store(&env->settings_version, version);
}

static void on_workspace(struct script_call *call, enum err err, const struct reply *reply)
{
    struct env *env = call->data;

    if (err != OK) {
        store_drop(env->store, err_row(err)->sentence);
        return;
    }
    env_numbers_discard(env); /* this may be another database than before */
    segments_forget(&env->segments);
    numbers_add_block(env, (uint64_t)reply_i64_at(reply, 0));
    settings_take(env, reply_i64_at(reply, 1), reply_at(reply, 2));
    store_set_usable(env->store);
}

/* The database's one secret serves for ids and for hashes, by different derivations. */
static void hash_key_init(struct env *env, struct slice secret)
{
    uint8_t digest[CRYPTO_SHA256_LEN];

    crypto_sha256(arena_join(&env->boot_arena, 2, SLICE("hash:"), secret), digest);
    memcpy(env->hash_key, digest, sizeof env->hash_key);
}

struct slice env_hash(const struct env *env, struct slice text, struct arena *arena)
{
    return arena_printf(arena, "%016" PRIx64, crypto_siphash(env->hash_key, text));
}

static void on_meta(struct script_call *call, enum err err, const struct reply *reply)
{
    struct env *env = call->data;

    if (err != OK) {
        store_drop(env->store, err_row(err)->sentence);
        return;
    }
    if (reply_i64_at(reply, 0) > SCHEMA_VERSION) {
        log_error("database was written by a newer release",
                  LOG_INT("schema", reply_i64_at(reply, 0)), LOG_INT("ours", SCHEMA_VERSION));
        store_drop(env->store, "schema is newer than this program");
        return;
    }
    id_key_of(env, reply_text_at(reply, 1));
    hash_key_init(env, reply_text_at(reply, 1));
    key_tag(&env->tag, env->workspace, store_is_cluster(env->store) || env->conf->cluster_tags);
    workspace_begin(env, on_workspace);
    env->boot.cmd.boot = true;
    if (script_run(env->store, &env->boot) != OK)
        store_drop(env->store, "cannot boot");
}

/* 32 random bytes in hex. */
static struct slice secret_make(struct arena *arena)
{
    uint8_t random[32];
    char secret[2 * sizeof random + 1];

    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, secret);
    return arena_copy(arena, slice_of(secret));
}

static void on_connected(void *owner, struct store *store)
{
    struct env *env = owner;

    arena_dispose(&env->boot_arena);
    arena_init(&env->boot_arena, NULL, 0);
    env->numbers.asked = false;
    script_begin(&env->boot, &script_meta_boot, on_meta, env);
    env->boot.cmd.boot = true;
    env->boot.cmd.deadline_ms = BOOT_DEADLINE_MS;
    script_key(&env->boot, SLICE("crm_meta"));
    script_arg(&env->boot, arena_i64(&env->boot_arena, clock_now_ms()));
    script_arg(&env->boot, secret_make(&env->boot_arena));
    if (script_run(store, &env->boot) != OK)
        store_drop(store, "cannot boot");
}

/* Settings that others change --------------------------------------------------------------------
 */

static void on_polled(struct script_call *call, enum err err, const struct reply *reply)
{
    struct env *env = call->data;

    if (err == OK && reply_i64_at(reply, 0) != env->settings.version)
        settings_take(env, reply_i64_at(reply, 0), reply_at(reply, 1));
}

static void settings_ask(struct env *env)
{
    struct arena *arena = &env->poll_arena;

    if (env->poll.cmd.pending || !store_is_usable(env->store))
        return;
    arena_dispose(arena);
    arena_init(arena, NULL, 0);
    script_begin(&env->poll, &script_settings_get, on_polled, env);
    script_key(&env->poll, key_make(KEY_SETTINGS, &env->tag, SLICE_NONE, arena));
    script_key(&env->poll, key_make(KEY_WS, &env->tag, SLICE_NONE, arena));
    if (script_run(env->store, &env->poll) != OK)
        env->poll_ticks = 0; /* at the next second again */
}

static void on_poll_time(struct loop_timer *timer)
{
    struct env *env = timer->data;

    if (++env->poll_ticks >= POLL_EVERY_TICKS) {
        env->poll_ticks = 0;
        settings_ask(env);
    }
    loop_timer_set(env->loop, timer, LOOP_TICK_100MS);
}

static void on_reload(struct loop_message *message)
{
    struct env *env = (struct env *)(void *)((char *)message - offsetof(struct env, reload));

    atomic_store(&env->reload_posted, false);
    settings_ask(env);
}

void env_settings_changed(struct env *env, int64_t version)
{
    for (unsigned i = 0; i < env->peer_count; i++) {
        struct env *peer = env->peers[i];
        if (atomic_load(&peer->settings_version) >= version)
            continue;
        if (!atomic_exchange(&peer->reload_posted, true))
            loop_post(peer->loop, &peer->reload);
    }
}

bool env_settings_everywhere(const struct env *env, int64_t version)
{
    for (unsigned i = 0; i < env->peer_count; i++) {
        if (atomic_load(&env->peers[i]->settings_version) < version)
            return false;
    }
    return true;
}

/* Life -------------------------------------------------------------------------------------------
 */

void env_init(struct env *env, const struct conf *conf, const struct store_url *url,
              struct loop *loop, struct env *const *peers, unsigned peer_count)
{
    *env = (struct env){.conf = conf,
                        .loop = loop,
                        .workspace = slice_of(conf->workspace),
                        .peers = peers,
                        .peer_count = peer_count};
    buf_init(&env->body, BODY_MAX);
    settings_defaults(&env->settings);
    segments_init(&env->segments);
    env->numbers.returned_max = 2 * block_size(env);
    env->numbers.returned = calloc(env->numbers.returned_max, sizeof *env->numbers.returned);
    if (env->numbers.returned == NULL)
        abort();
    env->reload.on_message = on_reload;
    loop_timer_init(&env->poll_timer, on_poll_time, env);
    loop_timer_set(loop, &env->poll_timer, LOOP_TICK_100MS);
    env->store =
        store_new(loop, &(struct store_options){.url = url,
                                                .deadline_ms = (uint32_t)conf->redis_deadline,
                                                .max_inflight = (uint32_t)conf->redis_inflight,
                                                .on_connected = on_connected,
                                                .owner = env});
}

void env_dispose(struct env *env)
{
    store_cancel(&env->boot.cmd);
    store_cancel(&env->poll.cmd);
    loop_timer_clear(&env->poll_timer);
    store_free(env->store);
    arena_dispose(&env->boot_arena);
    arena_dispose(&env->poll_arena);
    segments_dispose(&env->segments);
    buf_dispose(&env->body);
    free(env->numbers.returned);
}
