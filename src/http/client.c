/* client.c: the address a request comes from, behind proxies that are trusted.
 *
 * SPDX-License-Identifier: MIT */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define V4_PREFIX "\0\0\0\0\0\0\0\0\0\0\xff\xff"
#define V4_PREFIX_LEN 12

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]:443", "192.0.2.1:443". */
static bool parse_address(struct slice text, uint8_t out[CLIENT_ADDRESS_LEN])
{
    char name[INET6_ADDRSTRLEN];
    const char *end;

    text = slice_trim(text);
    if (text.n > 1 && text.p[0] == '[' && (end = memchr(text.p, ']', text.n)) != NULL)
        text = (struct slice){text.p + 1, (size_t)(end - text.p - 1)};
    else if ((end = text.n > 0 ? memchr(text.p, ':', text.n) : NULL) != NULL &&
             memchr(text.p, '.', (size_t)(end - text.p)) != NULL)
        text.n = (size_t)(end - text.p);
    if (text.n == 0 || text.n >= sizeof name)
        return false;
    memcpy(name, text.p, text.n);
    name[text.n] = '\0';
    if (inet_pton(AF_INET6, name, out) == 1)
        return true;
    memcpy(out, V4_PREFIX, V4_PREFIX_LEN);
    return inet_pton(AF_INET, name, out + V4_PREFIX_LEN) == 1;
}

static bool parse_prefix(struct slice text, uint8_t address[CLIENT_ADDRESS_LEN], unsigned *bits)
{
    struct slice name;
    uint64_t length;

    slice_cut(&text, '/', &name);
    if (!parse_address(name, address))
        return false;
    bool v4 = memchr(name.p, ':', name.n) == NULL;
    *bits = 128;
    if (text.p == NULL)
        return true;
    if (!slice_u64(text, v4 ? 32 : 128, &length))
        return false;
    *bits = (unsigned)length + (v4 ? 96 : 0);
    return true;
}

bool client_proxies_parse(struct slice text, struct client_proxies *proxies)
{
    proxies->count = 0;
    while (text.n > 0) {
        size_t n = 0;
        while (n < text.n && text.p[n] != ' ' && text.p[n] != ',')
            n++;
        struct slice word = {text.p, n};
        n += n < text.n;
        text = (struct slice){text.p + n, text.n - n};
        if (word.n == 0)
            continue;
        if (proxies->count == CLIENT_MAX_PROXIES ||
            !parse_prefix(word, proxies->list[proxies->count].address,
                          &proxies->list[proxies->count].bits))
            return false;
        proxies->count++;
    }
    return true;
}

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(address, prefix, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static bool is_trusted(const struct client_proxies *proxies, const uint8_t *address)
{
    for (unsigned i = 0; i < proxies->count; i++) {
        if (has_prefix(address, proxies->list[i].address, proxies->list[i].bits))
            return true;
    }
    return false;
}

static void peer_address(const struct sockaddr *peer, uint8_t out[CLIENT_ADDRESS_LEN])
{
    memset(out, 0, CLIENT_ADDRESS_LEN);
    if (peer->sa_family == AF_INET6) {
        memcpy(out, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr,
               CLIENT_ADDRESS_LEN);
    } else if (peer->sa_family == AF_INET) {
        memcpy(out, V4_PREFIX, V4_PREFIX_LEN);
        memcpy(out + V4_PREFIX_LEN, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    }
}

void client_address(const struct client_proxies *proxies, const struct sockaddr *peer,
                    struct slice forwarded_for, uint8_t out[CLIENT_ADDRESS_LEN])
{
    uint8_t hop[CLIENT_ADDRESS_LEN];

    peer_address(peer, out);
    while (forwarded_for.n > 0 && is_trusted(proxies, out)) {
        size_t at = forwarded_for.n;
        while (at > 0 && forwarded_for.p[at - 1] != ',')
            at--;
        struct slice entry = {forwarded_for.p + at, forwarded_for.n - at};
        forwarded_for.n = at > 0 ? at - 1 : 0;
        if (!parse_address(entry, hop))
            return; /* what a trusted proxy does not know, nobody knows better */
        memcpy(out, hop, sizeof hop);
    }
}
