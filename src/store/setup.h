/* setup.h: what every new connection does before it counts: AUTH, SELECT, CLIENT SETNAME, INFO and
 * SCRIPT LOAD of all scripts.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_SETUP_H
#define KVCRM_STORE_SETUP_H

#include "kvcrm/store/store.h"

struct setup_step;

struct setup {
    struct store *store;
    struct setup_step *steps; /* as many as there can be */
    unsigned count, done;     /* steps sent, and answered */
    bool loads_scripts;       /* the second part is under way */
    char version[24];         /* of the server, "" before the first connection */
    bool is_cluster;
};

void setup_init(struct setup *setup, struct store *store);
void setup_dispose(struct setup *setup);
/* Most commands that setup_start sends. */
unsigned setup_most(void);
/* Ends in store_setup_done, or in store_drop with the reason. */
void setup_start(struct setup *setup);

#endif
