/* embedded.h: the private redis-server that `kvcrm serve` starts when no Redis URL is given.
 *
 * It listens on a unix socket in the data directory only (directory 0700, socket 0700), with the
 * append-only file on, noeviction and the listpack settings of KEYS.md, in its own process group so
 * that a terminal's Ctrl-C reaches kvcrm first. It dies with us (PR_SET_PDEATHSIG) and is
 * restarted, with back-off, when it dies by itself. One data directory has one owner (a lock file).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_EMBEDDED_H
#define KVCRM_STORE_EMBEDDED_H

#include "kvcrm/base/conf.h"

struct embedded;

/* Writes the configuration, takes the lock and starts the server; does not wait until it answers.
 * NULL and one clear sentence when the directory cannot be used, is in use, or the program is
 * missing. */
struct embedded *embedded_start(const struct conf *conf, char *error, size_t error_size);
/* "unix:///…/redis.sock" */
const char *embedded_url(const struct embedded *e);
/* After SIGCHLD: reaps; restarts when the child has died. Returns ms after which to call again
 * (restart due), or -1. Main thread only. */
int embedded_tend(struct embedded *e);
/* SIGTERM, waits for it to save and exit, then SIGKILL after timeout_ms; gives back the lock. */
void embedded_stop(struct embedded *e, int timeout_ms);

#endif
