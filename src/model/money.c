/* money.c: decimal text to minor units, exactly.
 *
 * The number is seen as one run of digits and the power of ten of the first of them; whole and
 * fraction, exponent or none makes no difference then. No step can overflow: an amount beyond the
 * largest is recognised by the power of its first digit that is not 0.
 *
 * The bounds are those of the number as it was written, before rounding: -0.001 is negative, and
 * 10000000000.004 is too much.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/money.h"

#define MAX_POWER 10 /* MONEY_MAX_MAJOR is 1e10 */

struct decimal {
    bool negative;
    struct slice whole, fraction; /* digits */
    int64_t exponent;             /* clamped far beyond the length of any text */
};

static struct slice take_digits(struct slice *text)
{
    struct slice digits = {text->p, 0};
    while (digits.n < text->n && digits.p[digits.n] >= '0' && digits.p[digits.n] <= '9')
        digits.n++;
    text->p += digits.n;
    text->n -= digits.n;
    return digits;
}

static bool take_char(struct slice *text, char c)
{
    if (text->n == 0 || *text->p != c)
        return false;
    text->p++;
    text->n--;
    return true;
}

/* The grammar of a JSON number. */
static bool decimal_read(struct slice text, struct decimal *d)
{
    *d = (struct decimal){.negative = take_char(&text, '-')};
    d->whole = take_digits(&text);
    if (d->whole.n == 0 || (d->whole.n > 1 && d->whole.p[0] == '0'))
        return false;
    if (take_char(&text, '.')) {
        d->fraction = take_digits(&text);
        if (d->fraction.n == 0)
            return false;
    }
    if (take_char(&text, 'e') || take_char(&text, 'E')) {
        bool negative = take_char(&text, '-');
        if (!negative)
            (void)take_char(&text, '+');
        struct slice digits = take_digits(&text);
        if (digits.n == 0)
            return false;
        for (size_t i = 0; i < digits.n; i++)
            if (d->exponent < INT64_MAX / 100)
                d->exponent = d->exponent * 10 + (digits.p[i] - '0');
        if (negative)
            d->exponent = -d->exponent;
    }
    return text.n == 0;
}

/* The i-th digit of whole and fraction together, 0 behind the last one. */
static int digit_at(const struct decimal *d, size_t i)
{
    if (i < d->whole.n)
        return d->whole.p[i] - '0';
    i -= d->whole.n;
    return i < d->fraction.n ? d->fraction.p[i] - '0' : 0;
}

bool money_parse(struct slice text, unsigned decimals, int64_t *minor)
{
    struct decimal d;
    text = slice_trim(text);
    if (text.n == 0 || !decimal_read(text, &d))
        return false;
    size_t i = 0, digits = d.whole.n + d.fraction.n;
    while (i < digits && digit_at(&d, i) == 0)
        i++;
    if (i == digits) {
        *minor = 0;
        return true;
    }
    int64_t power = (int64_t)d.whole.n - 1 - (int64_t)i + d.exponent; /* of the digit i */
    if (d.negative || power > MAX_POWER)
        return false;

    int64_t sum = 0, most = MONEY_MAX_MAJOR;
    for (unsigned k = 0; k < decimals; k++)
        most *= 10;
    int64_t last = -(int64_t)decimals; /* the power of the minor unit */
    for (; power >= last; power--)
        sum = sum * 10 + digit_at(&d, i++);
    bool rest = false;
    for (size_t k = i; k < digits && !rest; k++)
        rest = digit_at(&d, k) != 0;
    if (sum > most || (sum == most && rest))
        return false;
    /* The digit behind the minor unit; with power smaller still there is a 0 in its place. */
    if (power == last - 1 && digit_at(&d, i) >= 5)
        sum++;
    *minor = sum;
    return true;
}

unsigned money_decimals(struct slice currency)
{
    /* ISO 4217, list one, where it is not 2. */
    static const struct {
        const char code[4];
        unsigned decimals;
    } rows[] = {
        // clang-format off
        {"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"ISK", 0}, {"JPY", 0}, {"KMF", 0},
        {"KRW", 0}, {"PYG", 0}, {"RWF", 0}, {"UGX", 0}, {"UYI", 0}, {"VND", 0}, {"VUV", 0},
        {"XAF", 0}, {"XOF", 0}, {"XPF", 0},
        {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"TND", 3},
        {"CLF", 4}, {"UYW", 4},
        // clang-format on
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (slice_ieq(currency, slice_of(rows[i].code)))
            return rows[i].decimals;
    return 2;
}
