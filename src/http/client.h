/* client.h: the address a request comes from, behind proxies that are trusted.
 *
 * X-Forwarded-For is a list that every proxy appends to, and that a client may begin as it likes.
 * So it is read from its end, as long as the hop that wrote the entry is a trusted proxy
 * (--trusted-proxies); the first address that is none is the client's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_CLIENT_H
#define KVCRM_HTTP_CLIENT_H

#include <sys/socket.h>

#include "kvcrm/base/slice.h"

#define CLIENT_ADDRESS_LEN 16 /* bytes; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2) */
#define CLIENT_MAX_PROXIES 32

struct client_proxies {
    struct {
        uint8_t address[CLIENT_ADDRESS_LEN];
        unsigned bits; /* of the prefix, of 128 */
    } list[CLIENT_MAX_PROXIES];
    unsigned count;
};

/* text: addresses and prefixes, "10.0.0.0/8 ::1", with blanks or commas between them. False when
 * one cannot be read, or there are too many. */
MUST_CHECK bool client_proxies_parse(struct slice text, struct client_proxies *proxies);

/* forwarded_for: the values of all such headers, joined by commas; empty: none. */
void client_address(const struct client_proxies *proxies, const struct sockaddr *peer,
                    struct slice forwarded_for, uint8_t out[CLIENT_ADDRESS_LEN]);

#endif
