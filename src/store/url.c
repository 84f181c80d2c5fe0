/* url.c: a Redis URL, taken apart and checked.
 *
 * Faults name the part that is wrong and never quote the URL: it may hold a password.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#include "tls.h"
#include "url.h"

#define MAX_DB 1000000

/* The parts as they stand in the URL, still escaped; SLICE_NONE where there is none. */
struct parts {
    struct slice user, password, host, port, path, db;
    bool is_tls;
};

/* All that were parsed, at start-up and for good: a leak checker finds them here. */
static struct store_url *parsed;

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* On the heap, for good; NULL when an escape is broken or means NUL. */
static char *unescape(struct slice s)
{
    char *text = malloc(s.n + 1);
    size_t n = 0;
    if (text == NULL)
        abort();
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex(s.p[i + 1]) : -1;
            int low = i + 2 < s.n ? hex(s.p[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                free(text);
                return NULL;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        text[n++] = c;
    }
    text[n] = '\0';
    return text;
}

static char *duplicate(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    return copy;
}

static bool contains(struct slice s, char c)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == c)
            return true;
    return false;
}

static bool take(struct slice *s, const char *prefix)
{
    struct slice start = slice_of(prefix);
    if (!slice_starts(*s, start))
        return false;
    *s = (struct slice){s->p + start.n, s->n - start.n};
    return true;
}

/* "/path", "/path?db=3". NULL, or what is wrong. */
static const char *parts_unix(struct slice rest, struct parts *parts)
{
    slice_cut(&rest, '?', &parts->path);
    if (parts->path.n < 2 || parts->path.p[0] != '/')
        return "a unix socket needs an absolute path, as in unix:///run/redis.sock";
    if (rest.p != NULL) {
        if (!take(&rest, "db=") || rest.n == 0)
            return "the only parameter of a unix socket is ?db=N";
        parts->db = rest;
    }
    return NULL;
}

/* "host", "host:port", "[::1]:port" */
static const char *parts_address(struct slice rest, struct parts *parts)
{
    if (take(&rest, "[")) {
        if (!slice_cut(&rest, ']', &parts->host) || rest.p == NULL)
            return "the address in brackets does not end";
        if (rest.n > 0 && !take(&rest, ":"))
            return "only a port may follow the address in brackets";
        parts->port = rest;
    } else {
        slice_cut(&rest, ':', &parts->host);
        parts->port = rest;
    }
    uint64_t port;
    if (parts->host.n == 0)
        return "the host is missing";
    if (parts->port.n > 0 && (!slice_u64(parts->port, 65535, &port) || port == 0))
        return "the port is not a number from 1 to 65535";
    return NULL;
}

/* "[user[:password]@]host[:port][/db]"; the last @ ends the credentials. */
static const char *parts_tcp(struct slice rest, struct parts *parts)
{
    if (contains(rest, '?') || contains(rest, '#'))
        return "a TCP address takes no parameters (escape ? and # in a password)";
    size_t at = rest.n;
    while (at > 0 && rest.p[at - 1] != '@')
        at--;
    if (at > 0) {
        struct slice credentials = {rest.p, at - 1};
        rest = (struct slice){rest.p + at, rest.n - at};
        slice_cut(&credentials, ':', &parts->user);
        parts->password = credentials;
    }
    struct slice address;
    slice_cut(&rest, '/', &address);
    parts->db = rest;
    return parts_address(address, parts);
}

static const char *parts_of(struct slice url, struct parts *parts)
{
    if (take(&url, "unix://") || take(&url, "unix:") || slice_starts(url, SLICE("/")))
        return parts_unix(url, parts);
    if (take(&url, "redis://"))
        return parts_tcp(url, parts);
    parts->is_tls = take(&url, "rediss://");
    if (parts->is_tls)
        return parts_tcp(url, parts);
    if (slice_starts(url, SLICE("redis+sentinel:")))
        return "redis+sentinel:// is not supported yet, give the primary's redis:// address";
    if (slice_starts(url, SLICE("redis+cluster:")))
        return "redis+cluster:// is not supported yet, give a single server's redis:// address";
    return "it must begin with redis://, rediss://, unix:// or /";
}

/* NULL, or what is wrong. */
static const char *url_fill(struct store_url *url, const struct parts *parts)
{
    uint64_t db = 0;
    if (parts->db.n > 0 && !slice_u64(parts->db, MAX_DB, &db))
        return "the database is not a number";
    url->db = (int)db;
    if (parts->path.n > 0) {
        url->path = unescape(parts->path);
        if (url->path == NULL)
            return "there is a broken %-escape";
        if (strlen(url->path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
            return "the path of the unix socket is longer than 107 bytes";
        return NULL;
    }
    url->host = unescape(parts->host);
    url->port = unescape(parts->port.n > 0 ? parts->port : SLICE("6379"));
    url->user = parts->user.n > 0 ? unescape(parts->user) : NULL;
    url->password = parts->password.n > 0 ? unescape(parts->password) : NULL;
    if (url->host == NULL || (parts->user.n > 0 && url->user == NULL) ||
        (parts->password.n > 0 && url->password == NULL))
        return "there is a broken %-escape";
    return NULL;
}

static void url_print(struct store_url *url, bool is_tls)
{
    if (url->path != NULL) {
        int n = snprintf(url->text, sizeof(url->text), "unix://%s", url->path);
        if (url->db != 0)
            snprintf(url->text + n, sizeof(url->text) - (size_t)n, "?db=%d", url->db);
        return;
    }
    bool is_v6 = strchr(url->host, ':') != NULL;
    snprintf(url->text, sizeof(url->text), "%s://%s%s%s:%s/%d", is_tls ? "rediss" : "redis",
             is_v6 ? "[" : "", url->host, is_v6 ? "]" : "", url->port, url->db);
}

static void url_free(struct store_url *url)
{
    free(url->path);
    free(url->host);
    free(url->port);
    free(url->user);
    free(url->password);
    free(url);
}

const struct store_url *store_url_parse(const char *text, const struct conf *conf, char *error,
                                        size_t error_size)
{
    struct store_url *url = calloc(1, sizeof(*url));
    struct parts parts = {0};
    assert(text != NULL);
    if (url == NULL)
        abort();
    const char *fault = parts_of(slice_of(text), &parts);
    if (fault == NULL)
        fault = url_fill(url, &parts);
    if (fault != NULL) {
        snprintf(error, error_size, "--redis is not a URL that can be used: %s", fault);
        url_free(url);
        return NULL;
    }
    if (url->user == NULL && conf->redis_user[0] != '\0')
        url->user = duplicate(conf->redis_user);
    if (url->password == NULL && conf->redis_password[0] != '\0')
        url->password = duplicate(conf->redis_password);
    url_print(url, parts.is_tls);
    if (parts.is_tls) {
        struct tls_files files = {conf->redis_ca, conf->redis_cert, conf->redis_key};
        url->has_client_certificate = files.certificate[0] != '\0';
        url->tls = tls_context_new(url->host, &files, error, error_size);
        if (url->tls == NULL) {
            url_free(url);
            return NULL;
        }
    }
    url->next = parsed;
    parsed = url;
    return url;
}

const char *store_url_text(const struct store_url *url)
{
    return url->text;
}
