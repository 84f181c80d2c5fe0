/* failure_detail.c: an error text without stack trace, e-mail addresses and phones.
 *
 * What looks like an address or a number is masked, whether it is one or not: a detail that says
 * less is better than one that says too much. Each step goes over the line once.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure.h"
#include "kvcrm/model/failure_text.h"

#include "kvcrm/base/clock.h"

enum {
    DATE_LENGTH = 10,
    FEWEST_DIGITS = 7, /* of a phone */
    LONGEST_GAP = 5,   /* bytes between its digits: ") - ", or a dash beyond ASCII with blanks */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_beyond_ascii(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_at(struct slice s, size_t i, struct slice text)
{
    return s.n - i >= text.n && memcmp(s.p + i, text.p, text.n) == 0;
}

static struct slice from(struct slice s, size_t i)
{
    return (struct slice){s.p + i, s.n - i};
}

static struct slice upto(struct slice s, size_t i)
{
    return (struct slice){s.p, i};
}

/* Lines and stack traces ------------------------------------------------------------------------
 */

/* Does the line end at i? Also at the line ends beyond ASCII (U+0085, U+2028, U+2029), and at a
 * "\n" spelled out before the blanks of a stack frame, as in a stack that was put into JSON twice.
 */
static bool is_line_end(struct slice s, size_t i)
{
    return ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || is_at(s, i, SLICE("\xC2\x85")) ||
           is_at(s, i, SLICE("\xE2\x80\xA8")) || is_at(s, i, SLICE("\xE2\x80\xA9")) ||
           is_at(s, i, SLICE("\\n "));
}

static struct slice first_line(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (is_line_end(s, i))
            return upto(s, i);
    }
    return s;
}

static struct slice last_line(struct slice s)
{
    const char *at = s.n > 0 ? memrchr(s.p, '\n', s.n) : NULL;

    return at != NULL ? from(s, (size_t)(at + 1 - s.p)) : s;
}

/* Is there a "file.ext:12" before the next " at "? */
static bool is_frame(struct slice s)
{
    for (size_t i = 1; i < s.n && !is_at(s, i, SLICE(" at ")); i++) {
        size_t dot = i;

        if (s.p[i] != ':' || i + 1 == s.n || !is_digit(s.p[i + 1]))
            continue;
        while (dot > 0 && is_letter(s.p[dot - 1]))
            dot--;
        if (dot > 0 && dot < i && s.p[dot - 1] == '.')
            return true;
    }
    return false;
}

/* Without the frames of a stack that lost its line ends. Each "at" is looked at up to the next. */
static struct slice without_frames(struct slice line)
{
    static const struct slice marks[] = {SLICE_CONST("Traceback (most recent call last)"),
                                         SLICE_CONST("Stack trace:"), SLICE_CONST("File \"")};

    for (size_t i = 0; i < line.n; i++) {
        if (is_at(line, i, SLICE("at ")) && (i == 0 || line.p[i - 1] == ' ') &&
            is_frame(from(line, i + 3)))
            return upto(line, i);
        for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++) {
            if (is_at(line, i, marks[k]))
                return upto(line, i);
        }
    }
    return line;
}

static struct slice told_line(struct slice text)
{
    text = slice_trim(text);
    if (slice_starts(text, SLICE("Traceback (most recent call last)")))
        text = slice_trim(last_line(text));
    return first_line(text);
}

/* Masks -----------------------------------------------------------------------------------------
 */

/* An apostrophe may be inside, but a quotation mark before an address is none of it. */
static bool is_local(char c, bool is_first)
{
    return is_letter(c) || is_digit(c) || is_beyond_ascii(c) || (c == '\'' && !is_first) ||
           memchr("._%+-", c, 5) != NULL;
}

static bool is_domain(char c)
{
    return is_letter(c) || is_digit(c) || is_beyond_ascii(c) || memchr(".-@", c, 3) != NULL;
}

/* Bytes of the e-mail address whose local part is the run s[0..run); 0 when it is none. */
static size_t email_length(struct slice s, size_t run)
{
    size_t end = run + 1;

    for (size_t i = 1; i + 3 < run; i++) {
        if (is_at(s, i, SLICE("%40"))) /* in a URL */
            return run;
    }
    if (run == s.n || s.p[run] != '@')
        return 0;
    while (end < s.n && is_domain(s.p[end]))
        end++;
    while (end > run && !is_letter(s.p[end - 1]) && !is_digit(s.p[end - 1]) &&
           !is_beyond_ascii(s.p[end - 1]))
        end--; /* the full stop of the sentence */
    return end > run ? end : 0;
}

static void mask_emails(struct slice s, struct buf *out)
{
    while (s.n > 0) {
        size_t run = 0;

        while (run < s.n && is_local(s.p[run], run == 0))
            run++;
        size_t email = run > 0 ? email_length(s, run) : 0;
        size_t passed = email > 0 ? email : run > 0 ? run : 1;
        buf_add(out, email > 0 ? SLICE("***@***") : upto(s, passed));
        s = from(s, passed);
    }
}

/* A date is no phone: "2025-11-15 is taken" would say nothing without it. */
static bool is_date(struct slice s)
{
    return s.n >= DATE_LENGTH && (s.n == DATE_LENGTH || !is_digit(s.p[DATE_LENGTH])) &&
           clock_is_date(upto(s, DATE_LENGTH));
}

/* Bytes from the first of s to the last digit of its number, and how many digits that has. */
static size_t number_length(struct slice s, unsigned *digits)
{
    size_t end = 0;

    *digits = 0;
    for (size_t i = 0; i < s.n && i - end <= LONGEST_GAP; i++) {
        if (is_digit(s.p[i])) {
            if (*digits > 0 && i > end && is_date(from(s, i)))
                break;
            ++*digits;
            end = i + 1;
        } else if (!is_beyond_ascii(s.p[i]) && memchr(" \t.-()/+", s.p[i], 8) == NULL) {
            break;
        }
    }
    return end;
}

static void mask_phones(struct slice s, struct buf *out)
{
    while (s.n > 0) {
        unsigned digits = 0;
        size_t number = 0;

        if (is_date(s))
            number = DATE_LENGTH;
        else if (is_digit(s.p[0]) || s.p[0] == '+' || s.p[0] == '(')
            number = number_length(s, &digits);
        size_t passed = number > 0 ? number : 1;
        buf_add(out, digits >= FEWEST_DIGITS ? SLICE("***") : upto(s, passed));
        s = from(s, passed);
    }
}

static struct slice cut_characters(struct slice s, size_t most)
{
    size_t i = 0;

    for (size_t characters = 0; i < s.n; i++) {
        if (((unsigned char)s.p[i] & 0xC0) != 0x80 && characters++ == most)
            break;
    }
    return upto(s, i);
}

struct slice failure_detail(struct slice error_text, struct arena *arena)
{
    struct slice line = slice_trim(without_frames(told_line(error_text)));
    struct buf without_emails, masked;

    if (line.n == 0 || slice_is(line, FAILURE_UNKNOWN_ERROR))
        return SLICE_NONE;
    /* A mask is longer than the shortest address, never than three times its length. */
    buf_init(&without_emails, line.n * 3);
    buf_init(&masked, line.n * 3);
    mask_emails(line, &without_emails);
    mask_phones(buf_slice(&without_emails), &masked);
    for (size_t i = 0; i < masked.n; i++) {
        if ((unsigned char)masked.p[i] < ' ' || masked.p[i] == 0x7F)
            masked.p[i] = ' ';
    }
    line = arena_copy(arena, slice_trim(cut_characters(buf_slice(&masked), FAILURE_DETAIL_MAX)));
    buf_dispose(&masked);
    buf_dispose(&without_emails);
    return line.n > 0 ? line : SLICE_NONE;
}
