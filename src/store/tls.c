/* tls.c: the TLS context of a rediss:// URL: who is trusted, and under which name.
 *
 * The name is checked by OpenSSL, through the context's verify parameters that every connection
 * inherits: h2o's own check is skipped under TLS 1.3, and knows no addresses.
 *
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls.h"

/* "--redis-ca FILE cannot be used: no such file" */
static void say(char *error, size_t error_size, const char *option, const char *file)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(error, error_size, "%s %s cannot be used: %s", option, file,
             reason != NULL ? reason : "unknown reason");
    ERR_clear_error();
}

static bool trust(SSL_CTX *ctx, const char *ca, char *error, size_t error_size)
{
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (ca[0] == '\0')
        return SSL_CTX_set_default_verify_paths(ctx) == 1;
    if (SSL_CTX_load_verify_locations(ctx, ca, NULL) == 1)
        return true;
    say(error, error_size, "--redis-ca", ca);
    return false;
}

static bool expect_name(SSL_CTX *ctx, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    /* set1_ip_asc fails for anything but an address. */
    bool is_set = X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1 ||
                  X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
    ERR_clear_error();
    return is_set;
}

static bool identify(SSL_CTX *ctx, const struct tls_files *files, char *error, size_t error_size)
{
    if (files->certificate[0] == '\0' && files->key[0] == '\0')
        return true;
    if (files->certificate[0] == '\0' || files->key[0] == '\0') {
        snprintf(error, error_size, "--redis-cert and --redis-key go together, only one is given");
        return false;
    }
    if (SSL_CTX_use_certificate_chain_file(ctx, files->certificate) != 1) {
        say(error, error_size, "--redis-cert", files->certificate);
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        say(error, error_size, "--redis-key", files->key);
        return false;
    }
    return true;
}

SSL_CTX *tls_context_new(const char *host, const struct tls_files *files, char *error,
                         size_t error_size)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    snprintf(error, error_size, "TLS cannot be set up for this host");
    if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
        trust(ctx, files->ca, error, error_size) && expect_name(ctx, host) &&
        identify(ctx, files, error, error_size))
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}
