/* internal.h: struct store, and what store.c offers to the other files of this layer.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_INTERNAL_H
#define KVCRM_STORE_INTERNAL_H

#include "conn.h"
#include "dial.h"
#include "kvcrm/store/store.h"
#include "setup.h"
#include "url.h"

#define STORE_NO_DEADLINE UINT32_MAX

enum store_state {
    STORE_DOWN,    /* waiting for the next attempt */
    STORE_DIALING, /* dial.c is at it */
    STORE_SETUP,   /* setup.c is at it */
    STORE_BOOT,    /* the owner is at it */
    STORE_USABLE
};

/* A reply that Redis owes us. */
struct slot {
    struct cmd *cmd; /* NULL: nobody waits for it any more */
    int64_t deadline_us;
};

struct store {
    struct loop *loop;
    struct store_options options;
    enum store_state state;
    struct conn conn;
    struct dial dial;
    struct setup setup;

    /* Replies come in the order of commands: slots [head, tail) are owed, at index & mask. */
    struct slot *ring;
    uint64_t head, tail, mask;
    int64_t waiting_us; /* since when Redis owes the reply at head */

    struct loop_timer tick; /* 20 ms, while something is owed or being set up */
    struct loop_timer
        pulse; /* 100 ms, always: pings when idle, so that a silent death is noticed */
    struct cmd ping;

    int64_t since_us; /* when state began; of STORE_DOWN: when to try again */
    int64_t backoff_us;
    bool is_told;  /* the log knows that Redis is away */
    char why[200]; /* the last failure */
    struct store_health health;
};

/* Sends a command in any state in which the connection stands. */
MUST_CHECK enum err store_send(struct store *store, struct cmd *cmd, uint32_t deadline_ms);
/* The same for a command whose reply nobody waits for: shape is used in here only. */
MUST_CHECK enum err store_send_unheard(struct store *store, struct cmd *shape);
/* The last failure, "" when there was none. */
const char *store_why(const struct store *store);
/* From setup.c, after the last good reply. */
void store_setup_done(struct store *store);

#endif
