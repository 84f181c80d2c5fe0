/* store_driver.c: the store as a program: commands as lines in, events as lines out.
 *
 *     store_driver --redis URL [option...]     options as of kvcrm serve, and --no-usable
 *
 *     ping N      submits N PINGs
 *     call N      N calls of a script that answers its argument
 *     raw A B …   one command
 *     cancel N    submits N PINGs and cancels them at once
 *     leave N     submits N PINGs and drops the connection at once
 *     load N      keeps N commands under way, half of them calls, each with an answer of its own
 *     stop        ends the load and tells what came of it, once nothing is under way
 *     drop WHY    store_drop
 *     state       what the store says of itself
 *     metrics     the page
 *     quit        frees the store
 *
 * A batch reports once each of its commands has been answered:
 *     batch ping n=8 ok=8 error=0 not_sent=0 unknown=0 deadline=0 refused=0 cancelled=0 ms=1
 * A command answered twice, or by another's reply, ends the program.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/store/script.h"

#define LINE_MAX_BYTES 65536
#define RAW_MAX 64

extern char **environ;

static const char echo_text[] = "#!lua flags=no-writes\nreturn ARGV[1]";
static const struct script echo = {.name = "echo",
                                   .sha1 = "9f21817ca018ce4542c46b3a4af0135092897ce7",
                                   .text = echo_text,
                                   .length = sizeof(echo_text) - 1,
                                   .keys = 1};

struct driver {
    struct loop *loop;
    struct store *store;
    struct loop_timer refill; /* of the load */
    struct batch *load;
    unsigned load_size;
    uint64_t number; /* of the last item */
    atomic_bool stop;
    bool leaves_unusable;
};

struct batch {
    struct driver *driver;
    const char *name;
    uint64_t size, waiting;
    uint64_t ok, error, not_sent, unknown, deadline, refused, cancelled;
    int64_t start_us;
    bool is_over; /* of the load: tell when nothing waits any more */
    char first_error[128];
};

/* One command, freed when it is answered, so that a second answer is a use after free. */
struct item {
    struct script_call call; /* first; its cmd alone when it is no call */
    struct batch *batch;
    bool is_call;
    char text[24];
};

static void batch_check(struct batch *b)
{
    if (b->waiting > 0 || !b->is_over)
        return;
    printf(
        "batch %s n=%llu ok=%llu error=%llu not_sent=%llu unknown=%llu deadline=%llu refused=%llu"
        " cancelled=%llu ms=%lld%s%s\n",
        b->name, (unsigned long long)b->size, (unsigned long long)b->ok,
        (unsigned long long)b->error, (unsigned long long)b->not_sent,
        (unsigned long long)b->unknown, (unsigned long long)b->deadline,
        (unsigned long long)b->refused, (unsigned long long)b->cancelled,
        (long long)(clock_mono_us() - b->start_us) / 1000,
        b->first_error[0] != '\0' ? " first_error=" : "", b->first_error);
    free(b);
}

static void load_fill(struct batch *b);

static void item_end(struct item *item)
{
    struct batch *b = item->batch;
    b->waiting--;
    free(item);
    if (b == b->driver->load)
        load_fill(b);
    else
        batch_check(b);
}

static void note_error(struct batch *b, struct slice error)
{
    b->error++;
    if (b->first_error[0] == '\0')
        snprintf(b->first_error, sizeof(b->first_error), "%.*s", SLICE_ARGS(error));
}

/* The answer must be the very one to this item. */
static void check_own(const struct item *item, const struct reply *reply)
{
    if (!slice_is(reply_text(reply), item->text)) {
        printf("WRONG %s is answered by %.*s\n", item->text, SLICE_ARGS(reply_text(reply)));
        abort();
    }
    item->batch->ok++;
}

static void on_echo_done(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    struct item *item = (struct item *)cmd;
    struct batch *b = item->batch;
    switch (outcome) {
    case OUTCOME_REPLY:
        if (reply_error(reply).p != NULL)
            note_error(b, reply_error(reply));
        else
            check_own(item, reply);
        break;
    case OUTCOME_NOT_SENT:
        b->not_sent++;
        break;
    case OUTCOME_UNKNOWN:
        b->unknown++;
        break;
    case OUTCOME_DEADLINE:
        b->deadline++;
        break;
    }
    item_end(item);
}

static void on_call_done(struct script_call *call, enum err err, const struct reply *reply)
{
    struct item *item = (struct item *)call;
    struct batch *b = item->batch;
    if (err == OK)
        check_own(item, reply);
    else if (err == ERR_REDIS_UNAVAILABLE)
        b->not_sent++;
    else if (err == ERR_OUTCOME_UNKNOWN)
        b->unknown++;
    else
        note_error(b, slice_of(err_row(err)->word));
    item_end(item);
}

static void echo_build(struct cmd *cmd, struct store *store)
{
    store_args(store, 2);
    store_arg(store, SLICE("PING"));
    store_arg(store, slice_of(((struct item *)cmd)->text));
}

static struct batch *batch_new(struct driver *d, const char *name)
{
    struct batch *b = calloc(1, sizeof(*b));
    *b = (struct batch){.driver = d, .name = name, .start_us = clock_mono_us()};
    return b;
}

/* False when it was refused. */
static bool item_submit(struct batch *b, bool is_call)
{
    struct driver *d = b->driver;
    struct item *item = malloc(sizeof(*item));
    enum err err;
    item->batch = b;
    item->is_call = is_call;
    snprintf(item->text, sizeof(item->text), "i%llu", (unsigned long long)++d->number);
    b->size++;
    b->waiting++;
    if (is_call) {
        script_begin(&item->call, &echo, on_call_done, NULL);
        script_key(&item->call, SLICE("crm_contact_seq"));
        script_arg(&item->call, slice_of(item->text));
        err = script_run(d->store, &item->call);
    } else {
        item->call.cmd = (struct cmd){.build = echo_build, .done = on_echo_done};
        err = store_submit(d->store, &item->call.cmd);
    }
    if (err == OK)
        return true;
    b->refused++;
    b->waiting--;
    free(item);
    return false;
}

static void batch_run(struct driver *d, const char *name, bool is_call, int n)
{
    struct batch *b = batch_new(d, name);
    for (int i = 0; i < n; i++)
        (void)item_submit(b, is_call);
    b->is_over = true;
    batch_check(b);
}

/* All within one callback of the loop. */
static void leave_run(struct driver *d, int n)
{
    struct batch *b = batch_new(d, "leave");
    for (int i = 0; i < n; i++)
        (void)item_submit(b, false);
    b->is_over = true;
    store_drop(d->store, "told to leave");
}

static void cancel_run(struct driver *d, int n)
{
    struct batch *b = batch_new(d, "cancel");
    struct item *items = calloc((size_t)n, sizeof(*items));
    for (int i = 0; i < n; i++) {
        items[i].batch = b;
        items[i].call.cmd = (struct cmd){.build = echo_build, .done = on_echo_done};
        b->size++;
        if (store_submit(d->store, &items[i].call.cmd) == OK)
            b->cancelled++;
        else
            b->refused++;
    }
    for (int i = 0; i < n; i++)
        store_cancel(&items[i].call.cmd);
    free(items);
    b->is_over = true;
    batch_check(b);
}

static void load_fill(struct batch *b)
{
    struct driver *d = b->driver;
    while (!b->is_over && b->waiting < d->load_size && item_submit(b, b->size % 2 == 0))
        ;
    if (!b->is_over)
        loop_timer_set(d->loop, &d->refill, LOOP_TICK_20MS);
    else if (b->waiting == 0)
        d->load = NULL;
    batch_check(b);
}

static void on_refill(struct loop_timer *timer)
{
    struct driver *d = timer->data;
    if (d->load != NULL)
        load_fill(d->load);
}

struct raw {
    struct cmd cmd; /* first */
    char *line;     /* cut into args */
    unsigned count;
    struct slice args[RAW_MAX];
};

static void print_reply(const struct reply *reply)
{
    struct slice error = reply_error(reply);
    if (error.p != NULL) {
        printf("(error %s) %.*s", err_row(err_of_reply(error))->code, SLICE_ARGS(error));
    } else if (reply_text(reply).p != NULL) {
        printf("%.*s", (int)(reply_text(reply).n < 500 ? reply_text(reply).n : 500),
               reply_text(reply).p);
    } else if (reply_is_null(reply)) {
        printf("(null)");
    } else if (reply_count(reply) > 0) {
        printf("[%zu", reply_count(reply));
        for (size_t i = 0; i < reply_count(reply) && i < 20; i++) {
            printf(" ");
            print_reply(reply_at(reply, i));
        }
        printf("]");
    } else {
        printf("%lld", (long long)reply_i64(reply));
    }
}

static void on_raw_done(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    static const char *const names[] = {"reply", "not_sent", "unknown", "deadline"};
    struct raw *raw = (struct raw *)cmd;
    printf("raw %s ", names[outcome]);
    print_reply(reply);
    printf("\n");
    free(raw->line);
    free(raw);
}

static void raw_build(struct cmd *cmd, struct store *store)
{
    const struct raw *raw = (const struct raw *)cmd;
    store_args(store, raw->count);
    for (unsigned i = 0; i < raw->count; i++)
        store_arg(store, raw->args[i]);
}

static void raw_run(struct driver *d, const char *line)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    raw->cmd = (struct cmd){.build = raw_build, .done = on_raw_done};
    raw->line = strdup(line);
    struct slice rest = slice_of(raw->line);
    while (raw->count < RAW_MAX && slice_cut(&rest, ' ', &raw->args[raw->count]))
        raw->count++;
    enum err err = store_submit(d->store, &raw->cmd);
    if (err != OK) {
        printf("raw refused %s\n", err_row(err)->code);
        free(raw->line);
        free(raw);
    }
}

static void print_state(const struct driver *d)
{
    const struct store_health *health = store_health(d->store);
    printf("state usable=%d healthy=%d inflight=%u cluster=%d reply_age_ms=%lld version=%s\n",
           store_is_usable(d->store), atomic_load(&health->usable), store_inflight(d->store),
           store_is_cluster(d->store),
           (long long)(clock_mono_us() - atomic_load(&health->last_reply_us)) / 1000,
           store_server_version(d->store));
}

static void print_metrics(void)
{
    struct buf page;
    buf_init(&page, 1 << 20);
    metric_print(&page);
    printf("%.*smetrics end\n", (int)page.n, page.p);
    buf_dispose(&page);
}

static void obey(struct driver *d, const char *line)
{
    struct slice rest = slice_of(line), word;
    (void)slice_cut(&rest, ' ', &word);
    const char *argument = rest.p != NULL ? rest.p : "";
    int n = atoi(argument);
    if (slice_is(word, "ping"))
        batch_run(d, "ping", false, n);
    else if (slice_is(word, "call"))
        batch_run(d, "call", true, n);
    else if (slice_is(word, "cancel"))
        cancel_run(d, n);
    else if (slice_is(word, "leave"))
        leave_run(d, n);
    else if (slice_is(word, "raw"))
        raw_run(d, argument);
    else if (slice_is(word, "state"))
        print_state(d);
    else if (slice_is(word, "metrics"))
        print_metrics();
    else if (slice_is(word, "drop"))
        store_drop(d->store, argument);
    else if (slice_is(word, "quit"))
        atomic_store(&d->stop, true);
    else if (slice_is(word, "load")) {
        d->load = batch_new(d, "load");
        d->load_size = (unsigned)n;
        load_fill(d->load);
    } else if (slice_is(word, "stop") && d->load != NULL) {
        d->load->is_over = true;
        load_fill(d->load);
    } else {
        printf("what is %s\n", line);
    }
}

/* A line on its way from the reading thread to the loop. */
struct letter {
    struct loop_message message; /* first */
    struct driver *driver;
    char line[];
};

static void on_letter(struct loop_message *message)
{
    struct letter *letter = (struct letter *)message;
    obey(letter->driver, letter->line);
    free(letter);
}

static void *read_lines(void *data)
{
    struct driver *d = data;
    char line[LINE_MAX_BYTES];
    bool more = true;
    while (more) {
        more = fgets(line, sizeof(line), stdin) != NULL;
        if (!more)
            snprintf(line, sizeof(line), "quit");
        line[strcspn(line, "\n")] = '\0';
        more = more && strcmp(line, "quit") != 0;
        struct letter *letter = calloc(1, sizeof(*letter) + strlen(line) + 1);
        letter->message.on_message = on_letter;
        letter->driver = d;
        strcpy(letter->line, line);
        loop_post(d->loop, &letter->message);
    }
    return NULL;
}

static void on_connected(void *owner, struct store *store)
{
    struct driver *d = owner;
    printf("connected\n");
    if (d->leaves_unusable)
        return;
    store_set_usable(store);
    printf("usable\n");
}

int main(int argc, char **argv)
{
    struct driver d = {.loop = loop_new()};
    struct conf conf;
    char error[512];
    pthread_t reader;
    if (argc > 1 && strcmp(argv[argc - 1], "--no-usable") == 0) {
        d.leaves_unusable = true;
        argc--;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct store_url *url = NULL;
    if (conf_load(&conf, argc - 1, argv + 1, environ, error, sizeof(error)))
        url = store_url_parse(conf.redis, &conf, error, sizeof(error));
    if (url == NULL) {
        printf("fault %s\n", error);
        loop_free(d.loop);
        return 2;
    }
    struct store_options options = {.url = url,
                                    .deadline_ms = (uint32_t)conf.redis_deadline,
                                    .max_inflight = (uint32_t)conf.redis_inflight,
                                    .on_connected = on_connected,
                                    .owner = &d};
    loop_timer_init(&d.refill, on_refill, &d);
    d.store = store_new(d.loop, &options);
    printf("start %s\n", store_url_text(url));
    pthread_create(&reader, NULL, read_lines, &d);
    loop_run(d.loop, &d.stop);
    if (d.load != NULL)
        d.load->is_over = true;
    store_free(d.store);
    loop_timer_clear(&d.refill);
    pthread_join(reader, NULL);
    loop_free(d.loop);
    printf("end\n");
    return 0;
}
