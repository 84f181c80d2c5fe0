/* link.c: links, percent-encoded as RFC 3986 says: all but letters, digits and "-._~".
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/link.h"

#define LONGEST_ESCAPE 6 /* a line end in an e-mail */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           memchr("-._~", c, 4) != NULL;
}

/* kept: bytes that are left besides. line_end: what LF, and CR LF, becomes. */
static struct slice encode(struct slice s, const char *kept, struct slice line_end,
                           struct arena *arena)
{
    static const char hex[] = "0123456789ABCDEF";
    char *text = arena_alloc(arena, s.n * LONGEST_ESCAPE), *at = text;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
            continue;
        if (c == '\n') {
            memcpy(at, line_end.p, line_end.n);
            at += line_end.n;
        } else if (is_unreserved((char)c) || (c != '\0' && strchr(kept, c) != NULL)) {
            *at++ = (char)c;
        } else {
            *at++ = '%';
            *at++ = hex[c >> 4];
            *at++ = hex[c & 15];
        }
    }
    return (struct slice){text, (size_t)(at - text)};
}

static struct slice digits_of(struct slice phone, struct arena *arena)
{
    char *digits = arena_alloc(arena, phone.n);
    size_t n = 0;

    for (size_t i = 0; i < phone.n; i++) {
        if (is_digit(phone.p[i]))
            digits[n++] = phone.p[i];
    }
    return (struct slice){digits, n};
}

static bool is_international(struct slice phone)
{
    phone = slice_trim(phone);
    return phone.n > 0 && phone.p[0] == '+';
}

struct slice link_sms(struct slice phone, struct slice text, struct arena *arena)
{
    struct slice digits = digits_of(phone, arena);

    if (digits.n == 0)
        return SLICE_NONE;
    return arena_join(arena, 5, SLICE("sms:"), is_international(phone) ? SLICE("+") : SLICE(""),
                      digits, SLICE("?body="), encode(text, "", SLICE("%0A"), arena));
}

struct slice link_email(struct slice email, struct slice subject, struct slice text,
                        struct arena *arena)
{
    email = slice_trim(email);
    if (email.n == 0)
        return SLICE_NONE;
    return arena_join(arena, 6, SLICE("mailto:"), encode(email, "@+", SLICE(""), arena),
                      SLICE("?subject="), encode(subject, "", SLICE("%20"), arena), SLICE("&body="),
                      encode(text, "", SLICE("%0D%0A"), arena));
}

struct slice link_whatsapp(struct slice phone, struct slice text, struct arena *arena)
{
    struct slice digits = digits_of(phone, arena);

    if (digits.n == 0 || !is_international(phone))
        return SLICE_NONE;
    return arena_join(arena, 4, SLICE("https://wa.me/"), digits, SLICE("?text="),
                      encode(text, "", SLICE("%0A"), arena));
}
