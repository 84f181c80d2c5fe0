/* redis_alone.c: recorded commands to Redis as fast as it takes them: what the service could reach
 * if it cost nothing itself.
 *
 *     redis_alone SOCKET COMMANDS SECONDS BASE
 *
 * COMMANDS is what bench/load.py recorded: for each command a line "<bytes> <patches>", a line
 * "<kind> <at>" for each patch, then the bytes as they go on the wire. Patches make every event a
 * new one, in place and without changing a length: N 12 digits, X 12 hexadecimal digits, C the 13
 * characters of a contact id: a number that counts up from BASE; T 13 digits: the time in ms.
 *
 * Four connections take turns with 16 commands each, so that Redis always has work waiting. Prints
 * "<events> <microseconds> <errors> <replayed>"; an event that was replayed was none.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECTIONS 4
#define DEPTH 16

struct patch {
    char kind;
    size_t at;
};

struct command {
    char *bytes;
    size_t n;
    struct patch *patches;
    unsigned count;
};

struct replay {
    struct command *commands;
    size_t count, next;
    unsigned long long number; /* of the next event */
    unsigned long events, errors, replayed;
};

static void fail(const char *why)
{
    fprintf(stderr, "redis_alone: %s\n", why);
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (p == NULL)
        fail("out of memory");
    return p;
}

static long long now_us(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int read_command(FILE *file, struct command *command)
{
    if (fscanf(file, "%zu %u\n", &command->n, &command->count) != 2)
        return 0;
    command->bytes = room(command->n, 1);
    command->patches = room(command->count + 1, sizeof *command->patches);
    for (unsigned i = 0; i < command->count; i++) {
        struct patch *patch = &command->patches[i];
        if (fscanf(file, "%c %zu\n", &patch->kind, &patch->at) != 2 || patch->at + 13 > command->n)
            fail("a patch that cannot be read");
    }
    if (fread(command->bytes, 1, command->n, file) != command->n)
        fail("a command that is cut off");
    return 1;
}

static void read_commands(struct replay *replay, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t most = 0;
    if (file == NULL)
        fail(strerror(errno));
    for (;;) {
        if (replay->count == most) {
            most = most > 0 ? 2 * most : 1024;
            replay->commands = realloc(replay->commands, most * sizeof *replay->commands);
            if (replay->commands == NULL)
                fail("out of memory");
        }
        if (!read_command(file, &replay->commands[replay->count]))
            break;
        replay->count++;
    }
    fclose(file);
    if (replay->count == 0)
        fail("no commands");
}

static void put(char *at, unsigned width, unsigned long long v, unsigned base)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    while (width > 0) {
        at[--width] = digits[v % base];
        v /= base;
    }
}

static void patch_apply(const struct command *command, unsigned long long number, long long ms)
{
    for (unsigned i = 0; i < command->count; i++) {
        char *at = command->bytes + command->patches[i].at;
        switch (command->patches[i].kind) {
        case 'N':
            put(at, 12, number, 10);
            break;
        case 'X':
            put(at, 12, number, 16);
            break;
        case 'C':
            put(at, 13, number, 32);
            break;
        case 'T':
            put(at, 13, (unsigned long long)ms, 10);
            break;
        default:
            fail("a patch of an unknown kind");
        }
    }
}

static void send_some(struct replay *replay, redisContext *redis)
{
    long long ms = now_us(CLOCK_REALTIME) / 1000;
    int done = 0;
    for (int i = 0; i < DEPTH; i++) {
        struct command *command = &replay->commands[replay->next++ % replay->count];
        patch_apply(command, replay->number++, ms);
        if (redisAppendFormattedCommand(redis, command->bytes, command->n) != REDIS_OK)
            fail(redis->errstr);
    }
    while (!done) {
        if (redisBufferWrite(redis, &done) != REDIS_OK)
            fail(redis->errstr);
    }
}

static void read_some(struct replay *replay, redisContext *redis)
{
    for (int i = 0; i < DEPTH; i++) {
        redisReply *reply;
        if (redisGetReply(redis, (void **)&reply) != REDIS_OK)
            fail(redis->errstr);
        replay->events++;
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0)
            replay->errors++;
        else if (reply->element[0]->integer == 1)
            replay->replayed++;
        freeReplyObject(reply);
    }
}

int main(int argc, char **argv)
{
    struct replay replay = {.next = 0};
    redisContext *redis[CONNECTIONS];

    if (argc != 5)
        fail("expected SOCKET COMMANDS SECONDS BASE");
    read_commands(&replay, argv[2]);
    replay.number = strtoull(argv[4], NULL, 10);
    for (int i = 0; i < CONNECTIONS; i++) {
        redis[i] = redisConnectUnix(argv[1]);
        if (redis[i] == NULL || redis[i]->err != 0)
            fail(redis[i] != NULL ? redis[i]->errstr : "out of memory");
    }

    long long begin_us = now_us(CLOCK_MONOTONIC);
    long long end_us = begin_us + (long long)(strtod(argv[3], NULL) * 1e6);
    for (int i = 0; i < CONNECTIONS; i++)
        send_some(&replay, redis[i]);
    while (now_us(CLOCK_MONOTONIC) < end_us) {
        for (int i = 0; i < CONNECTIONS; i++) {
            read_some(&replay, redis[i]);
            send_some(&replay, redis[i]);
        }
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        read_some(&replay, redis[i]);
        redisFree(redis[i]);
    }
    printf("%lu %lld %lu %lu\n", replay.events, now_us(CLOCK_MONOTONIC) - begin_us, replay.errors,
           replay.replayed);
    return 0;
}
