/* embedded.c: the private redis-server: its directory, its configuration, its life.
 *
 * Two locks stand in the directory. kvcrm.lock is ours and says at once that the directory has an
 * owner. redis.lock is inherited by the server: when kvcrm was killed, a new one waits until the
 * old server, which dies with its parent, has really gone, for two servers would spoil one
 * append-only file.
 *
 * The server runs with the directory as its working directory, so its paths are short names.
 *
 * A Redis that is killed may leave half a transaction at the end of its append-only file. Redis 7
 * leaves it out when it loads the file, but only cuts its last command off the file; the rest would
 * run at the next start, as the beginning of the transaction that was written after it. So
 * redis.unclean stands in the directory while the server runs, and a server that did not end by
 * itself is followed by Redis's own checker, which mends the file, before the next one starts.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/store/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"

#define PREDECESSOR_MS 10000 /* that the server of a killed kvcrm gets to leave */
#define UNCLEAN "redis.unclean"
#define BACKOFF_LEAST_MS 50
#define BACKOFF_MOST_MS 5000
#define BACKOFF_RESET_US 10000000 /* of life, after which a death counts as the first again */

struct embedded {
    const char *program;
    char *url;
    int directory; /* descriptor */
    int owner_lock, server_lock;
    pid_t pid;        /* 0: not running */
    bool is_checking; /* pid is the checker of the append-only file, not the server */
    int64_t started_us, due_us;
    int64_t backoff_ms;
};

static const char settings[] = "# Written by kvcrm at each start; changes are lost.\n"
                               "port 0\n"
                               "unixsocket redis.sock\n"
                               "unixsocketperm 700\n"
                               "daemonize no\n"
                               "logfile redis.log\n"
                               "dir .\n"
                               "save \"\"\n"
                               "appendonly yes\n"
                               "auto-aof-rewrite-min-size 1gb\n"
                               "auto-aof-rewrite-percentage 100\n"
                               "maxmemory-policy noeviction\n"
                               "hash-max-listpack-value 1024\n"
                               "hash-max-listpack-entries 128\n"
                               "zset-max-listpack-value 1024\n"
                               "zset-max-listpack-entries 128\n"
                               "list-compress-depth 1\n";

static void pause_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* True when the file in the directory is ours now; waits up to wait_ms for it. */
static bool lock_take(int directory, const char *name, int wait_ms, int *lock)
{
    int fd = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int64_t end_us = clock_mono_us() + (int64_t)wait_ms * 1000;
    if (fd == -1)
        return false;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || clock_mono_us() >= end_us) {
            close(fd);
            return false;
        }
        pause_ms(10);
    }
    *lock = fd;
    return true;
}

static bool write_settings(int directory, const char *appendfsync)
{
    /* A new file in place of the old one: its mode is ours whatever was there. */
    unlinkat(directory, "redis.conf", 0);
    int fd = openat(directory, "redis.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd != -1 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        return false;
    fputs(settings, file);
    fprintf(file, "appendfsync %s\n", appendfsync);
    bool is_written = ferror(file) == 0;
    return fclose(file) == 0 && is_written;
}

/* "unix:///absolute/path/redis.sock", or NULL. */
static char *socket_url(const char *data_dir, char *error, size_t error_size)
{
    char *directory = realpath(data_dir, NULL), *url = NULL;
    if (directory == NULL) {
        snprintf(error, error_size, "--data-dir %s: %s", data_dir, strerror(errno));
        return NULL;
    }
    size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof("/redis.sock");
    if (strlen(directory) > most)
        snprintf(
            error, error_size,
            "--data-dir %s: the path is too long for a unix socket, at most %zu bytes are possible",
            data_dir, most);
    else if (asprintf(&url, "unix://%s/redis.sock", directory) == -1)
        abort();
    free(directory);
    return url;
}

/* Standard input of a child: nothing, or the answer to the checker's one question. */
static int child_input(bool is_checking)
{
    int answer[2];
    if (!is_checking)
        return open("/dev/null", O_RDONLY);
    if (pipe2(answer, O_CLOEXEC) != 0 || write(answer[1], "y\n", 2) != 2)
        return -1;
    return answer[0];
}

/* In the child, between fork and exec: only what is safe there. Does not return. */
static void child_run(const struct embedded *e, pid_t parent, int report)
{
    sigset_t none;
    sigemptyset(&none);
    (void)signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int log = openat(e->directory, "redis.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    int input = child_input(e->is_checking);
    if (getppid() == parent && log != -1 && input != -1 && fchdir(e->directory) == 0) {
        umask(077);
        dup2(input, 0);
        dup2(log, 1);
        dup2(log, 2);
        fcntl(e->server_lock, F_SETFD, 0);
        if (e->is_checking) /* the server's program is the checker as well, by this name */
            execlp(e->program, "redis-check-aof", "--fix", "appendonlydir/appendonly.aof.manifest",
                   (char *)NULL);
        else
            execlp(e->program, e->program, "redis.conf", (char *)NULL);
    }
    int fault = errno;
    ssize_t n = write(report, &fault, sizeof(fault));
    _exit(n == sizeof(fault) ? 127 : 126);
}

/* Starts the server, or the checker when the last server's end was not a clean one. 0, or the errno
 * with which the program could not be run. */
static int spawn(struct embedded *e)
{
    int report[2], fault = 0;
    pid_t parent = getpid();
    e->is_checking = faccessat(e->directory, UNCLEAN, F_OK, 0) == 0;
    if (!e->is_checking)
        close(openat(e->directory, UNCLEAN, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    e->pid = fork();
    if (e->pid == 0)
        child_run(e, parent, report[1]);
    if (e->pid == -1) {
        fault = errno;
    } else {
        /* The pipe closes by itself when exec succeeds. */
        close(report[1]);
        report[1] = -1;
        ssize_t n;
        do
            n = read(report[0], &fault, sizeof(fault));
        while (n == -1 && errno == EINTR);
        if (n != sizeof(fault))
            fault = 0;
        else
            waitpid(e->pid, NULL, 0);
    }
    if (report[1] != -1)
        close(report[1]);
    close(report[0]);
    if (fault != 0)
        e->pid = 0;
    e->started_us = clock_mono_us();
    return fault;
}

static bool prepare(struct embedded *e, const struct conf *conf, char *error, size_t error_size)
{
    const char *dir = conf->data_dir;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        snprintf(error, error_size, "--data-dir %s cannot be made: %s", dir, strerror(errno));
        return false;
    }
    e->url = socket_url(dir, error, error_size);
    if (e->url == NULL)
        return false;
    e->directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (e->directory == -1) {
        snprintf(error, error_size, "--data-dir %s cannot be used: %s", dir, strerror(errno));
        return false;
    }
    if (!lock_take(e->directory, "kvcrm.lock", 0, &e->owner_lock)) {
        snprintf(error, error_size, "--data-dir %s %s", dir,
                 errno == EWOULDBLOCK ? "is in use by another kvcrm" : "cannot be locked");
        return false;
    }
    if (!lock_take(e->directory, "redis.lock", PREDECESSOR_MS, &e->server_lock)) {
        snprintf(error, error_size, "--data-dir %s: an earlier redis-server still runs in it", dir);
        return false;
    }
    if (!write_settings(e->directory, conf->appendfsync)) {
        snprintf(error, error_size, "--data-dir %s: redis.conf cannot be written: %s", dir,
                 strerror(errno));
        return false;
    }
    return true;
}

static void embedded_free(struct embedded *e)
{
    /* Closing a lock gives it back. */
    const int descriptors[] = {e->server_lock, e->owner_lock, e->directory};
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
        if (descriptors[i] != -1)
            close(descriptors[i]);
    free(e->url);
    free(e);
}

static void log_spawned(const struct embedded *e)
{
    if (e->is_checking)
        log_info("private redis was not stopped, checking its append-only file",
                 LOG_INT("pid", e->pid));
    else
        log_info("private redis started", LOG_INT("pid", e->pid), LOG_TEXT("url", e->url));
}

struct embedded *embedded_start(const struct conf *conf, char *error, size_t error_size)
{
    struct embedded *e = calloc(1, sizeof(*e));
    if (e == NULL)
        abort();
    e->program = conf->redis_server;
    e->directory = e->owner_lock = e->server_lock = -1;
    if (!prepare(e, conf, error, error_size)) {
        embedded_free(e);
        return NULL;
    }
    int fault = spawn(e);
    if (fault != 0) {
        snprintf(error, error_size, "%s cannot be run: %s", e->program, strerror(fault));
        embedded_free(e);
        return NULL;
    }
    log_spawned(e);
    return e;
}

const char *embedded_url(const struct embedded *e)
{
    return e->url;
}

static bool is_clean(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A file that cannot be mended is the server's business, which says so. */
static void checked(struct embedded *e, int status)
{
    unlinkat(e->directory, UNCLEAN, 0);
    e->pid = 0;
    e->due_us = clock_mono_us();
    if (!is_clean(status))
        log_warn("the append-only file is not sound; redis.log says why", LOG_INT("code", status));
}

/* Sets when to start again. */
static void died(struct embedded *e, int status)
{
    if (is_clean(status))
        unlinkat(e->directory, UNCLEAN, 0);
    int64_t now_us = clock_mono_us();
    if (e->backoff_ms == 0 || now_us - e->started_us >= BACKOFF_RESET_US)
        e->backoff_ms = BACKOFF_LEAST_MS;
    else if (e->backoff_ms * 2 <= BACKOFF_MOST_MS)
        e->backoff_ms *= 2;
    e->pid = 0;
    e->due_us = now_us + e->backoff_ms * 1000;
    log_error("private redis died, starting it again; redis.log says why",
              LOG_TEXT("how", WIFSIGNALED(status) ? "signal" : "exit"),
              LOG_INT("code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
              LOG_INT("wait_ms", e->backoff_ms));
}

int embedded_tend(struct embedded *e)
{
    int status;
    if (e->pid != 0 && waitpid(e->pid, &status, WNOHANG) == e->pid) {
        if (e->is_checking)
            checked(e, status);
        else
            died(e, status);
    }
    if (e->pid != 0)
        return -1;
    int64_t left_us = e->due_us - clock_mono_us();
    if (left_us > 0)
        return (int)(left_us / 1000) + 1;
    int fault = spawn(e);
    if (fault == 0) {
        log_spawned(e);
        return -1;
    }
    log_error("private redis cannot be run, trying again", LOG_TEXT("reason", strerror(fault)),
              LOG_INT("wait_ms", BACKOFF_MOST_MS));
    e->due_us = clock_mono_us() + INT64_C(1000) * BACKOFF_MOST_MS;
    return BACKOFF_MOST_MS;
}

void embedded_stop(struct embedded *e, int timeout_ms)
{
    int64_t end_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
    if (e->pid != 0) {
        int status;
        kill(e->pid, SIGTERM);
        while (waitpid(e->pid, &status, WNOHANG) == 0) {
            if (clock_mono_us() >= end_us) {
                log_warn("private redis does not stop, killing it", LOG_INT("pid", e->pid));
                kill(e->pid, SIGKILL);
                waitpid(e->pid, &status, 0);
                break;
            }
            pause_ms(5);
        }
        if (!e->is_checking && is_clean(status))
            unlinkat(e->directory, UNCLEAN, 0);
    }
    embedded_free(e);
}
