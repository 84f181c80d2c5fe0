/* env.h: what a worker's operations share: its store, the keys' tag, the settings, contact numbers.
 *
 * One struct env belongs to one worker and is used in its thread only; `published` is what other
 * threads may look at. Before a new connection becomes usable the env boots on it: the database's
 * secret, the workspace's settings and a block of contact numbers are read (lua/meta_boot.lua,
 * workspace_boot.lua).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_ENV_H
#define KVCRM_OPS_ENV_H

#include "kvcrm/base/id.h"
#include "kvcrm/model/key.h"
#include "kvcrm/ops/segments.h"
#include "kvcrm/ops/settings.h"
#include "kvcrm/store/script.h"

/* Contact numbers are handed out by the thousand, and taken back when a call made no contact, so
 * that they stay dense (KEYS.md, "Names"). A block covers every command that may be under way. */
struct numbers {
    uint64_t next, end; /* of the newest block, [next, end) */
    uint64_t *returned; /* stack of numbers given back */
    unsigned returned_count, returned_max;
    bool asked; /* for the next block */
};

struct env {
    const struct conf *conf;
    struct loop *loop;
    struct store *store;
    struct slice workspace;
    struct key_tag tag;
    struct id_key id_key;
    uint8_t hash_key[16]; /* of this database */
    struct numbers numbers;
    struct settings settings;
    struct segments segments;
    struct buf body; /* answers are written here; valid until the next answer */

    struct script_call boot; /* the boot's and the refill's commands, one at a time */
    struct arena boot_arena;
    struct loop_timer poll_timer;
    unsigned poll_ticks;
    struct script_call poll;
    struct arena poll_arena;

    struct env *const *peers; /* all workers' envs, this one among them */
    unsigned peer_count;
    struct loop_message reload; /* settings have changed in another worker */
    atomic_bool reload_posted;
    _Atomic int64_t settings_version; /* published: the version this worker works with */
};

/* conf and url live until exit. The env connects by itself. */
void env_init(struct env *env, const struct conf *conf, const struct store_url *url,
              struct loop *loop, struct env *const *peers, unsigned peer_count);
/* From inside the loop's thread, when it no longer turns. */
void env_dispose(struct env *env);

/* A number for a contact that may have to be made. False: none left right now (ERR_OVERLOADED). */
MUST_CHECK bool env_number_take(struct env *env, uint64_t *number);
/* The number made no contact, surely: it can serve the next call. */
void env_number_return(struct env *env, uint64_t number);
/* All numbers at hand are forgotten: the database is not the one that they came from. */
void env_numbers_discard(struct env *env);

/* 16 hex digits that stand for a text which is not to be stored (a client's address): SipHash-2-4
 * with the database's own key. */
struct slice env_hash(const struct env *env, struct slice text, struct arena *arena);

/* Tells all workers that the settings are at `version` now. From any worker's thread. */
void env_settings_changed(struct env *env, int64_t version);
/* Do all workers work with that version, or a newer one? */
bool env_settings_everywhere(const struct env *env, int64_t version);

#endif
