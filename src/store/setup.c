/* setup.c: what every new connection does before it counts.
 *
 * The steps are ordinary commands in two pipelines: first who we are and what is there, then the
 * scripts. (Redis cuts a client off in mid-sentence that sends it large texts before it has said
 * who it is, and its reason would be lost.) The first error reply ends the attempt and becomes the
 * reason that operators read ("AUTH: WRONGPASS …"). CLIENT SETNAME and INFO may be forbidden to us
 * (NOPERM): then the connection has no name, and the server counts as new enough and not clustered.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "kvcrm/store/script.h"

#define FIXED_STEPS 4
#define LEAST_MAJOR 7 /* Redis 7.0: scripts that begin with #!lua */

enum step_kind { STEP_AUTH, STEP_SELECT, STEP_SETNAME, STEP_INFO, STEP_LOAD };

static const struct {
    const char *name;
    bool is_optional;
} kinds[] = {
    [STEP_AUTH] = {"AUTH", false},
    [STEP_SELECT] = {"SELECT", false},
    [STEP_SETNAME] = {"CLIENT SETNAME", true},
    [STEP_INFO] = {"INFO", true},
    [STEP_LOAD] = {"SCRIPT LOAD", false},
};

struct setup_step {
    struct cmd cmd; /* first */
    enum step_kind kind;
    const struct script *script;
};

static void build(struct cmd *cmd, struct store *store)
{
    const struct setup_step *step = (const struct setup_step *)cmd;
    const struct store_url *url = store->options.url;
    switch (step->kind) {
    case STEP_AUTH:
        store_args(store, url->user != NULL ? 3 : 2);
        store_arg(store, SLICE("AUTH"));
        if (url->user != NULL)
            store_arg(store, slice_of(url->user));
        store_arg(store, slice_of(url->password != NULL ? url->password : ""));
        break;
    case STEP_SELECT:
        store_args(store, 2);
        store_arg(store, SLICE("SELECT"));
        store_arg_i64(store, url->db);
        break;
    case STEP_SETNAME:
        store_args(store, 3);
        store_arg(store, SLICE("CLIENT"));
        store_arg(store, SLICE("SETNAME"));
        store_arg(store, SLICE("kvcrm"));
        break;
    case STEP_INFO:
        store_args(store, 1);
        store_arg(store, SLICE("INFO"));
        break;
    case STEP_LOAD:
        store_args(store, 3);
        store_arg(store, SLICE("SCRIPT"));
        store_arg(store, SLICE("LOAD"));
        store_arg(store, (struct slice){step->script->text, step->script->length});
        break;
    }
}

/* Value of a "name:value" line of INFO. */
static struct slice info_field(struct slice info, struct slice name)
{
    struct slice line;
    while (slice_cut(&info, '\n', &line))
        if (slice_starts(line, name) && line.n > name.n && line.p[name.n] == ':')
            return slice_trim((struct slice){line.p + name.n + 1, line.n - name.n - 1});
    return SLICE_NONE;
}

/* False when the server cannot be used; then why says it. */
static bool read_info(struct setup *setup, struct slice info, char *why, size_t why_size)
{
    struct slice version = info_field(info, SLICE("redis_version"));
    struct slice rest = version, major;
    uint64_t number;
    snprintf(setup->version, sizeof(setup->version), "%.*s", SLICE_ARGS(version));
    setup->is_cluster = slice_is(info_field(info, SLICE("cluster_enabled")), "1");
    if (slice_cut(&rest, '.', &major) && slice_u64(major, 1000, &number) && number < LEAST_MAJOR) {
        snprintf(why, why_size, "Redis %s is too old, %d.0 or newer is needed", setup->version,
                 LEAST_MAJOR);
        return false;
    }
    return true;
}

/* False when this reply ends the attempt; then why says it. */
static bool step_accept(struct setup *setup, const struct setup_step *step,
                        const struct reply *reply, char *why, size_t why_size)
{
    struct slice error = reply_error(reply);
    if (error.p != NULL) {
        if (kinds[step->kind].is_optional && err_of_reply(error) == ERR_REDIS_NOPERM)
            return true;
        snprintf(why, why_size, "%s: %.*s", kinds[step->kind].name, SLICE_ARGS(error));
        return false;
    }
    if (step->kind == STEP_INFO)
        return read_info(setup, reply_text(reply), why, why_size);
    if (step->kind == STEP_LOAD && !slice_is(reply_text(reply), step->script->sha1)) {
        snprintf(why, why_size, "SCRIPT LOAD: %s has another digest there", step->script->name);
        return false;
    }
    return true;
}

static void load_scripts(struct setup *setup);

static void on_done(struct cmd *cmd, enum outcome outcome, const struct reply *reply)
{
    const struct setup_step *step = (const struct setup_step *)cmd;
    struct store *store = cmd->store;
    struct setup *setup = &store->setup;
    char why[200];
    if (outcome != OUTCOME_REPLY)
        return; /* the attempt has ended already */
    if (!step_accept(setup, step, reply, why, sizeof(why)))
        store_drop(store, why);
    else if (++setup->done == setup->count)
        load_scripts(setup);
}

unsigned setup_most(void)
{
    unsigned n = 0;
    while (scripts[n] != NULL)
        n++;
    return n + FIXED_STEPS;
}

void setup_init(struct setup *setup, struct store *store)
{
    *setup = (struct setup){.store = store};
    setup->steps = calloc(setup_most(), sizeof(*setup->steps));
    if (setup->steps == NULL)
        abort();
}

void setup_dispose(struct setup *setup)
{
    free(setup->steps);
}

static void step_add(struct setup *setup, enum step_kind kind, const struct script *script)
{
    struct setup_step *step = &setup->steps[setup->count++];
    *step = (struct setup_step){{.build = build, .done = on_done}, kind, script};
    /* A fresh connection has room for all of them. */
    enum err err = store_send(setup->store, &step->cmd, STORE_NO_DEADLINE);
    assert(err == OK);
    (void)err;
}

static void greet(struct setup *setup)
{
    const struct store_url *url = setup->store->options.url;
    if (url->user != NULL || url->password != NULL)
        step_add(setup, STEP_AUTH, NULL);
    if (url->db != 0)
        step_add(setup, STEP_SELECT, NULL);
    step_add(setup, STEP_SETNAME, NULL);
    step_add(setup, STEP_INFO, NULL);
}

/* All steps so far are done; when these are the scripts, all is. */
static void load_scripts(struct setup *setup)
{
    if (!setup->loads_scripts)
        for (unsigned i = 0; scripts[i] != NULL; i++)
            step_add(setup, STEP_LOAD, scripts[i]);
    setup->loads_scripts = true;
    if (setup->done == setup->count)
        store_setup_done(setup->store);
}

void setup_start(struct setup *setup)
{
    setup->count = setup->done = 0;
    setup->loads_scripts = false;
    greet(setup);
}
