/* script.h: running one of lua/'s scripts: EVALSHA, loaded on connect, once more after NOSCRIPT.
 *
 * The scripts themselves are data made at build time (lua/CMakeLists.txt): text with includes
 * resolved, SHA-1, number of keys, whether it writes. Names: `script_<file>` in the generated
 * store/scripts.h.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_SCRIPT_H
#define KVCRM_STORE_SCRIPT_H

#include "kvcrm/store/store.h"

#define SCRIPT_MAX_ARGS 160 /* keys and arguments of one call */

struct script {
    const char *name; /* "event_track" */
    const char *sha1; /* 40 hex digits */
    const char *text; /* as loaded, not NUL-terminated */
    size_t length;
    int keys;    /* -- @keys N; least number of keys, more may be declared */
    bool writes; /* false: flags=no-writes */
};

/* All scripts, NULL at the end: what a new connection loads. */
extern const struct script *const scripts[];

/* One call of a script, embedded in its caller. Set script, done and data; add keys, then
 * arguments; run. Arguments are slices that must live until done. */
struct script_call {
    struct cmd cmd; /* first */
    const struct script *script;
    unsigned keys, count;
    struct slice args[SCRIPT_MAX_ARGS];
    /* err OK: reply is what the script returned. Otherwise reply may be the error reply (its text
     * after the first word explains) or NULL: ERR_REDIS_UNAVAILABLE when the script was surely not
     * run, ERR_OUTCOME_UNKNOWN when it may have been, else the row of its error word. Called
     * exactly once. */
    void (*done)(struct script_call *call, enum err err, const struct reply *reply);
    void *data;
    unsigned retries; /* after the server had forgotten the script */
};

void script_begin(struct script_call *call, const struct script *script,
                  void (*done)(struct script_call *, enum err, const struct reply *), void *data);
void script_key(struct script_call *call, struct slice key);
void script_arg(struct script_call *call, struct slice arg);
/* Refused (OK is not returned): done is not called. */
MUST_CHECK enum err script_run(struct store *store, struct script_call *call);

#endif
