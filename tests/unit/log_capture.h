/* log_capture.h: standard error as a socket that keeps the boundaries of writes, and a strict
 * reader of logfmt, for the tests of the log. Include after cmocka.h.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_LOG_CAPTURE_H
#define TESTS_LOG_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST = 1024, OUTPUT_SIZE = 1 << 18, MOST_WRITES = 256, MOST_PAIRS = 64 };

static struct {
    int saved_stderr, from_log;
    char bytes[OUTPUT_SIZE];
    size_t n, writes, ends[MOST_WRITES]; /* where each write ends in bytes */
} output;

/* No assertion may stand between begin and end: its message would go into the socket. */
static void capture_begin(void)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    output.saved_stderr = dup(STDERR_FILENO);
    dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    output.from_log = pair[0];
    output.n = output.writes = 0;
}

/* Takes over what was written up to now. */
static void capture_read(void)
{
    ssize_t n;

    while (output.writes < MOST_WRITES &&
           (n = recv(output.from_log, output.bytes + output.n, OUTPUT_SIZE - 1 - output.n,
                     MSG_DONTWAIT)) > 0) {
        output.n += (size_t)n;
        output.ends[output.writes++] = output.n;
    }
    output.bytes[output.n] = '\0';
}

static void capture_end(void)
{
    capture_read();
    dup2(output.saved_stderr, STDERR_FILENO);
    close(output.saved_stderr);
    close(output.from_log);
}

static size_t line_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < output.n; i++)
        count += output.bytes[i] == '\n';
    return count;
}

struct pair {
    char key[64];
    char value[LINE_MOST];
    size_t n;
};

static size_t put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
}

/* What stands between two quotes; *p stands on the first, and afterwards behind the second. */
static void read_quoted(const char **p, struct pair *pair)
{
    static const char letters[] = "nrt\"\\", meant[] = "\n\r\t\"\\";
    const char *s = *p + 1;

    while (*s != '"') {
        const char *letter;
        unsigned code;

        assert_true((unsigned char)*s >= 0x20 && (unsigned char)*s != 0x7f);
        if (*s != '\\') {
            pair->value[pair->n++] = *s++;
        } else if (s[1] == 'u') {
            assert_int_equal(sscanf(s + 2, "%4x", &code), 1);
            pair->n += put_utf8(pair->value + pair->n, code);
            s += 6;
        } else {
            letter = s[1] != '\0' ? strchr(letters, s[1]) : NULL;
            assert_non_null(letter);
            pair->value[pair->n++] = meant[letter - letters];
            s += 2;
        }
    }
    *p = s + 1;
}

/* Reads one line, strictly: key=value pairs with one blank between. Returns their number. */
static size_t read_logfmt(const char *p, struct pair pairs[MOST_PAIRS])
{
    size_t count = 0;

    for (;;) {
        struct pair *pair = &pairs[count];
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz_");

        assert_true(n > 0 && n < sizeof(pair->key) && p[n] == '=' && count < MOST_PAIRS);
        memcpy(pair->key, p, n);
        pair->key[n] = '\0';
        pair->n = 0;
        p += n + 1;
        if (*p == '"') {
            read_quoted(&p, pair);
        } else {
            while ((unsigned char)*p > ' ' && (unsigned char)*p < 0x7f && !strchr("\"=\\", *p))
                pair->value[pair->n++] = *p++;
            assert_true(pair->n > 0);
        }
        pair->value[pair->n] = '\0';
        count++;
        if (*p == '\n')
            return count;
        assert_int_equal(*p, ' ');
        p++;
    }
}

/* Everything after the time, as it is in the one line that was written. */
static void assert_line_ends(const char *expected)
{
    const char *level = strstr(output.bytes, " level=");

    assert_int_equal(line_count(), 1);
    assert_non_null(level);
    assert_string_equal(level + 1, expected);
}

#endif
