/* sync_driver.c: one command through store/sync.h, as command-line tools use it.
 *
 *     KVCRM_REDIS=URL sync_driver TIMEOUT_MS WORD...       prints its reply, or why there is none
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "kvcrm/store/sync.h"

#define MOST_WORDS 16

extern char **environ;

static void print(const struct reply *reply)
{
    if (reply == NULL)
        printf("nothing\n");
    else if (reply_error(reply).p != NULL)
        printf("error %.*s\n", SLICE_ARGS(reply_error(reply)));
    else if (reply_count(reply) > 0)
        for (size_t i = 0; i < reply_count(reply); i++)
            print(reply_at(reply, i));
    else if (reply_text(reply).p != NULL)
        printf("text %.*s\n", SLICE_ARGS(reply_text(reply)));
    else
        printf("%s %lld\n", reply_is_null(reply) ? "null" : "number", (long long)reply_i64(reply));
}

int main(int argc, char **argv)
{
    struct conf conf;
    char error[512];
    struct slice words[MOST_WORDS];
    unsigned count = 0;
    int timeout_ms = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc && count < MOST_WORDS; i++)
        words[count++] = slice_of(argv[i]);
    const struct store_url *url = NULL;
    struct sync *sync = NULL;
    if (conf_load(&conf, 0, NULL, environ, error, sizeof(error)))
        url = store_url_parse(conf.redis, &conf, error, sizeof(error));
    if (url != NULL)
        sync = sync_open(url, timeout_ms, error, sizeof(error));
    if (sync == NULL) {
        printf("fault %s\n", error);
        return 1;
    }
    /* Twice: the first reply is given back when the second command starts. */
    sync_command(sync, timeout_ms, count, words);
    print(sync_command(sync, timeout_ms, count, words));
    sync_close(sync);
    return 0;
}
