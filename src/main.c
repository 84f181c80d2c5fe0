/* main.c: kvcrm's subcommands; `serve` starts Redis (if it has to), the workers, and waits for
 * signals.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "kvcrm/base/log.h"
#include "kvcrm/http/server.h"
#include "kvcrm/model/key.h"
#include "kvcrm/ops/op.h"
#include "kvcrm/store/embedded.h"
#include "worker.h"

#define ERROR_SIZE 512
#define EMBEDDED_STOP_MS 5000

/* Blocked in every thread; taken one by one by wait_for_end. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        abort();
}

static void wait_for_end(const sigset_t *signals, struct embedded *embedded)
{
    int again_ms = -1;

    for (;;) {
        struct timespec wait = {again_ms / 1000, (long)(again_ms % 1000) * 1000000};
        int signal_number =
            again_ms < 0 ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &wait);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            log_info("stopping", LOG_TEXT("signal", strsignal(signal_number)));
            log_flush();
            return;
        }
        if (embedded != NULL)
            again_ms = embedded_tend(embedded);
    }
}

static int serve(const struct conf *conf)
{
    char error[ERROR_SIZE], address[128];
    struct embedded *embedded = NULL;
    struct workers *workers = NULL;
    const char *url_text = conf->redis;
    const struct store_url *url;
    sigset_t signals;
    int status = EXIT_FAILURE;

    block_signals(&signals);
    ops_init();
    server_init();
    if (conf->redis[0] == '\0') {
        embedded = embedded_start(conf, error, sizeof error);
        if (embedded == NULL)
            goto out;
        url_text = embedded_url(embedded);
    }
    url = store_url_parse(url_text, conf, error, sizeof error);
    if (url == NULL)
        goto out;
    workers = workers_start(conf, url, address, sizeof address, error, sizeof error);
    if (workers == NULL)
        goto out;
    log_info("listening", LOG_TEXT("addr", address), LOG_TEXT("version", KVCRM_VERSION),
             LOG_TEXT("redis", store_url_text(url)), LOG_TEXT("workspace", conf->workspace));
    log_flush();
    status = EXIT_SUCCESS;
    wait_for_end(&signals, embedded);
    workers_stop(workers);
out:
    if (status != EXIT_SUCCESS)
        fprintf(stderr, "kvcrm: %s\n", error);
    if (embedded != NULL)
        embedded_stop(embedded, EMBEDDED_STOP_MS);
    return status;
}

static int help(const struct conf *conf);

static const struct {
    const char *name;
    int (*run)(const struct conf *conf);
    const char *what;
} commands[] = {
    {"serve", serve, "answer requests until SIGTERM"},
    {"fsck", cli_fsck, "check all records, indexes and counters of the database; exit 1 on faults"},
    {"config", cli_config, "print the options in force, without secrets"},
    {"healthcheck", cli_healthcheck, "exit 0 when the service on --listen is ready"},
    {"version", cli_version, "print the version"},
    {"help", help, "print this"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int help(const struct conf *conf)
{
    struct buf text;

    (void)conf;
    printf("kvcrm <command> [option…]\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].what);
    buf_init(&text, (size_t)64 * 1024);
    conf_help(&text);
    printf("\n%.*s", SLICE_ARGS(buf_slice(&text)));
    buf_dispose(&text);
    return EXIT_SUCCESS;
}

static bool setup_log(const struct conf *conf, char *error, size_t error_size)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};

    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        if (strcmp(conf->log_level, levels[level]) == 0) {
            log_setup(level,
                      strcmp(conf->log_format, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_LOGFMT);
            return true;
        }
    }
    snprintf(error, error_size, "--log-level: expected debug, info, warn or error");
    return false;
}

static bool check_workspace(const struct conf *conf, char *error, size_t error_size)
{
    if (key_is_workspace(slice_of(conf->workspace)))
        return true;
    snprintf(error, error_size, "--workspace: expected 1 to 32 characters of a-z, 0-9 and -");
    return false;
}

static bool check_proxies(const struct conf *conf, char *error, size_t error_size)
{
    if (server_check_proxies(slice_of(conf->trusted_proxies)))
        return true;
    snprintf(error, error_size, "--trusted-proxies: expected addresses like 10.0.0.0/8 or ::1");
    return false;
}

/* What Twilio signs begins with it: with the token and without the URL nothing could be verified.
 */
static bool check_public_url(const struct conf *conf, char *error, size_t error_size)
{
    struct slice url = slice_of(conf->public_url);
    bool needed = conf->twilio_auth_token[0] != '\0';

    if ((url.n == 0 && !needed) || slice_starts(url, SLICE("https://")) ||
        slice_starts(url, SLICE("http://")))
        return true;
    snprintf(error, error_size, "--public-url: expected https://crm.example.com%s",
             url.n == 0 ? ", because twilio-auth-token is set" : "");
    return false;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    char error[ERROR_SIZE];
    struct conf conf;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            name = "help";
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        if (commands[i].run == help)
            return help(NULL);
        if (!conf_load(&conf, argc - 2, argv + 2, environ, error, sizeof error) ||
            !setup_log(&conf, error, sizeof error) ||
            !check_workspace(&conf, error, sizeof error) ||
            !check_proxies(&conf, error, sizeof error) ||
            !check_public_url(&conf, error, sizeof error)) {
            fprintf(stderr, "kvcrm: %s\n", error);
            return 2;
        }
        return commands[i].run(&conf);
    }
    fprintf(stderr, "kvcrm: there is no command %s; kvcrm help lists them\n", name);
    return 2;
}
