/* signature.c: is a webhook's body its sender's?
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/signature.h"

#include <stdlib.h>

#include "kvcrm/base/crypto.h"
#include "kvcrm/model/query.h"

#define PARAMETERS_MAX 1024 /* of a form */

bool signature_meta_fits(struct slice secret, struct slice header, struct slice body)
{
    static const char method[] = "sha256=";
    char expected[sizeof method + (size_t)2 * CRYPTO_SHA256_LEN] = "sha256=";
    uint8_t hash[CRYPTO_SHA256_LEN];

    crypto_hmac_sha256(secret, body, hash);
    crypto_hex(hash, sizeof hash, expected + sizeof method - 1);
    return crypto_equal(header, slice_of(expected)) && secret.n > 0;
}

/* Twilio --------------------------------------------------------------------------------------- */

struct parameter {
    struct slice name, value;
};

static int by_bytes(struct slice a, struct slice b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    int order = shorter > 0 ? memcmp(a.p, b.p, shorter) : 0;

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_name(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    int order = by_bytes(x->name, y->name);

    return order != 0 ? order : by_bytes(x->value, y->value);
}

/* Names and values behind each other; a pair that stands twice counts once. False: no form. */
static bool sort_parameters(struct slice form, struct arena *arena, struct slice *sorted)
{
    struct parameter *all = arena_alloc(arena, PARAMETERS_MAX * sizeof *all);
    struct slice pair, name;
    unsigned count = 0;

    while (slice_cut(&form, '&', &pair)) {
        if (pair.n == 0)
            continue;
        slice_cut(&pair, '=', &name);
        if (count == PARAMETERS_MAX || !query_unescape(name, arena, &all[count].name) ||
            !query_unescape(pair.p != NULL ? pair : SLICE(""), arena, &all[count].value))
            return false;
        count++;
    }
    qsort(all, count, sizeof *all, by_name);
    size_t n = 0;
    for (unsigned i = 0; i < count; i++)
        n += all[i].name.n + all[i].value.n;
    char *text = arena_alloc(arena, n + 1), *at = text;
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && by_name(&all[i - 1], &all[i]) == 0)
            continue;
        memcpy(at, all[i].name.p, all[i].name.n);
        at += all[i].name.n;
        if (all[i].value.n > 0)
            memcpy(at, all[i].value.p, all[i].value.n);
        at += all[i].value.n;
    }
    *sorted = (struct slice){text, (size_t)(at - text)};
    return true;
}

static bool fits(struct slice token, struct slice header, struct slice text)
{
    char expected[CRYPTO_BASE64_SIZE(CRYPTO_SHA1_LEN)];
    uint8_t hash[CRYPTO_SHA1_LEN];

    crypto_hmac_sha1(token, text, hash);
    crypto_base64(hash, sizeof hash, expected);
    return crypto_equal(header, slice_of(expected));
}

/* "https://crm.example.com:443/x": scheme, host, port (may be empty), what follows them. */
struct url_parts {
    struct slice scheme, host, port, rest;
};

static struct url_parts split_url(struct slice url)
{
    bool secure = slice_starts(url, SLICE("https://"));
    struct url_parts parts = {.scheme = secure ? SLICE("https://") : SLICE("http://"),
                              .port = secure ? SLICE("443") : SLICE("80")};
    struct slice left = {url.p + parts.scheme.n, url.n - parts.scheme.n};
    const char *slash = memchr(left.p, '/', left.n);
    size_t authority = slash != NULL ? (size_t)(slash - left.p) : left.n;

    parts.host = (struct slice){left.p, authority};
    parts.rest = (struct slice){left.p + authority, left.n - authority};
    while (parts.rest.n > 0 && parts.rest.p[parts.rest.n - 1] == '/')
        parts.rest.n--;
    for (size_t i = authority; i > 0 && left.p[i - 1] != ']'; i--) {
        if (left.p[i - 1] == ':') {
            parts.port = (struct slice){left.p + i, authority - i};
            parts.host.n = i - 1;
        }
    }
    return parts;
}

static bool fits_url(struct slice token, struct slice header, struct signed_url url,
                     struct slice parameters, struct arena *arena)
{
    if (token.n == 0 ||
        !(slice_starts(url.url, SLICE("https://")) || slice_starts(url.url, SLICE("http://"))))
        return false;
    struct url_parts parts = split_url(url.url);
    struct slice mark = url.query.n > 0 ? SLICE("?") : SLICE("");
    struct slice tail = arena_join(arena, 5, parts.rest, url.path, mark, url.query, parameters);
    struct slice plain = arena_join(arena, 3, parts.scheme, parts.host, tail);
    struct slice with_port =
        arena_join(arena, 5, parts.scheme, parts.host, SLICE(":"), parts.port, tail);
    bool fits_plain = fits(token, header, plain);

    return fits(token, header, with_port) || fits_plain;
}

bool signature_twilio_form_fits(struct slice token, struct slice header, struct signed_url url,
                                struct slice form, struct arena *arena)
{
    struct slice parameters;

    return sort_parameters(form, arena, &parameters) &&
           fits_url(token, header, url, parameters, arena);
}

bool signature_twilio_body_fits(struct slice token, struct slice header, struct signed_url url,
                                struct slice body, struct arena *arena)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    char hex[2 * CRYPTO_SHA256_LEN + 1];
    struct query query;

    if (query_parse(url.query, arena, &query) != OK)
        return false;
    crypto_sha256(body, hash);
    crypto_hex(hash, sizeof hash, hex);
    bool is_body = crypto_equal(query_text(&query, "bodySHA256"), slice_of(hex));
    return fits_url(token, header, url, SLICE(""), arena) && is_body;
}
