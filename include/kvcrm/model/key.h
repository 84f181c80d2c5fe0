/* key.h: the names of all keys in Redis, from one table.
 *
 * keys.def has a row for each pattern; KEYS.md a section. Keys are built here (and, where an id is
 * only found inside a script, by lua/lib/keys.lua) and nowhere else. <T> and <t> come from key_tag:
 * "" in the default workspace, "{acme}_" and "_{acme}" in workspace acme, "{default}_" and
 * "_{default}" in the default workspace of a cluster-enabled Redis (KEYS.md, "Names").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_KEY_H
#define KVCRM_MODEL_KEY_H

#include "kvcrm/base/arena.h"

struct key_tag {
    char before[40]; /* <T>: stands before the rest of a key */
    char after[40];  /* <t>: ends a key that has no rest */
};

/* [a-z0-9-]{1,32}; "default" is the name of the workspace without a tag. */
bool key_is_workspace(struct slice name);
void key_tag(struct key_tag *tag, struct slice workspace, bool cluster);

enum key_pattern {
#define KEY(name, prefix, rest, type, what) KEY_##name,
#include "kvcrm/model/keys.def"
#undef KEY
    KEY_COUNT
};

/* The key of a pattern; rest is ignored for patterns without one. In the arena. */
struct slice key_make(enum key_pattern pattern, const struct key_tag *tag, struct slice rest,
                      struct arena *arena);

/* A caller's value as part of a key (KEYS.md, "Names"): itself when it is 1 to 255 bytes of UTF-8
 * without control characters, blanks, quotes, backslash; otherwise "#" and 40 hex digits of its
 * SHA-256. A value that already looks like such a hash is hashed too. */
struct slice key_safe(struct slice value, struct arena *arena);

/* "hash", "zset", …: the Redis type of a pattern's keys. */
const char *key_type(enum key_pattern pattern);
/* "crm_contact_email_" */
struct slice key_prefix(enum key_pattern pattern);
/* Does something follow the prefix and the tag? */
bool key_has_rest(enum key_pattern pattern);

#endif
