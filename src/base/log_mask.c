/* log_mask.c: what the log shows of personal data.
 *
 * SPDX-License-Identifier: MIT */
#include "log_mask.h"

#include "utf8.h"

static struct slice first_character(struct slice s)
{
    size_t n;

    if (s.n == 0)
        return s;
    n = utf8_length(s.p, s.p + s.n);
    return (struct slice){s.p, n > 0 ? n : 1};
}

static struct slice join(char out[LOG_MASK_SIZE], struct slice before, const char *after_first,
                         struct slice second, const char *last)
{
    const struct slice parts[] = {before, slice_of(after_first), second, slice_of(last)};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].n > 0)
            memcpy(out + n, parts[i].p, parts[i].n);
        n += parts[i].n;
    }
    return (struct slice){out, n};
}

struct slice log_mask_phone(struct slice s, char out[LOG_MASK_SIZE])
{
    enum { FEWEST_DIGITS = 7 }; /* of fewer, three would say too much */
    char digits[3] = {0};       /* the first and the last two */
    size_t count = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            continue;
        if (count++ == 0)
            digits[0] = s.p[i];
        digits[1] = digits[2];
        digits[2] = s.p[i];
    }
    if (count < FEWEST_DIGITS)
        return SLICE("***");
    if (s.p[0] != '+')
        return join(out, SLICE_NONE, "***", (struct slice){digits + 1, 2}, "");
    return join(out, (struct slice){(char[]){'+', digits[0]}, 2}, "***",
                (struct slice){digits + 1, 2}, "");
}

struct slice log_mask_email(struct slice s, char out[LOG_MASK_SIZE])
{
    const char *at = memrchr(s.p, '@', s.n);
    struct slice local, domain;

    if (at == NULL)
        return SLICE("***");
    local = (struct slice){s.p, (size_t)(at - s.p)};
    domain = (struct slice){at + 1, s.n - local.n - 1};
    return join(out, first_character(local), "***@", first_character(domain), "***");
}

struct slice log_mask_name(struct slice s, char out[LOG_MASK_SIZE])
{
    return join(out, first_character(s), "***", SLICE_NONE, "");
}
