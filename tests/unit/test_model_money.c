/* test_model_money.c: amounts from their text, by table and against an oracle that works on
 * strings.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/model/money.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define UNTOUCHED (-4711)

static int64_t money(const char *text, unsigned decimals)
{
    int64_t minor = UNTOUCHED;
    bool good = money_parse(slice_of(text), decimals, &minor);
    assert_int_equal(good, minor != UNTOUCHED);
    return minor;
}

static void test_amounts_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        unsigned decimals;
        int64_t minor;
    } rows[] = {
        {"0", 2, 0},
        {"450", 2, 45000},
        {"450.1", 2, 45010},
        {"450.10", 2, 45010},
        {"450.00", 2, 45000},
        {"19.99", 2, 1999},
        {"0.1", 2, 10},
        {"0.01", 2, 1},
        {" 7 ", 2, 700},
        {"\t7\r\n", 2, 700},
        /* rounding, half away from zero */
        {"0.005", 2, 1},
        {"0.0049999999999999999999999999999", 2, 0},
        {"0.004", 2, 0},
        {"0.00500000000000000000001", 2, 1},
        {"1.005", 2, 101},
        {"2.675", 2, 268},
        {"0.995", 2, 100},
        {"999.999", 2, 100000},
        {"0.05", 0, 0},
        {"0.5", 0, 1},
        {"1.4999", 0, 1},
        {"650.5", 0, 651},
        {"1.0005", 3, 1001},
        {"0.12345", 4, 1235},
        /* exponents */
        {"1e3", 2, 100000},
        {"1E3", 2, 100000},
        {"1.5e+3", 2, 150000},
        {"12345e-2", 2, 12345},
        {"12345e-4", 2, 123},
        {"12355e-3", 2, 1236},
        {"5e-3", 2, 1},
        {"4e-3", 2, 0},
        {"0.5e-2", 2, 1},
        {"50e-4", 2, 1},
        {"9e-4", 2, 0},
        {"1e-400", 2, 0},
        {"9e-99999999999999999999", 2, 0},
        {"0e99999999999999999999", 2, 0},
        {"0.0000000000000000000000000001e28", 2, 100},
        {"10000000000000000000000000000e-28", 2, 100},
        /* zero has no sign */
        {"-0", 2, 0},
        {"-0.00", 2, 0},
        {"-0e5", 2, 0},
        /* the largest */
        {"10000000000", 2, INT64_C(1000000000000)},
        {"10000000000.00000", 2, INT64_C(1000000000000)},
        {"1e10", 2, INT64_C(1000000000000)},
        {"0.1e11", 4, INT64_C(100000000000000)},
        {"9999999999.99", 2, INT64_C(999999999999)},
        {"9999999999.995", 2, INT64_C(1000000000000)},
        {"9999999999.994", 2, INT64_C(999999999999)},
        {"9999999999.5", 0, INT64_C(10000000000)},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (money(rows[i].text, rows[i].decimals) != rows[i].minor)
            fail_msg("%s with %u decimals", rows[i].text, rows[i].decimals);
    }
}

static void test_what_is_no_amount_is_refused(void **state)
{
    // clang-format off
    static const char *const texts[] = {
        "", " ", "-", "+", "+1", ".5", "12.", "-.5", "1.", ".", "e3", "1e", "1e+", "1e-", "1.e3", "00",
        "01", "007.5", "1,5", "1,000.00", "1 000", "1_000", "0x10", "NaN", "nan", "Infinity", "inf",
        "-inf", "$5", "5 USD", "5.0.0", "5e1.5", "--1", "1-", "\"5\"", "1e1e1", "- 1", "1 .5",
        "\xD9\xA1", "\xEF\xBC\x91", "null", "true",
        /* negative */
        "-1", "-0.01", "-0.001", "-1e-400", "-10000000000",
        /* above the largest, by however little */
        "10000000000.004", "10000000000.01", "10000000000.0000000000000001", "10000000001", "1e11",
        "1.00000000001e10", "99999999999", "9223372036854775808", "18446744073709551616", "1e100",
        "1E309", "1e308", "1e9999999999999999999999", "100000000000000000000000000000000000000000",
    };
    // clang-format on
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        for (unsigned decimals = 0; decimals <= 4; decimals++) {
            if (money(texts[i], decimals) != UNTOUCHED)
                fail_msg("\"%s\" was taken with %u decimals", texts[i], decimals);
        }
    }
}

static void test_a_nul_ends_no_amount(void **state)
{
    int64_t minor = UNTOUCHED;
    (void)state;
    assert_false(money_parse(SLICE("5\0"), 2, &minor));
    assert_false(money_parse(SLICE("\0005"), 2, &minor));
    assert_false(money_parse(SLICE_NONE, 2, &minor));
    assert_int_equal(minor, UNTOUCHED);
}

static void test_a_slice_ends_the_amount(void **state)
{
    int64_t minor = UNTOUCHED;
    (void)state;
    assert_true(money_parse((struct slice){"12.345", 4}, 2, &minor));
    assert_int_equal(minor, 1230);
}

static void test_a_million_digits_are_read_exactly(void **state)
{
    enum { DIGITS = 1000000 };
    char *text = malloc(DIGITS + 32);
    int64_t minor = UNTOUCHED;
    (void)state;
    assert_non_null(text);
    memset(text, '9', DIGITS);
    int n = DIGITS + snprintf(text + DIGITS, 32, "e-%d", DIGITS - 2);
    assert_true(money_parse((struct slice){text, (size_t)n}, 2, &minor));
    assert_int_equal(minor, 10000);
    text[4] = '0'; /* 99.990… */
    assert_true(money_parse((struct slice){text, (size_t)n}, 2, &minor));
    assert_int_equal(minor, 9999);
    free(text);
}

/* Digits written out without exponent: "0.00" becomes whole = "0", fraction = "00". */
struct written {
    char whole[128], fraction[128];
};

static struct written write_out(const char *digits, int point)
{
    struct written w = {"", ""};
    int length = (int)strlen(digits);
    for (int i = 0; i < point; i++) {
        char digit[2] = {i < length ? digits[i] : '0', '\0'};
        strcat(w.whole, digit);
    }
    for (int i = point; i < length; i++) {
        char digit[2] = {i >= 0 ? digits[i] : '0', '\0'};
        strcat(w.fraction, digit);
    }
    return w;
}

static bool only_zeros(const char *digits)
{
    return strspn(digits, "0") == strlen(digits);
}

/* Schoolbook: digits of the minor unit as a string, plus one when the digit behind it says so. */
static int64_t oracle(bool negative, struct written w, unsigned decimals)
{
    char text[300] = "0", padded[12];
    const char *whole = w.whole + strspn(w.whole, "0");
    if (only_zeros(whole) && only_zeros(w.fraction))
        return 0;
    if (negative || strlen(whole) > 11)
        return UNTOUCHED;
    /* Strings of one length compare as their numbers do. */
    snprintf(padded, sizeof(padded), "%.*s%s", (int)(11 - strlen(whole)), "00000000000", whole);
    int order = strcmp(padded, "10000000000");
    if (order > 0 || (order == 0 && !only_zeros(w.fraction)))
        return UNTOUCHED;
    strcat(text, whole);
    for (unsigned i = 0; i < decimals; i++) {
        char digit[2] = {i < strlen(w.fraction) ? w.fraction[i] : '0', '\0'};
        strcat(text, digit);
    }
    if (strlen(w.fraction) > decimals && w.fraction[decimals] >= '5') {
        char *last = text + strlen(text) - 1;
        for (; *last == '9'; last--)
            *last = '0';
        ++*last;
    }
    return strtoll(text, NULL, 10);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void test_random_amounts_agree_with_the_schoolbook(void **state)
{
    uint64_t seed = 20251111;
    unsigned taken = 0;
    (void)state;
    for (int round = 0; round < 200000; round++) {
        /* Few different digits, so that halves, nines and the largest amount turn up often. */
        static const char alphabet[] = "00000145999999";
        char digits[32], text[80];
        int whole = 1 + (int)(next_random(&seed) % 13), n = 0;
        int length = whole + (int)(next_random(&seed) % 8);
        for (; n < length; n++)
            digits[n] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        digits[n] = '\0';
        if (next_random(&seed) % 4 == 0)
            memcpy(digits, "10000000000", (size_t)(length < 11 ? length : 11));
        if (whole > 1 && digits[0] == '0')
            digits[0] = '1';
        bool negative = next_random(&seed) % 16 == 0;
        unsigned decimals = next_random(&seed) % 5;
        int exponent = next_random(&seed) % 2 == 0 ? 0 : (int)(next_random(&seed) % 33) - 16;

        int used = snprintf(text, sizeof(text), "%s%.*s", negative ? "-" : "", whole, digits);
        if (length > whole)
            used += snprintf(text + used, sizeof(text) - (size_t)used, ".%s", digits + whole);
        if (exponent != 0 || next_random(&seed) % 8 == 0)
            snprintf(text + used, sizeof(text) - (size_t)used, "e%s%d",
                     exponent >= 0 && next_random(&seed) % 2 == 0 ? "+" : "", exponent);

        int64_t expected = oracle(negative, write_out(digits, whole + exponent), decimals);
        if (money(text, decimals) != expected)
            fail_msg("%s with %u decimals is not %lld", text, decimals, (long long)expected);
        taken += expected != UNTOUCHED;
    }
    assert_true(taken > 50000 && taken < 190000); /* both answers were tried */
}

static void test_currencies_have_their_decimals(void **state)
{
    (void)state;
    assert_int_equal(money_decimals(SLICE("USD")), 2);
    assert_int_equal(money_decimals(SLICE("EUR")), 2);
    assert_int_equal(money_decimals(SLICE("JPY")), 0);
    assert_int_equal(money_decimals(SLICE("jpy")), 0);
    assert_int_equal(money_decimals(SLICE("KWD")), 3);
    assert_int_equal(money_decimals(SLICE("CLF")), 4);
    assert_int_equal(money_decimals(SLICE("ZZZ")), 2);
    assert_int_equal(money_decimals(SLICE("JP")), 2);
    assert_int_equal(money_decimals(SLICE("JPYX")), 2);
    assert_int_equal(money_decimals(SLICE_NONE), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amounts_are_read_exactly),
        cmocka_unit_test(test_what_is_no_amount_is_refused),
        cmocka_unit_test(test_a_nul_ends_no_amount),
        cmocka_unit_test(test_a_slice_ends_the_amount),
        cmocka_unit_test(test_a_million_digits_are_read_exactly),
        cmocka_unit_test(test_random_amounts_agree_with_the_schoolbook),
        cmocka_unit_test(test_currencies_have_their_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
