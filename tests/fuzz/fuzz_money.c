/* fuzz_money.c: money_parse against the number's digits moved by hand into place.
 *
 * The first byte chooses the decimals, the rest is the text. Whether the text is a number is asked
 * of jr_parse; what it is worth, of plain arithmetic on its digits in 128 bits, as far as they fit.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/json.h"
#include "kvcrm/model/money.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(holds) \
    ((holds)         \
         ? (void)0   \
         : (fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds), abort()))

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 18, MOST_POWER = 18 };

/* The number as digits * 10^power; false when it has too many of either for the arithmetic. */
static bool take_apart(struct slice text, uint64_t *digits, int *power)
{
    size_t i = *text.p == '-', count = 0;
    *digits = 0;
    *power = 0;
    for (bool fraction = false; i < text.n && (text.p[i] | 0x20) != 'e'; i++) {
        if (text.p[i] == '.') {
            fraction = true;
            continue;
        }
        if (++count > MOST_DIGITS)
            return false;
        *digits = *digits * 10 + (uint64_t)(text.p[i] - '0');
        *power -= fraction;
    }
    if (i < text.n) {
        char number[16];
        size_t n = text.n - i - 1;
        if (n > 6)
            return false;
        memcpy(number, text.p + i + 1, n);
        number[n] = '\0';
        *power += atoi(number);
    }
    return *power >= -MOST_POWER && *power <= MOST_POWER;
}

/* Rounded digits * 10^power in minor units, or -1 when that is above the largest amount. */
static int64_t amount(uint64_t digits, int power, unsigned decimals)
{
    wide top = digits, bottom = 1, most = MONEY_MAX_MAJOR;
    for (int i = 0; i < power; i++)
        top *= 10;
    for (int i = 0; i > power; i--)
        bottom *= 10;
    if (top > most * bottom)
        return -1;
    for (unsigned i = 0; i < decimals; i++)
        top *= 10;
    return (int64_t)((2 * top + bottom) / (2 * bottom));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned decimals = data[0] % 5;
    struct slice text = {(const char *)data + 1, size - 1};
    struct jr_value root;
    struct jr_fault fault;
    int64_t minor = -1, most = MONEY_MAX_MAJOR;
    for (unsigned i = 0; i < decimals; i++)
        most *= 10;

    bool taken = money_parse(text, decimals, &minor);
    CHECK(taken ? minor >= 0 && minor <= most : minor == -1);
    bool number = jr_parse(slice_trim(text), &root, &fault) == OK && root.type == JR_NUMBER;
    if (!number) {
        CHECK(!taken);
        return 0;
    }
    uint64_t digits;
    int power;
    if (take_apart(root.raw, &digits, &power)) {
        bool negative = *root.raw.p == '-' && digits != 0;
        CHECK(minor == (negative ? -1 : amount(digits, power, decimals)));
    }
    return 0;
}
