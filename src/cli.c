/* cli.c: the small subcommands: config, healthcheck, version.
 *
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HEALTH_TIMEOUT_S 2
#define TEXT_MAX ((size_t)64 * 1024)

int cli_config(const struct conf *conf)
{
    struct buf text;

    buf_init(&text, TEXT_MAX);
    conf_print(conf, &text);
    bool written = fwrite(text.p, 1, text.n, stdout) == text.n;
    buf_dispose(&text);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cli_version(const struct conf *conf)
{
    (void)conf;
    printf("kvcrm %s (%s)\n", KVCRM_VERSION, KVCRM_COMMIT);
    return EXIT_SUCCESS;
}

/* Connects to an address of the form host:port. */
static int dial(const char *address)
{
    const char *colon = strrchr(address, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct timeval timeout = {HEALTH_TIMEOUT_S, 0};
    char host[256];
    int fd = -1;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        return -1;
    size_t length = (size_t)(colon - address);
    size_t bracket = length >= 2 && address[0] == '[' ? 1 : 0;
    length -= 2 * bracket;
    memcpy(host, address + bracket, length);
    host[length] = '\0';
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return -1;
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

int cli_healthcheck(const struct conf *conf)
{
    static const char request[] = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n"
                                  "Connection: close\r\n\r\n";
    static const char good[] = "HTTP/1.1 200 ";
    char answer[sizeof good];
    int fd = dial(conf->listen);

    if (fd < 0) {
        fprintf(stderr, "kvcrm: nothing answers on %s\n", conf->listen);
        return EXIT_FAILURE;
    }
    ssize_t sent = write(fd, request, sizeof request - 1);
    ssize_t got = sent > 0 ? recv(fd, answer, sizeof good - 1, MSG_WAITALL) : -1;
    close(fd);
    if (got == sizeof good - 1 && memcmp(answer, good, sizeof good - 1) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "kvcrm: the service on %s is not ready\n", conf->listen);
    return EXIT_FAILURE;
}
