/* reply.c: replies, from hiredis' reader to typed, checked accessors. The only file that includes
 * hiredis.
 *
 * The reader builds our own struct reply through hiredis' object callbacks, in a bump arena that is
 * emptied before the next reply: an ordinary reply costs no malloc. What a broken or hostile server
 * can make us take is bounded: texts by READER_MAX_REPLY, arrays by their length, both by
 * ARENA_MAX.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <hiredis/read.h>

#include "reader.h"

#define ARENA_FIRST 4096
#define ARENA_CHUNK (64u << 10)
#define ARENA_MAX (64u << 20)
#define ARRAY_MAX (1 << 20) /* elements */

struct reply {
    int type; /* REDIS_REPLY_… */
    struct slice text;
    int64_t number;
    struct reply **elements;
    size_t count;
};

struct chunk {
    struct chunk *next;
    char bytes[];
};

struct reader {
    redisReader *hiredis;
    char *at, *end;
    struct chunk *chunks;
    size_t taken; /* by the chunks */
    size_t text;  /* bytes of the texts of the reply under way */
    bool is_too_large;
    bool delivered; /* the last reply was handed out: the arena is free again */
    char first[ARENA_FIRST] __attribute__((aligned(8)));
};

static void arena_reset(struct reader *r)
{
    while (r->chunks != NULL) {
        struct chunk *next = r->chunks->next;
        free(r->chunks);
        r->chunks = next;
    }
    r->at = r->first;
    r->end = r->first + sizeof(r->first);
    r->taken = r->text = 0;
    r->delivered = false;
}

static void *arena_take(struct reader *r, size_t n)
{
    n = (n + 7) & ~(size_t)7;
    if (n > (size_t)(r->end - r->at)) {
        size_t size = n > ARENA_CHUNK ? n : ARENA_CHUNK;
        struct chunk *chunk = NULL;
        if (r->taken + size <= ARENA_MAX)
            chunk = malloc(sizeof(*chunk) + size);
        if (chunk == NULL) {
            r->is_too_large = true;
            return NULL;
        }
        chunk->next = r->chunks;
        r->chunks = chunk;
        r->taken += size;
        r->at = chunk->bytes;
        r->end = chunk->bytes + size;
    }
    void *p = r->at;
    r->at += n;
    return p;
}

/* A reply in its place: the root, or an element of the array that is being read. */
static struct reply *reply_new(const redisReadTask *task)
{
    struct reply *reply = arena_take(task->privdata, sizeof(*reply));
    if (reply == NULL)
        return NULL;
    *reply = (struct reply){.type = task->type};
    if (task->parent != NULL) {
        struct reply *parent = task->parent->obj;
        parent->elements[task->idx] = reply;
    }
    return reply;
}

static void *on_string(const redisReadTask *task, char *text, size_t n)
{
    struct reader *r = task->privdata;
    r->text += n;
    if (r->text > READER_MAX_REPLY) {
        r->is_too_large = true;
        return NULL;
    }
    char *copy = arena_take(r, n + 1);
    struct reply *reply = copy != NULL ? reply_new(task) : NULL;
    if (reply == NULL)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    reply->text = (struct slice){copy, n};
    return reply;
}

static void *on_array(const redisReadTask *task, int count)
{
    struct reader *r = task->privdata;
    if (count > ARRAY_MAX) {
        r->is_too_large = true;
        return NULL;
    }
    struct reply **elements = arena_take(r, (size_t)count * sizeof(struct reply *));
    struct reply *reply = elements != NULL ? reply_new(task) : NULL;
    if (reply == NULL)
        return NULL;
    memset(elements, 0, (size_t)count * sizeof(struct reply *));
    reply->elements = elements;
    reply->count = (size_t)count;
    return reply;
}

static void *on_integer(const redisReadTask *task, long long number)
{
    struct reply *reply = reply_new(task);
    if (reply != NULL)
        reply->number = number;
    return reply;
}

static void *on_nil(const redisReadTask *task)
{
    struct reply *reply = reply_new(task);
    if (reply != NULL)
        reply->type = REDIS_REPLY_NIL; /* the task still says string or array */
    return reply;
}

static void on_free(void *reply)
{
    (void)reply; /* the arena's */
}

static redisReplyObjectFunctions functions = {on_string, on_array, on_integer, on_nil, on_free};

struct reader *reader_new(void)
{
    struct reader *r = malloc(sizeof(*r));
    if (r == NULL)
        abort();
    r->hiredis = redisReaderCreateWithFunctions(&functions);
    if (r->hiredis == NULL)
        abort();
    r->hiredis->privdata = r;
    r->chunks = NULL;
    r->is_too_large = false;
    arena_reset(r);
    return r;
}

void reader_free(struct reader *r)
{
    if (r == NULL)
        return;
    redisReaderFree(r->hiredis);
    arena_reset(r);
    free(r);
}

void reader_feed(struct reader *r, struct slice bytes)
{
    /* Its failure is kept in the reader and comes back from redisReaderGetReply. */
    (void)redisReaderFeed(r->hiredis, bytes.p, bytes.n);
}

enum reader_result reader_next(struct reader *r, const struct reply **reply)
{
    void *object = NULL;
    if (r->delivered)
        arena_reset(r);
    if (redisReaderGetReply(r->hiredis, &object) != REDIS_OK)
        return READER_BROKEN;
    if (object != NULL) {
        r->delivered = true;
        *reply = object;
        return READER_REPLY;
    }
    if (r->hiredis->len - r->hiredis->pos + r->text > READER_MAX_REPLY) {
        r->is_too_large = true;
        return READER_BROKEN;
    }
    return READER_MORE;
}

const char *reader_error(const struct reader *r)
{
    return r->is_too_large ? "reply too large" : r->hiredis->errstr;
}

/* Bytes of the copy, each part padded to 8. */
static size_t copy_size(const struct reply *r)
{
    size_t n = sizeof(*r) + ((r->text.n + 1 + 7) & ~(size_t)7) + r->count * sizeof(struct reply *);
    for (size_t i = 0; i < r->count; i++)
        n += copy_size(r->elements[i]);
    return n;
}

static struct reply *copy_into(const struct reply *r, char **at)
{
    struct reply *copy = (struct reply *)*at;
    *copy = *r;
    *at += sizeof(*copy);
    copy->elements = (struct reply **)*at;
    *at += r->count * sizeof(struct reply *);
    if (r->text.p != NULL) {
        memcpy(*at, r->text.p, r->text.n + 1);
        copy->text.p = *at;
        *at += (r->text.n + 1 + 7) & ~(size_t)7;
    }
    for (size_t i = 0; i < r->count; i++)
        copy->elements[i] = copy_into(r->elements[i], at);
    return copy;
}

struct reply *reply_copy(const struct reply *r)
{
    char *block = malloc(copy_size(r));
    if (block == NULL)
        abort();
    return copy_into(r, &block);
}

struct slice reply_error(const struct reply *r)
{
    return r != NULL && r->type == REDIS_REPLY_ERROR ? r->text : SLICE_NONE;
}

bool reply_is_null(const struct reply *r)
{
    return r == NULL || r->type == REDIS_REPLY_NIL;
}

size_t reply_count(const struct reply *r)
{
    return r != NULL ? r->count : 0;
}

const struct reply *reply_at(const struct reply *r, size_t i)
{
    return i < reply_count(r) ? r->elements[i] : NULL;
}

struct slice reply_text(const struct reply *r)
{
    if (r == NULL || (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS))
        return SLICE_NONE;
    return r->text;
}

/* Decimal text with an optional minus, as Redis writes integers; 0 for anything else. */
static int64_t text_i64(struct slice s)
{
    bool is_negative = s.n > 0 && s.p[0] == '-';
    uint64_t magnitude;
    if (is_negative)
        s = (struct slice){s.p + 1, s.n - 1};
    if (!slice_u64(s, (uint64_t)INT64_MAX + is_negative, &magnitude))
        return 0;
    return is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
}

int64_t reply_i64(const struct reply *r)
{
    if (r != NULL && r->type == REDIS_REPLY_INTEGER)
        return r->number;
    return text_i64(reply_text(r));
}

struct slice reply_field(const struct reply *flat, struct slice field)
{
    for (size_t i = 0; i + 1 < reply_count(flat); i += 2)
        if (slice_eq(reply_text_at(flat, i), field))
            return reply_text_at(flat, i + 1);
    return SLICE_NONE;
}
