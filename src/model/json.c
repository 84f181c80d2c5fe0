/* json.c: jr_parse, the check of a whole JSON text in one pass.
 *
 * There is no recursion and no memory but struct reader on the stack: a bit for every open level
 * says whether it is an object, and the first JR_MAX_DEPTH levels also have a struct level for what
 * the policy needs (names seen, path). Functions that read take the place where to begin and return
 * the place behind what they read, or NULL after broken().
 *
 * Grammar wins over policy: the first policy fault is noted by refuse(), from then on only the
 * grammar is checked, and a text that turns out not to be JSON is ERR_BAD_JSON after all. Only
 * nesting beyond GRAMMAR_DEPTH ends the reading at once, with the policy fault that was noted.
 *
 * Duplicate names: an object's names are kept as 32-bit hashes of their characters; a 64-bit filter
 * per object spares most searches, and only equal hashes lead to a comparison. So an object costs
 * at most 256 * 255 / 2 comparisons of two integers. The hash is keyed by the address of the text,
 * which a sender cannot know, so nobody can make long names collide on purpose.
 *
 * SPDX-License-Identifier: MIT */
#include "json_scan.h"

#include <stdio.h>

#define GRAMMAR_DEPTH 1024

struct level {
    const char *name; /* object: the member being read, after its opening quote */
    unsigned index;   /* array: the element being read */
    unsigned names;   /* object: how many names it has so far … */
    unsigned at;      /* … and where they begin in reader.names and reader.hashes */
    uint64_t filter;  /* a bit for the low six bits of each hash */
};

struct reader {
    const char *start, *end;
    struct jr_fault *fault;
    enum err err; /* OK until the first refuse() or broken() */
    bool escaped; /* the string just read has a backslash */
    unsigned depth;
    uint64_t hash_key;
    uint64_t is_object[GRAMMAR_DEPTH / 64];
    struct level levels[JR_MAX_DEPTH];
    /* The names of all open objects, those of the innermost one last. */
    const char *names[JR_MAX_DEPTH * JR_MAX_MEMBERS];
    uint32_t hashes[JR_MAX_DEPTH * JR_MAX_MEMBERS];
};

/* The text is not JSON. Returns NULL. */
static const char *broken(struct reader *r, const char *at, const char *expected)
{
    r->err = ERR_BAD_JSON;
    r->fault->code = "bad_json";
    r->fault->detail = expected;
    r->fault->offset = (size_t)(at - r->start);
    r->fault->path[0] = '\0';
    return NULL;
}

/* Appends to the path, cut at a character's beginning when it does not fit; a path that was cut is
 * full. Returns the new length. */
static size_t path_add(char *path, size_t length, const char *p, size_t n)
{
    bool fits = n < JR_PATH_SIZE - length;
    if (!fits) {
        n = JR_PATH_SIZE - length - 1;
        while (n > 0 && (p[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(path + length, p, n);
    path[length + n] = '\0';
    return fits ? length + n : JR_PATH_SIZE - 1;
}

/* The text is JSON so far, but not taken. The path goes through the outermost `levels` levels;
 * names stand in it as they are spelled in the text. */
static void refuse(struct reader *r, const char *at, unsigned levels, const char *code,
                   const char *detail)
{
    if (r->err != OK)
        return;
    r->err = ERR_VALIDATION;
    r->fault->code = code;
    r->fault->detail = detail;
    r->fault->offset = (size_t)(at - r->start);
    r->fault->path[0] = '\0';
    size_t length = 0;
    for (unsigned i = 0; i < levels; i++) {
        const struct level *level = &r->levels[i];
        char index[16];
        if (i > 0)
            length = path_add(r->fault->path, length, ".", 1);
        if (r->is_object[i / 64] >> i % 64 & 1)
            length = path_add(r->fault->path, length, level->name,
                              (size_t)(string_end(level->name, r->end) - level->name));
        else
            length = path_add(r->fault->path, length, index,
                              (size_t)snprintf(index, sizeof(index), "%u", level->index));
    }
}

/* at: a byte above 0x7F, inside a string. */
static const char *read_utf8(struct reader *r, const char *at)
{
    const unsigned char *c = (const unsigned char *)at;
    ptrdiff_t n = *c < 0xC2 ? 0 : *c < 0xE0 ? 2 : *c < 0xF0 ? 3 : *c < 0xF5 ? 4 : 0;
    if (n == 0 || r->end - at < n)
        return broken(r, at, "Expected UTF-8");
    /* RFC 3629: these leads narrow the second byte (overlong forms, surrogates, above U+10FFFF). */
    unsigned least = *c == 0xE0 ? 0xA0 : *c == 0xF0 ? 0x90 : 0x80;
    unsigned most = *c == 0xED ? 0x9F : *c == 0xF4 ? 0x8F : 0xBF;
    if (c[1] < least || c[1] > most || (n > 2 && (c[2] & 0xC0) != 0x80) ||
        (n > 3 && (c[3] & 0xC0) != 0x80))
        return broken(r, at, "Expected UTF-8");
    return at + n;
}

/* at: the u of an escape. */
static const char *read_unicode_escape(struct reader *r, const char *at)
{
    int32_t unit = r->end - at > 4 ? hex4(at + 1) : -1;
    if (unit < 0)
        return broken(r, at, "Expected four hexadecimal digits");
    if (unit == 0)
        refuse(r, at, r->depth, "nul", "Expected text without U+0000");
    if (unit < 0xD800 || unit > 0xDFFF)
        return at + 5;
    if (unit < 0xDC00 && r->end - at > 10 && at[5] == '\\' && at[6] == 'u') {
        int32_t low = hex4(at + 7);
        if (low >= 0xDC00 && low <= 0xDFFF)
            return at + 11;
    }
    refuse(r, at, r->depth, "surrogate", "Expected surrogates in pairs");
    return at + 5;
}

/* at: after the opening quote. Returns the place of the closing one. */
static const char *read_string(struct reader *r, const char *at)
{
    r->escaped = false;
    while (at != NULL) {
        at = skip_plain(at, r->end);
        if (at == r->end)
            return broken(r, at, "Expected the end of a string");
        if (*at == '"')
            return at;
        if (*at == '\\') {
            r->escaped = true;
            at++;
            if (at < r->end && *at == 'u')
                at = read_unicode_escape(r, at);
            else if (at < r->end && *at != '\0' && strchr("\"\\/bfnrt", *at) != NULL)
                at++;
            else
                return broken(r, at, "Expected an escape sequence");
        } else if ((unsigned char)*at >= 0x80) {
            at = read_utf8(r, at);
        } else {
            return broken(r, at, "Expected no control character in a string");
        }
    }
    return NULL;
}

static const char *read_digits(struct reader *r, const char *at)
{
    const char *first = at;
    while (at < r->end && *at >= '0' && *at <= '9')
        at++;
    return at > first ? at : broken(r, at, "Expected a digit");
}

static const char *read_number(struct reader *r, const char *at)
{
    if (*at == '-')
        at++;
    at = at < r->end && *at == '0' ? at + 1 : read_digits(r, at);
    if (at != NULL && at < r->end && *at == '.')
        at = read_digits(r, at + 1);
    if (at != NULL && at < r->end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < r->end && (*at == '+' || *at == '-'))
            at++;
        at = read_digits(r, at);
    }
    return at;
}

static const char *read_word(struct reader *r, const char *at, struct slice word)
{
    if ((size_t)(r->end - at) < word.n || memcmp(at, word.p, word.n) != 0)
        return broken(r, at, "Expected a value");
    return at + word.n;
}

/* A value that is neither object nor array. */
static const char *read_scalar(struct reader *r, const char *at)
{
    switch (*at) {
    case '"':
        at = read_string(r, at + 1);
        return at != NULL ? at + 1 : NULL;
    case 't':
        return read_word(r, at, SLICE("true"));
    case 'f':
        return read_word(r, at, SLICE("false"));
    case 'n':
        return read_word(r, at, SLICE("null"));
    default:
        if (*at != '-' && (*at < '0' || *at > '9'))
            return broken(r, at, "Expected a value");
        return read_number(r, at);
    }
}

__extension__ typedef unsigned __int128 product;

static inline uint64_t hash_step(uint64_t hash, uint64_t word)
{
    product wide = (product)(hash ^ word) * 0x9E3779B97F4A7C15u;
    return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

/* The last step, with fewer than eight bytes. */
static inline uint32_t hash_end(uint64_t hash, const char *rest, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word = word << 8 | (unsigned char)rest[i];
    return (uint32_t)hash_step(hash, word);
}

/* Hash of a name's characters, eight bytes at a time, however they are spelled. */
static uint32_t name_hash(const struct reader *r, const char *name, const char *quote)
{
    uint64_t hash = r->hash_key, word;
    if (!r->escaped) {
        for (; quote - name >= 8; name += 8) {
            memcpy(&word, name, 8);
            hash = hash_step(hash, word);
        }
        return hash_end(hash, name, (size_t)(quote - name));
    }
    char chunk[8 + 3];
    size_t n = 0;
    while (name < quote) {
        n += string_step(&name, chunk + n);
        if (n >= 8) {
            memcpy(&word, chunk, 8);
            hash = hash_step(hash, word);
            n -= 8;
            memcpy(chunk, chunk + 8, n); /* at most three bytes */
        }
    }
    return hash_end(hash, chunk, n);
}

static bool same_name(const char *a, const char *b)
{
    char x[4], y[4];
    unsigned m = 0, n = 0; /* bytes of x and y that are still to be compared */
    for (;;) {
        if (m == 0 && *a != '"')
            m = string_step(&a, x);
        if (n == 0 && *b != '"')
            n = string_step(&b, y);
        if (m == 0 || n == 0)
            return m == n;
        unsigned least = m < n ? m : n;
        if (memcmp(x, y, least) != 0)
            return false;
        memmove(x, x + least, m -= least);
        memmove(y, y + least, n -= least);
    }
}

/* Keeps the name of the innermost object's new member, unless the policy is against it. */
static void note_name(struct reader *r, const char *name, const char *quote)
{
    struct level *level = &r->levels[r->depth - 1];
    if (level->names == JR_MAX_MEMBERS) {
        refuse(r, name - 1, r->depth - 1, "members", "Expected at most 256 members in one object");
        return;
    }
    const uint32_t *hashes = r->hashes + level->at;
    uint32_t hash = name_hash(r, name, quote);
    uint64_t bit = UINT64_C(1) << (hash & 63);
    if (level->filter & bit) {
        for (unsigned i = 0; i < level->names; i++) {
            if (hashes[i] == hash && same_name(r->names[level->at + i], name)) {
                refuse(r, name - 1, r->depth, "duplicate", "Expected each name once");
                return;
            }
        }
    }
    level->filter |= bit;
    r->hashes[level->at + level->names] = hash;
    r->names[level->at + level->names] = name;
    level->names++;
}

/* From a member's name to its value. */
static const char *read_name(struct reader *r, const char *at)
{
    if (at == r->end || *at != '"')
        return broken(r, at, "Expected a name in quotes");
    const char *name = at + 1;
    if (r->err == OK)
        r->levels[r->depth - 1].name = name;
    const char *quote = read_string(r, name);
    if (quote == NULL)
        return NULL;
    if (r->err == OK)
        note_name(r, name, quote);
    at = skip_blanks(quote + 1, r->end);
    if (at == r->end || *at != ':')
        return broken(r, at, "Expected a colon");
    return skip_blanks(at + 1, r->end);
}

static bool in_object(const struct reader *r)
{
    return r->is_object[(r->depth - 1) / 64] >> (r->depth - 1) % 64 & 1;
}

/* at: an opening brace or bracket. Returns the place after it, or NULL when that is too deep. */
static const char *open_level(struct reader *r, const char *at)
{
    if (r->depth == JR_MAX_DEPTH)
        refuse(r, at, r->depth, "depth", "Expected at most 32 levels of objects and arrays");
    if (r->depth == GRAMMAR_DEPTH)
        return NULL;
    uint64_t bit = UINT64_C(1) << r->depth % 64;
    if (*at == '{')
        r->is_object[r->depth / 64] |= bit;
    else
        r->is_object[r->depth / 64] &= ~bit;
    if (r->err == OK) {
        const struct level *outer = r->depth > 0 ? &r->levels[r->depth - 1] : NULL;
        r->levels[r->depth] = (struct level){.at = outer != NULL ? outer->at + outer->names : 0};
    }
    r->depth++;
    return at + 1;
}

/* After a value: closes what ends here and goes to the next value, over the comma and its name.
 * With the outermost value ended, depth is 0 and that is where it stands. */
static const char *to_next_value(struct reader *r, const char *at)
{
    while (at != NULL && r->depth > 0) {
        bool object = in_object(r);
        at = skip_blanks(at, r->end);
        if (at < r->end && *at == ',') {
            at = skip_blanks(at + 1, r->end);
            if (object)
                return read_name(r, at);
            if (r->err == OK)
                r->levels[r->depth - 1].index++;
            return at;
        }
        if (at == r->end || *at != (object ? '}' : ']'))
            return broken(r, at,
                          object ? "Expected a comma or a closing brace"
                                 : "Expected a comma or a closing bracket");
        r->depth--;
        at++;
    }
    return at;
}

/* Reads one value, with all it contains. */
static const char *read_value(struct reader *r, const char *at)
{
    do {
        if (at == r->end)
            return broken(r, at, "Expected a value");
        if (*at != '{' && *at != '[') {
            at = to_next_value(r, read_scalar(r, at));
            continue;
        }
        at = open_level(r, at);
        if (at == NULL)
            return NULL;
        at = skip_blanks(at, r->end);
        if (at < r->end && *at == (in_object(r) ? '}' : ']'))
            at = to_next_value(r, at);
        else if (in_object(r))
            at = read_name(r, at);
    } while (at != NULL && r->depth > 0);
    return at;
}

enum err jr_parse(struct slice text, struct jr_value *root, struct jr_fault *fault)
{
    struct reader r; /* 100 KB, of which an ordinary body touches 1: only what must be is cleared */
    r.start = text.n > 0 ? text.p : "";
    r.end = r.start + text.n;
    r.fault = fault;
    r.err = OK;
    r.depth = 0;
    memset(r.is_object, 0, sizeof(r.is_object));
    r.hash_key = (uint64_t)(uintptr_t)text.p * 0x9E3779B97F4A7C15u;

    const char *first = skip_blanks(r.start, r.end);
    const char *last = read_value(&r, first);
    if (last != NULL) {
        const char *at = skip_blanks(last, r.end);
        if (at != r.end)
            broken(&r, at, "Expected the end of the text");
    }
    if (r.err != OK)
        return r.err;
    root->raw = (struct slice){first, (size_t)(last - first)};
    root->type = type_of(*first);
    root->escaped = root->type == JR_STRING && memchr(first, '\\', root->raw.n) != NULL;
    return OK;
}
