/* worker.c: the worker threads.
 *
 * Nothing mutable is shared between them but atomics; they speak by loop_post. The end of a worker,
 * in its own thread: drain (no new connections, answers go out), then cut off what is left at the
 * deadline, one turn for the connections to go, then free.
 *
 * SPDX-License-Identifier: MIT */
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "kvcrm/http/server.h"

#define THREADS_MAX 64

struct worker {
    pthread_t thread;
    struct loop *loop;
    struct env env;
    struct server *server;
    struct loop_message drain;
    atomic_bool stop;
    const struct conf *conf;
};

struct workers {
    unsigned count;
    struct connections *connections;
    struct env *envs[THREADS_MAX];
    struct worker workers[];
};

static void on_drain(struct loop_message *message)
{
    struct worker *worker =
        (struct worker *)(void *)((char *)message - offsetof(struct worker, drain));

    server_drain(worker->server);
    atomic_store(&worker->stop, true);
}

static void *run(void *data)
{
    struct worker *worker = data;

    loop_run(worker->loop, &worker->stop);
    int64_t deadline_us = clock_mono_us() + worker->conf->drain_timeout * 1000000;
    while (!server_is_drained(worker->server) && clock_mono_us() < deadline_us)
        loop_turn(worker->loop, 20);
    if (!server_is_drained(worker->server)) {
        log_warn("requests cut off at the end", LOG_INT("after_s", worker->conf->drain_timeout));
        server_stop(worker->server);
        for (int turn = 0; turn < 50 && !server_is_drained(worker->server); turn++)
            loop_turn(worker->loop, 10);
    }
    server_stop(worker->server);
    env_dispose(&worker->env);
    if (server_is_drained(worker->server)) { /* else it is still in use; the process ends anyway */
        server_free(worker->server);
        loop_free(worker->loop);
    }
    log_flush();
    return NULL;
}

struct workers *workers_start(const struct conf *conf, const struct store_url *url, char *address,
                              size_t address_size, char *error, size_t error_size)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = conf->threads > 0 ? (unsigned)conf->threads : cores > 0 ? (unsigned)cores : 1;
    int fds[THREADS_MAX];

    count = count < THREADS_MAX ? count : THREADS_MAX;
    if (!server_listen(conf, count, fds, address, address_size, error, error_size))
        return NULL;
    struct workers *workers = calloc(1, sizeof *workers + count * sizeof(struct worker));
    if (workers == NULL)
        abort();
    workers->count = count;
    workers->connections = connections_new(conf);
    for (unsigned i = 0; i < count; i++) {
        struct worker *worker = &workers->workers[i];
        workers->envs[i] = &worker->env;
        worker->conf = conf;
        worker->drain.on_message = on_drain;
        worker->loop = loop_new();
        env_init(&worker->env, conf, url, worker->loop, workers->envs, count);
        worker->server = server_start(worker->loop, &worker->env, fds[i], workers->connections);
    }
    for (unsigned i = 0; i < count; i++) {
        if (pthread_create(&workers->workers[i].thread, NULL, run, &workers->workers[i]) != 0)
            abort();
    }
    return workers;
}

void workers_stop(struct workers *workers)
{
    for (unsigned i = 0; i < workers->count; i++)
        loop_post(workers->workers[i].loop, &workers->workers[i].drain);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->workers[i].thread, NULL);
    free(workers->connections);
    free(workers);
}
