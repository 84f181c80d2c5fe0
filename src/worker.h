/* worker.h: the worker threads: one loop, one store, one server each.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_WORKER_H
#define KVCRM_WORKER_H

#include "kvcrm/base/conf.h"
#include "kvcrm/store/store.h"

struct workers;

/* Starts conf->threads threads (0: one per core) that answer on conf->listen. NULL and one clear
 * sentence when the address cannot be had. address becomes the one in force ("127.0.0.1:8080").
 * Signals that main waits for must be blocked before. */
struct workers *workers_start(const struct conf *conf, const struct store_url *url, char *address,
                              size_t address_size, char *error, size_t error_size);
/* Drains all of them, for at most conf->drain_timeout, and frees them. */
void workers_stop(struct workers *workers);

#endif
