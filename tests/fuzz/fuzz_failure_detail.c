/* fuzz_failure_detail.c: what is kept of an error is one short line without addresses and numbers.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/failure.h"
#include "kvcrm/model/failure_text.h"
#include "kvcrm/model/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_plain(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct arena arena;
    size_t characters = 0, digits = 0;

    arena_init(&arena, NULL, 0);
    struct slice detail = failure_detail(text, &arena);
    require((detail.n > 0) == (detail.p != NULL));
    require(utf8_is_valid(detail) || !utf8_is_valid(text));
    for (size_t i = 0; i < detail.n; i++) {
        char c = detail.p[i];

        require((unsigned char)c >= ' ' && c != 0x7F);
        characters += ((unsigned char)c & 0xC0) != 0x80;
        digits = is_digit(c) ? digits + 1 : 0;
        require(digits < 7);
        if (c == '@' && i > 0 && i + 1 < detail.n)
            require(!(is_plain(detail.p[i - 1]) && is_plain(detail.p[i + 1])));
    }
    require(characters <= FAILURE_DETAIL_MAX);
    /* The classifiers look at the same texts. */
    require(failure_classify(text, false) != FAILURE_NONE);
    require(failure_classify_refined(text, false) != FAILURE_NONE);
    arena_dispose(&arena);
    return 0;
}
