/* url.h: what a Redis URL says, for the files that connect by it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_URL_H
#define KVCRM_STORE_URL_H

#include "kvcrm/store/store.h"

#define URL_TEXT_MAX 320

struct store_url {
    struct store_url *next;
    char *path;            /* unix socket, or NULL */
    char *host, *port;     /* else these two; host without the brackets of IPv6 */
    char *user, *password; /* NULL: not set */
    int db;
    struct ssl_ctx_st *tls;      /* NULL: no TLS */
    bool has_client_certificate; /* of tls */
    char text[URL_TEXT_MAX];
};

#endif
