/* log.c: one line per event, written by hand because there is one for each request and each event.
 *
 * Each thread gathers whole lines in a buffer of its own, which log_flush writes out. A line is
 * built in place: `end` stops it early enough that the closing quote, bracket and newline always
 * fit, so a line that is cut is still a well-formed line. What comes from outside passes through
 * put_text, which lets through printable ASCII and well-formed UTF-8 only, without quotes,
 * backslashes and the characters that end a line somewhere.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/log.h"

#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "kvcrm/base/clock.h"
#include "log_mask.h"
#include "utf8.h"

enum {
    BUFFER_SIZE = 16 * 1024,
    LINE_MAX_SIZE = 1024,
    CLOSING = 3,      /* quote, bracket, newline */
    FIELD_ROOM = 32,  /* a number, or the beginning of a text, with all that surrounds it */
    SECOND_TEXT = 20, /* "2025-11-11T10:00:00." */
};

struct lines {
    size_t n;
    int64_t second; /* that second_text shows */
    char second_text[SECOND_TEXT];
    char bytes[BUFFER_SIZE];
};
static _Thread_local struct lines lines;

/* Set once, before the threads start. */
static enum log_level least_level = LOG_LEVEL_INFO;
static enum log_format line_format = LOG_FORMAT_LOGFMT;

struct line {
    char *at, *end;
    bool is_cut;
    bool is_json;
};

void log_setup(enum log_level least, enum log_format format)
{
    least_level = least;
    line_format = format;
}

static void put(struct line *l, struct slice s)
{
    if (l->is_cut || l->at > l->end || (size_t)(l->end - l->at) < s.n) {
        l->is_cut = true;
        return;
    }
    memcpy(l->at, s.p, s.n);
    l->at += s.n;
}

static void put_escape(struct line *l, unsigned code)
{
    static const char hex[] = "0123456789abcdef";
    char six[6] = {'\\',          'u', hex[code >> 12], hex[code >> 8 & 15], hex[code >> 4 & 15],
                   hex[code & 15]};

    switch (code) {
    case '"':
    case '\\':
        six[1] = (char)code;
        break;
    case '\n':
        six[1] = 'n';
        break;
    case '\r':
        six[1] = 'r';
        break;
    case '\t':
        six[1] = 't';
        break;
    default:
        put(l, (struct slice){six, 6});
        return;
    }
    put(l, (struct slice){six, 2});
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* One character that is not plain; returns its length. */
static size_t put_character(struct line *l, const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t n = utf8_length(p, end);

    if (n == 0) {
        put_escape(l, 0xfffd);
        return 1;
    }
    if (n == 1)
        put_escape(l, u[0]);
    else if (n == 2 && u[0] == 0xc2 && u[1] < 0xa0)
        put_escape(l, u[1]); /* C1 controls: terminals obey them, and U+0085 ends a line */
    else if (n == 3 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] == 0xa8 || u[2] == 0xa9))
        put_escape(l, 0x2000 + (u[2] & 0x3fu)); /* line and paragraph separator */
    else
        put(l, (struct slice){p, n});
    return n;
}

static void put_text(struct line *l, struct slice s)
{
    const char *p = s.p, *end = s.p + s.n;

    while (p < end && !l->is_cut) {
        const char *run = p;
        size_t room = l->at < l->end ? (size_t)(l->end - l->at) : 0;

        while (p < end && is_plain((unsigned char)*p))
            p++;
        if ((size_t)(p - run) > room) {
            put(l, (struct slice){run, room});
            l->is_cut = true;
            return;
        }
        put(l, (struct slice){run, (size_t)(p - run)});
        if (p < end)
            p += put_character(l, p, end);
    }
}

static bool needs_quotes(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_plain((unsigned char)s.p[i]) || s.p[i] == ' ' || s.p[i] == '=')
            return true;
    return s.n == 0;
}

static void put_value(struct line *l, struct slice s)
{
    if (!l->is_json && !needs_quotes(s)) {
        put_text(l, s);
        return;
    }
    put(l, SLICE("\""));
    put_text(l, s);
    *l->at++ = '"'; /* the room for it lies beyond end */
}

static void put_number(struct line *l, int64_t v)
{
    char text[20], *end = text + sizeof(text), *at = end;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        *--at = '-';
    put(l, (struct slice){at, (size_t)(end - at)});
}

/* What may be shown of a field's text; out is room for it. */
static struct slice shown(const struct log_field *f, char out[LOG_MASK_SIZE])
{
    switch (f->type) {
    case LOG_TYPE_PHONE:
        return log_mask_phone(f->text, out);
    case LOG_TYPE_EMAIL:
        return log_mask_email(f->text, out);
    case LOG_TYPE_NAME:
        return log_mask_name(f->text, out);
    default:
        return f->text;
    }
}

static void put_key(struct line *l, const char *key)
{
    put(l, l->is_json ? SLICE(",\"") : SLICE(" "));
    put(l, slice_of(key));
    put(l, l->is_json ? SLICE("\":") : SLICE("="));
}

static void put_field(struct line *l, const struct log_field *f)
{
    char masked[LOG_MASK_SIZE];

    if (f->type != LOG_TYPE_INT && f->text.n == 0)
        return;
    if (l->is_cut || l->end - l->at < (ptrdiff_t)(strlen(f->key) + FIELD_ROOM)) {
        l->is_cut = true;
        return;
    }
    put_key(l, f->key);
    if (f->type == LOG_TYPE_INT)
        put_number(l, f->number);
    else
        put_value(l, shown(f, masked));
}

/* The real time, also under --test-clock: a log is for whoever looks at the real clock. */
static void put_time(struct line *l)
{
    struct timespec now;
    unsigned ms;
    char text[CLOCK_TEXT_SIZE];

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (unsigned)(now.tv_nsec / 1000000);
    if (now.tv_sec != lines.second) {
        lines.second = now.tv_sec;
        memcpy(lines.second_text, clock_format(now.tv_sec * INT64_C(1000), text), SECOND_TEXT);
    }
    put(l, (struct slice){lines.second_text, SECOND_TEXT});
    put(l, (struct slice){(char[]){(char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
                                   (char)('0' + ms % 10), 'Z'},
                          4});
}

static void put_head(struct line *l, enum log_level level, const char *msg)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};

    put(l, l->is_json ? SLICE("{\"ts\":\"") : SLICE("ts="));
    put_time(l);
    put(l, l->is_json ? SLICE("\",\"level\":\"") : SLICE(" level="));
    put(l, slice_of(names[level]));
    put(l, l->is_json ? SLICE("\",\"msg\":") : SLICE(" msg="));
    put_value(l, slice_of(msg));
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t count)
{
    char *start;
    struct line l;

    if (level < least_level)
        return;
    if (BUFFER_SIZE - lines.n < LINE_MAX_SIZE)
        log_flush();
    start = lines.bytes + lines.n;
    l = (struct line){start, start + LINE_MAX_SIZE - CLOSING, false,
                      line_format == LOG_FORMAT_JSON};
    put_head(&l, level, msg);
    for (size_t i = 0; i < count; i++)
        put_field(&l, &fields[i]);
    if (l.is_json)
        *l.at++ = '}';
    *l.at++ = '\n';
    lines.n = (size_t)(l.at - lines.bytes);
    if (level >= LOG_LEVEL_WARN)
        log_flush();
}

/* What cannot be written is dropped: there is no better place to complain. */
static void write_all(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDERR_FILENO, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        p += done;
        n -= (size_t)done;
    }
}

void log_flush(void)
{
    const char *p = lines.bytes;
    size_t n = lines.n;

    /* A pipe keeps up to PIPE_BUF bytes in one piece, so that the threads' lines do not mingle. */
    while (n > PIPE_BUF) {
        size_t whole = (size_t)((const char *)memrchr(p, '\n', PIPE_BUF) + 1 - p);

        write_all(p, whole);
        p += whole;
        n -= whole;
    }
    write_all(p, n);
    lines.n = 0;
}
