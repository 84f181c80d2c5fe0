/* head.c: re-scan of the raw request head.
 *
 * One walk, line by line, over bytes that libh2o has parsed already: so this is not a parser but a
 * list of refusals. Nothing is remembered but what the framing rules at the end need: how often the
 * headers that decide where a request ends were given, and what they said. The walk never looks
 * beyond HEAD_MAX bytes, whatever the buffer holds.
 *
 * SPDX-License-Identifier: MIT */
#include "head.h"

/* What the lines have said so far. */
struct seen {
    unsigned content_lengths, transfer_encodings, hosts;
    bool is_http10;
};

/* tchar of RFC 9110, one bit for each ASCII character. */
static bool is_token_char(char c)
{
    static const uint32_t map[4] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    unsigned char u = (unsigned char)c;

    return u < 128 && (map[u / 32] >> (u % 32) & 1) != 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t token_length(struct slice s)
{
    size_t n = 0;

    while (n < s.n && is_token_char(s.p[n]))
        n++;
    return n;
}

/* Raw bytes above ASCII are let through: curl sends them in paths, and they end nothing. */
static bool is_target(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_blank(s.p[i]) || is_control(s.p[i]))
            return false;
    return s.n > 0;
}

/* uri-host and port; empty is allowed. Only characters that end a host elsewhere are refused. */
static bool is_host(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"#/<>?@\\^`{|}", c) != NULL)
            return false;
    }
    return true;
}

/* The check_ functions return NULL, or what is wrong. A later minor version counts as 1.1. */
static const char *check_request_line(struct slice line, struct seen *seen)
{
    struct slice method, target, rest = line;

    if (!slice_cut(&rest, ' ', &method) || method.n == 0 || token_length(method) != method.n ||
        !slice_cut(&rest, ' ', &target) || !is_target(target) || rest.n != 8 ||
        memcmp(rest.p, "HTTP/1.", 7) != 0 || rest.p[7] < '0' || rest.p[7] > '9')
        return "The request line is not valid";
    seen->is_http10 = rest.p[7] == '0';
    return NULL;
}

static const char *check_framing_header(struct slice name, struct slice value, struct seen *seen,
                                        struct head_facts *facts)
{
    if (slice_ieq(name, SLICE("content-length"))) {
        seen->content_lengths++;
        facts->has_content_length = true;
        if (!slice_u64(value, UINT64_MAX, &facts->content_length))
            return "Content-Length is not a number";
    } else if (slice_ieq(name, SLICE("transfer-encoding"))) {
        seen->transfer_encodings++;
        facts->has_transfer_encoding = true;
        if (!slice_ieq(value, SLICE("chunked")))
            return "The only transfer encoding is chunked";
    } else if (slice_ieq(name, SLICE("host"))) {
        seen->hosts++;
        if (!is_host(value))
            return "The Host header is not valid";
    }
    return NULL;
}

static const char *check_header(struct slice line, struct seen *seen, struct head_facts *facts)
{
    struct slice name = {line.p, token_length(line)}, value;

    if (is_blank(line.p[0]))
        return "A header line must not be folded";
    if (name.n == line.n)
        return "A header line has no colon";
    if (line.p[name.n] != ':') {
        return is_blank(line.p[name.n]) ? "A header name must not be followed by a blank"
                                        : "A header name has a character that is not allowed";
    }
    if (name.n == 0)
        return "A header line has no name";
    value = (struct slice){line.p + name.n + 1, line.n - name.n - 1};
    for (size_t i = 0; i < value.n; i++)
        if (is_control(value.p[i]))
            return "A header value has a control character";
    return check_framing_header(name, slice_trim(value), seen, facts);
}

static const char *check_framing(const struct seen *seen)
{
    if (seen->content_lengths > 1)
        return "Content-Length was given more than once";
    if (seen->transfer_encodings > 1)
        return "Transfer-Encoding was given more than once";
    if (seen->content_lengths > 0 && seen->transfer_encodings > 0)
        return "Content-Length and Transfer-Encoding exclude each other";
    if (seen->transfer_encodings > 0 && seen->is_http10)
        return "HTTP/1.0 has no Transfer-Encoding";
    if (seen->hosts > 1)
        return "Host was given more than once";
    if (seen->hosts == 0 && !seen->is_http10)
        return "The Host header is missing";
    return NULL;
}

static enum head_verdict refuse(struct head_facts *facts, const char *reason)
{
    facts->reason = reason;
    return HEAD_BAD;
}

enum head_verdict head_check(struct slice raw, struct head_facts *facts)
{
    struct seen seen = {0};
    size_t most = raw.n < HEAD_MAX ? raw.n : HEAD_MAX;
    size_t at = most >= 2 && memcmp(raw.p, "\r\n", 2) == 0 ? 2 : 0; /* libh2o skips it too */
    const char *reason = NULL;
    bool is_first = true;

    *facts = (struct head_facts){0};
    while (reason == NULL) {
        const char *start = raw.p + at, *lf = at < most ? memchr(start, '\n', most - at) : NULL;
        struct slice line;

        if (lf == NULL && raw.n > HEAD_MAX) {
            facts->reason = "The request head is too large";
            return HEAD_TOO_LARGE;
        }
        if (lf == NULL)
            return refuse(facts, "The request head is not complete");
        if (lf == start || lf[-1] != '\r')
            return refuse(facts, "A line must end in CR LF");
        line = (struct slice){start, (size_t)(lf - start) - 1};
        at = (size_t)(lf - raw.p) + 1;
        if (is_first) {
            reason = check_request_line(line, &seen);
            is_first = false;
        } else if (line.n > 0) {
            reason = check_header(line, &seen, facts);
        } else {
            break;
        }
    }
    facts->length = at;
    if (reason == NULL)
        reason = check_framing(&seen);
    return reason == NULL ? HEAD_OK : refuse(facts, reason);
}
