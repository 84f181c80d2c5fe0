/* tls.h: the TLS context of a rediss:// URL.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_STORE_TLS_H
#define KVCRM_STORE_TLS_H

#include <stddef.h>

struct tls_files {
    const char *ca, *certificate, *key; /* "" is none; without a CA the system's are trusted */
};

/* One context serves all connections to one host, whose name (or address) the certificate must
 * carry. NULL and one clear sentence when a file cannot be used. Lives until exit. */
struct ssl_ctx_st *tls_context_new(const char *host, const struct tls_files *files, char *error,
                                   size_t error_size);

#endif
