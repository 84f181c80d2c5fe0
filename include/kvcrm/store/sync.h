/* sync.h: one command, waited for. For command-line tools and start-up only, never in a worker.
 *
 * It turns the loop of a store until the reply is there, so unix sockets, TLS and passwords work as
 * in the server.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_SYNC_H
#define KVCRM_STORE_SYNC_H

#include "kvcrm/store/store.h"

struct sync;

/* Waits until connected. NULL and one clear sentence after timeout_ms. */
struct sync *sync_open(const struct store_url *url, int timeout_ms, char *error, size_t error_size);
void sync_close(struct sync *sync);
/* The reply is valid until the next call. NULL when the connection was lost or nothing came within
 * timeout_ms; an error reply is returned as such. */
const struct reply *sync_command(struct sync *sync, int timeout_ms, unsigned count,
                                 const struct slice *args);
struct store *sync_store(struct sync *sync);

#endif
