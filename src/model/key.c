/* key.c: the names of all keys in Redis.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/key.h"

#include <stdio.h>

#include "kvcrm/base/crypto.h"

#define SAFE_MAX 255 /* bytes of a caller's value in a key */
#define HASH_DIGITS 40

static const struct {
    struct slice prefix;
    const char *rest, *type;
} patterns[KEY_COUNT] = {
#define KEY(name, prefix, rest, type, what) [KEY_##name] = {SLICE_CONST(prefix), rest, type},
#include "kvcrm/model/keys.def"
#undef KEY
};

bool key_is_workspace(struct slice name)
{
    if (name.n < 1 || name.n > 32)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

void key_tag(struct key_tag *tag, struct slice workspace, bool cluster)
{
    tag->before[0] = tag->after[0] = '\0';
    if (slice_is(workspace, "default") && !cluster)
        return;
    snprintf(tag->before, sizeof tag->before, "{%.*s}_", SLICE_ARGS(workspace));
    snprintf(tag->after, sizeof tag->after, "_{%.*s}", SLICE_ARGS(workspace));
}

struct slice key_make(enum key_pattern pattern, const struct key_tag *tag, struct slice rest,
                      struct arena *arena)
{
    struct slice prefix = patterns[pattern].prefix;

    if (patterns[pattern].rest == NULL)
        return tag->after[0] == '\0' ? prefix : arena_join(arena, 2, prefix, slice_of(tag->after));
    return arena_join(arena, 3, prefix, slice_of(tag->before), rest);
}

static bool looks_hashed(struct slice value)
{
    if (value.n != 1 + HASH_DIGITS || value.p[0] != '#')
        return false;
    for (size_t i = 1; i < value.n; i++) {
        char c = value.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

struct slice key_safe(struct slice value, struct arena *arena)
{
    bool safe = value.n >= 1 && value.n <= SAFE_MAX && !looks_hashed(value);
    for (size_t i = 0; safe && i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        /* Braces would move the key to another slot of a cluster. */
        safe = c > ' ' && c != 0x7F && c != '"' && c != '\'' && c != '\\' && c != '{' && c != '}';
    }
    if (safe)
        return value;

    uint8_t digest[CRYPTO_SHA256_LEN];
    char *text = arena_alloc(arena, 2 + HASH_DIGITS);
    crypto_sha256(value, digest);
    text[0] = '#';
    crypto_hex(digest, HASH_DIGITS / 2, text + 1);
    return (struct slice){text, 1 + HASH_DIGITS};
}

const char *key_type(enum key_pattern pattern)
{
    return patterns[pattern].type;
}

struct slice key_prefix(enum key_pattern pattern)
{
    return patterns[pattern].prefix;
}

bool key_has_rest(enum key_pattern pattern)
{
    return patterns[pattern].rest != NULL;
}
