/* fsck.c: proves all records, indexes, lists and counters of a workspace against each other.
 *
 * It walks the database with SCAN and has every key checked by lua/fsck_check.lua, which sees it
 * and all that refers to it at one moment; so it may run beside a working service. Only the sums
 * over all days are compared at the end, and only when nothing has changed meanwhile. It changes
 * nothing.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "kvcrm/base/arena.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/model/key.h"
#include "kvcrm/store/scripts.h"
#include "kvcrm/store/sync.h"

#define TIMEOUT_MS 5000
#define SCAN_COUNT "500"
#define LIST_PAGE 100
#define COUNTER_DAYS 399 /* the day counters are kept for 400 days */

struct fsck {
    struct sync *sync;
    struct key_tag tag;
    struct arena arena; /* of one key */
    uint64_t keys, contacts, tasks, faults;
    int64_t revenue;
    bool broken; /* the connection was lost: the answer is worthless */
};

/* What is checked of a pattern's keys; patterns that are not here have nothing to be checked
 * against. */
enum kind {
    KIND_NONE,
    KIND_CONTACT,
    KIND_SIDE, /* what a contact is on one side of a merge: found by its name */
    KIND_MERGED,
    KIND_INDEX,
    KIND_TASK,
    KIND_LEAD,
    KIND_LEAD_NUMBER,
    KIND_LEADS, /* a list of them */
    KIND_ALERT,
    KIND_STUDENT,
    KIND_SESSION,
    KIND_PART,
    KIND_SLOTS,
    KIND_ENTRY, /* of a waitlist */
    KIND_LINE,
    KIND_ENTERED, /* segments of a contact */
    KIND_MEMBERS, /* contacts of a segment */
    KIND_LIST
};

/* clang-format off */
static const struct {
    enum kind kind;
    const char *name; /* of an index: the identity; of a list: what it lists */
} checks[KEY_COUNT] = {
    [KEY_CONTACT] = {KIND_CONTACT, NULL},
    [KEY_CONTACT_MERGED] = {KIND_MERGED, NULL},
    [KEY_CONTACT_EXT] = {KIND_INDEX, "ext"},
    [KEY_CONTACT_EMAIL] = {KIND_INDEX, "email"},
    [KEY_CONTACT_PHONE] = {KIND_INDEX, "phone"},
    [KEY_CONTACT_WA] = {KIND_INDEX, "wa"},
    [KEY_TASK] = {KIND_TASK, NULL},
    [KEY_ALERT] = {KIND_ALERT, NULL},
    [KEY_ALERT_OPEN] = {KIND_LIST, "alert"},
    [KEY_LEAD_STUDENT] = {KIND_STUDENT, NULL},
    [KEY_SESSION] = {KIND_SESSION, NULL},
    [KEY_LEAD] = {KIND_LEAD, NULL},
    [KEY_LEAD_NO] = {KIND_LEAD_NUMBER, NULL},
    [KEY_LEAD_STATUS] = {KIND_LEADS, NULL},
    [KEY_LEAD_ANONYMOUS] = {KIND_LEADS, NULL},
    [KEY_LEAD_CREATED] = {KIND_LEADS, NULL},
    [KEY_LEAD_UPDATED] = {KIND_LEADS, NULL},
    [KEY_LEAD_PRIORITY] = {KIND_LEADS, NULL},
    [KEY_LEAD_SCORE] = {KIND_LEADS, NULL},
    [KEY_LEAD_STATE] = {KIND_LEADS, NULL},
    [KEY_LEAD_SOURCE] = {KIND_LEADS, NULL},
    [KEY_LEAD_QUALITY] = {KIND_LEADS, NULL},
    [KEY_LEAD_REASON] = {KIND_LEADS, NULL},
    [KEY_LEAD_RESPONSE] = {KIND_LEADS, NULL},
    [KEY_CONTACT_LEAD] = {KIND_PART, NULL},
    [KEY_CONTACT_ALIAS] = {KIND_PART, NULL},
    [KEY_CONTACT_TASK] = {KIND_PART, NULL},
    [KEY_CONTACT_SEGMENT] = {KIND_ENTERED, NULL},
    [KEY_SEGMENT_MEMBER] = {KIND_MEMBERS, NULL},
    [KEY_ACTIVITY] = {KIND_PART, NULL},
    [KEY_ACTIVITY_OLD] = {KIND_PART, NULL},
    [KEY_BOOKING] = {KIND_PART, NULL},
    [KEY_MESSAGE] = {KIND_PART, NULL},
    [KEY_STATUS] = {KIND_LIST, NULL},
    [KEY_CREATED] = {KIND_LIST, "created"},
    [KEY_REVENUE] = {KIND_LIST, "revenue"},
    [KEY_PRIORITY] = {KIND_LIST, "priority"},
    [KEY_SEARCH] = {KIND_LIST, "search"},
    [KEY_TASK_DUE] = {KIND_LIST, "due"},
    [KEY_TASK_OPEN] = {KIND_LIST, "open"},
    [KEY_TASK_CLOSED] = {KIND_LIST, "closed"},
    [KEY_SLOT] = {KIND_SLOTS, NULL},
    [KEY_SLOT_DAY] = {KIND_LIST, "day"},
    [KEY_WAITLIST] = {KIND_LINE, NULL},
    [KEY_WAITLIST_ENTRY] = {KIND_ENTRY, NULL},
    [KEY_WAITLIST_WAITING] = {KIND_LIST, "waiting"},
};
/* clang-format on */

static const char *const kind_words[] = {
    [KIND_CONTACT] = "contact", [KIND_SIDE] = "side",       [KIND_MERGED] = "merged",
    [KIND_INDEX] = "index",     [KIND_TASK] = "task",       [KIND_PART] = "part",
    [KIND_LIST] = "list",       [KIND_LEAD] = "lead",       [KIND_LEAD_NUMBER] = "number",
    [KIND_LEADS] = "leads",     [KIND_SESSION] = "session", [KIND_ALERT] = "alert",
    [KIND_STUDENT] = "student", [KIND_SLOTS] = "slots",     [KIND_ENTRY] = "entry",
    [KIND_LINE] = "line",       [KIND_ENTERED] = "entered", [KIND_MEMBERS] = "members",
};

static const struct reply *command(struct fsck *f, unsigned count, const struct slice *args)
{
    const struct reply *reply = f->broken ? NULL : sync_command(f->sync, TIMEOUT_MS, count, args);

    if (reply == NULL || reply_error(reply).n > 0) {
        if (!f->broken)
            fprintf(
                stderr, "kvcrm: %.*s\n",
                SLICE_ARGS(reply == NULL ? SLICE("the connection was lost") : reply_error(reply)));
        f->broken = true;
        return NULL;
    }
    return reply;
}

static void report(struct fsck *f, struct slice key, struct slice what)
{
    f->faults++;
    printf("%.*s: %.*s\n", SLICE_ARGS(key), SLICE_ARGS(what));
}

/* Runs the script on one key; the fixed arguments, then `more`. Returns its number. */
static int64_t check(struct fsck *f, struct slice key, enum kind kind, struct slice name,
                     const struct slice *more, unsigned more_count)
{
    struct slice args[8 + LIST_PAGE] = {
        SLICE("EVALSHA"),
        slice_of(script_fsck_check.sha1),
        SLICE("1"),
        key,
        slice_of(f->tag.before),
        slice_of(f->tag.after),
        slice_of(kind_words[kind]),
        name,
    };

    for (unsigned i = 0; i < more_count; i++)
        args[8 + i] = more[i];
    const struct reply *reply = command(f, 8 + more_count, args);
    for (size_t i = 1; i < reply_count(reply); i++)
        report(f, key, reply_text_at(reply, i));
    return reply_i64_at(reply, 0);
}

static void check_list(struct fsck *f, struct slice key, enum kind kind, struct slice name)
{
    struct slice cursor = SLICE("0"), members[LIST_PAGE];

    do {
        const struct slice scan[] = {SLICE("ZSCAN"), key, cursor, SLICE("COUNT"),
                                     SLICE(SCAN_COUNT)};
        const struct reply *page = command(f, 5, scan);
        cursor = arena_copy(&f->arena, reply_text_at(page, 0));
        size_t count = reply_count(reply_at(page, 1)) / 2;
        struct slice *found = arena_alloc(&f->arena, (count + 1) * sizeof *found);
        for (size_t i = 0; i < count; i++)
            found[i] = arena_copy(&f->arena, reply_text_at(reply_at(page, 1), 2 * i));
        for (size_t i = 0; i < count; i += LIST_PAGE) {
            unsigned n = (unsigned)(count - i < LIST_PAGE ? count - i : LIST_PAGE);
            memcpy(members, found + i, n * sizeof *members);
            check(f, key, kind, name, members, n);
        }
    } while (!f->broken && !slice_is(cursor, "0"));
}

/* The pattern of a key of this workspace, and what stands for its rest; KEY_COUNT for another's.
 * Rows of keys.def that begin alike have the longer prefix first. */
static enum key_pattern pattern_of(const struct fsck *f, struct slice key, struct slice *rest)
{
    for (int pattern = 0; pattern < KEY_COUNT; pattern++) {
        struct slice prefix = key_prefix(pattern);
        if (!slice_starts(key, prefix))
            continue;
        *rest = (struct slice){key.p + prefix.n, key.n - prefix.n};
        if (!key_has_rest(pattern)) {
            if (slice_is(*rest, f->tag.after))
                return pattern;
            if (slice_starts(*rest, SLICE("_{")))
                return KEY_COUNT;
            continue;
        }
        struct slice before = slice_of(f->tag.before);
        bool tagged = rest->n > 0 && rest->p[0] == '{';
        if (!slice_starts(*rest, before) || (before.n == 0 && tagged))
            return KEY_COUNT;
        *rest = (struct slice){rest->p + before.n, rest->n - before.n};
        return pattern;
    }
    return KEY_COUNT;
}

static void check_key(struct fsck *f, struct slice key)
{
    struct slice rest, name;
    enum key_pattern pattern = pattern_of(f, key, &rest);

    if (pattern == KEY_COUNT)
        return;
    f->keys++;
    enum kind kind = checks[pattern].kind;
    if (kind == KIND_CONTACT && memchr(rest.p, '~', rest.n) != NULL)
        kind = KIND_SIDE;
    name = checks[pattern].name != NULL ? slice_of(checks[pattern].name) : rest;
    f->contacts += kind == KIND_CONTACT;
    f->tasks += kind == KIND_TASK;
    if (kind == KIND_LIST || kind == KIND_LEADS || kind == KIND_LINE || kind == KIND_MEMBERS)
        check_list(f, key, kind, name);
    else if (kind != KIND_NONE)
        f->revenue += check(f, key, kind, name, NULL, 0);
}

static void check_all_keys(struct fsck *f)
{
    struct arena page;
    char cursor[32] = "0";

    do {
        const struct slice scan[] = {SLICE("SCAN"),  slice_of(cursor), SLICE("MATCH"),
                                     SLICE("crm_*"), SLICE("COUNT"),   SLICE(SCAN_COUNT)};
        const struct reply *reply = command(f, 6, scan);
        snprintf(cursor, sizeof cursor, "%.*s", SLICE_ARGS(reply_text_at(reply, 0)));
        size_t count = reply_count(reply_at(reply, 1));
        arena_init(&page, NULL, 0);
        struct slice *keys = arena_alloc(&page, (count + 1) * sizeof *keys);
        for (size_t i = 0; i < count; i++)
            keys[i] = arena_copy(&page, reply_text_at(reply_at(reply, 1), i));
        for (size_t i = 0; i < count && !f->broken; i++) {
            arena_init(&f->arena, NULL, 0);
            check_key(f, keys[i]);
            arena_dispose(&f->arena);
        }
        arena_dispose(&page);
    } while (!f->broken && strcmp(cursor, "0") != 0);
}

/* Sums
 * ---------------------------------------------------------------------------------------------- */

static void change_id(struct fsck *f, char out[64])
{
    arena_init(&f->arena, NULL, 0);
    struct slice feed = key_make(KEY_FEED, &f->tag, SLICE_NONE, &f->arena);
    const struct slice newest[] = {SLICE("XREVRANGE"), feed,           SLICE("+"),
                                   SLICE("-"),         SLICE("COUNT"), SLICE("1")};
    const struct reply *reply = command(f, 6, newest);
    snprintf(out, 64, "%.*s", SLICE_ARGS(reply_text_at(reply_at(reply, 0), 0)));
    arena_dispose(&f->arena);
}

static void check_sums(struct fsck *f)
{
    int64_t now_ms = clock_now_ms(), created = 0, revenue = 0;
    char day[9], what[128];

    for (int age = -1; age <= COUNTER_DAYS && !f->broken; age++) {
        arena_init(&f->arena, NULL, 0);
        struct slice key = key_make(KEY_STATS, &f->tag,
                                    slice_of(clock_day(now_ms - age * 86400000LL, day)), &f->arena);
        const struct slice get[] = {SLICE("HMGET"),    key,
                                    SLICE("created"),  SLICE("merged"),
                                    SLICE("unmerged"), SLICE("revenue_cents")};
        const struct reply *reply = command(f, 6, get);
        created += reply_i64_at(reply, 0) - reply_i64_at(reply, 1) + reply_i64_at(reply, 2);
        revenue += reply_i64_at(reply, 3);
        arena_dispose(&f->arena);
    }
    struct slice stats = key_prefix(KEY_STATS);
    if (created != (int64_t)f->contacts) {
        snprintf(what, sizeof what, "the days count %lld contacts, there are %llu",
                 (long long)created, (unsigned long long)f->contacts);
        report(f, stats, slice_of(what));
    }
    if (revenue != f->revenue) {
        snprintf(what, sizeof what, "the days count a revenue of %lld, the contacts have %lld",
                 (long long)revenue, (long long)f->revenue);
        report(f, stats, slice_of(what));
    }
}

/* Is the first contact younger than the counters are kept? (Then nothing has been forgotten yet.)
 */
static bool sums_are_whole(struct fsck *f)
{
    arena_init(&f->arena, NULL, 0);
    struct slice created = key_make(KEY_CREATED, &f->tag, SLICE_NONE, &f->arena);
    const struct slice first[] = {SLICE("ZRANGE"), created, SLICE("0"), SLICE("0"),
                                  SLICE("WITHSCORES")};
    const struct reply *reply = command(f, 5, first);
    int64_t oldest_ms = reply_count(reply) == 2 ? reply_i64_at(reply, 1) : clock_now_ms();
    arena_dispose(&f->arena);
    return clock_now_ms() - oldest_ms < COUNTER_DAYS * 86400000LL;
}

int cli_fsck(const struct conf *conf)
{
    char error[256], before[64], after[64];
    struct fsck f = {.keys = 0};
    const char *url = conf->redis;
    char directory[PATH_MAX], socket_url[PATH_MAX + 32];

    if (url[0] == '\0') { /* the private Redis of a service that runs here */
        if (realpath(conf->data_dir, directory) == NULL) {
            fprintf(stderr, "kvcrm: --data-dir: there is no directory %s\n", conf->data_dir);
            return 2;
        }
        snprintf(socket_url, sizeof socket_url, "unix://%s/redis.sock", directory);
        url = socket_url;
    }
    const struct store_url *parsed = store_url_parse(url, conf, error, sizeof error);
    if (parsed != NULL)
        f.sync = sync_open(parsed, TIMEOUT_MS, error, sizeof error);
    if (f.sync == NULL) {
        fprintf(stderr, "kvcrm: %s\n", error);
        return 2;
    }
    key_tag(&f.tag, slice_of(conf->workspace),
            store_is_cluster(sync_store(f.sync)) || conf->cluster_tags);
    change_id(&f, before);
    check_all_keys(&f);
    change_id(&f, after);
    if (!f.broken && strcmp(before, after) == 0 && sums_are_whole(&f))
        check_sums(&f);
    sync_close(f.sync);
    if (f.broken)
        return 2;
    printf("%llu keys, %llu contacts, %llu tasks checked: %llu faults\n",
           (unsigned long long)f.keys, (unsigned long long)f.contacts, (unsigned long long)f.tasks,
           (unsigned long long)f.faults);
    return f.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
