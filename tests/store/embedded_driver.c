/* embedded_driver.c: the private redis-server, looked after until standard input ends.
 *
 *     embedded_driver --data-dir DIR [option...]
 *
 * Prints "started URL", "again" after each restart, "end".
 *
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "kvcrm/base/log.h"
#include "kvcrm/store/embedded.h"

#define LOOK_EVERY_MS 20
#define STOP_MS 5000

extern char **environ;

/* False at the end of the input. */
static bool pause_ms(int ms)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    return poll(&input, 1, ms) <= 0 || read(STDIN_FILENO, &byte, 1) == 1;
}

int main(int argc, char **argv)
{
    struct conf conf;
    char error[512];
    struct embedded *e = NULL;
    bool is_down = false;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (conf_load(&conf, argc - 1, argv + 1, environ, error, sizeof(error)))
        e = embedded_start(&conf, error, sizeof(error));
    if (e == NULL) {
        printf("fault %s\n", error);
        return 2;
    }
    printf("started %s\n", embedded_url(e));
    while (pause_ms(LOOK_EVERY_MS)) {
        bool was_down = is_down;
        is_down = embedded_tend(e) >= 0;
        if (was_down && !is_down)
            printf("again\n");
        log_flush();
    }
    embedded_stop(e, STOP_MS);
    printf("end\n");
    return 0;
}
