/* phone.c: a phone as an identity: E.164, whoever spelled it how.
 *
 * Most numbers come with their country: those are read here, byte by byte. What is only understood
 * inside a country is libphonenumber's (phone_lib.cc), a hundred times the cost.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/identity.h"
#include "phone_lib.h"
#include "unicode.h"

#define DIGITS_MIN 7
#define DIGITS_MAX 15 /* E.164 */
#define EXTENSION_MAX 7
#define VANITY_MIN 3 /* letters, and digits before them: 800-FLY */

static const char separators[] = " \t.-()[]/";

struct number {
    char digits[DIGITS_MAX + 2]; /* "00" may stand before them */
    size_t n;
    bool plus;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_separator(char c)
{
    return memchr(separators, c, sizeof separators - 1) != NULL;
}

/* false when there is anything but a plus, digits and separators, or too many digits. */
static bool read_digits(struct slice s, struct number *number)
{
    *number = (struct number){.n = 0};
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_digit(c)) {
            if (number->n == sizeof number->digits)
                return false;
            number->digits[number->n++] = c;
        } else if (c == '+' && number->n == 0 && !number->plus) {
            number->plus = true;
        } else if (!is_separator(c)) {
            return false;
        }
    }
    return true;
}

/* Digits, then letters to the end: 1-800-GO-FEDEX. */
static bool is_vanity(struct slice s)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_letter(c))
            letters++;
        else if (is_digit(c) && letters == 0)
            digits++;
        else if (!is_separator(c) && !(c == '+' && digits == 0))
            return false;
    }
    return digits >= VANITY_MIN && letters >= VANITY_MIN;
}

static size_t end_without(struct slice s, const char *ends)
{
    while (s.n > 0 && memchr(ends, s.p[s.n - 1], strlen(ends)) != NULL)
        s.n--;
    return s.n;
}

/* What stands before "x12", "ext. 12", "#12" or ";ext=12": the number of the house, which is all
 * that E.164 knows. */
static struct slice without_extension(struct slice s)
{
    static const char *const words[] = {"extension", "ext", "x", "#"};
    struct slice head = s;

    head.n = end_without(s, "0123456789");
    if (head.n == s.n || s.n - head.n > EXTENSION_MAX)
        return s;
    head.n = end_without(head, " .:=");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct slice word = slice_of(words[i]);
        if (head.n > word.n && slice_ieq((struct slice){head.p + head.n - word.n, word.n}, word)) {
            head.n = end_without((struct slice){head.p, head.n - word.n}, " ,;");
            return head;
        }
    }
    return s;
}

/* Digits of the calling code: one in zones 1 and 7, two where listed here, else three (the assigned
 * codes of ITU-T E.164). */
static size_t calling_code_length(const char *digits)
{
    static const char *const second[10] = {
        ['2' - '0'] = "07",       ['3' - '0'] = "0123469", ['4' - '0'] = "013456789",
        ['5' - '0'] = "12345678", ['6' - '0'] = "0123456", ['8' - '0'] = "1246",
        ['9' - '0'] = "0123458",
    };
    const char *two = second[digits[0] - '0'];

    if (digits[0] == '1' || digits[0] == '7')
        return 1;
    return two != NULL && strchr(two, digits[1]) != NULL ? 2 : 3;
}

/* E.164 from its digits, in the one spelling of identity.h. */
static struct slice canonical(struct slice digits, struct arena *arena)
{
    struct slice country = {digits.p, 2}, rest = {digits.p + 2, digits.n - 2};

    if (digits.n == 13 && slice_starts(digits, SLICE("521")))
        return arena_join(arena, 2, SLICE("+52"), (struct slice){digits.p + 3, 10});
    if (digits.n == 12 && slice_is(country, "55") && rest.p[0] != '0' && rest.p[1] != '0' &&
        rest.p[2] >= '6')
        return arena_join(arena, 4, SLICE("+55"), (struct slice){rest.p, 2}, SLICE("9"),
                          (struct slice){rest.p + 2, 8});
    if (digits.n == 12 && slice_is(country, "54") && rest.p[0] >= '1' && rest.p[0] <= '3')
        return arena_join(arena, 2, SLICE("+549"), rest);
    return arena_join(arena, 2, SLICE("+"), digits);
}

static bool has_e164_length(size_t digits)
{
    return digits >= DIGITS_MIN && digits <= DIGITS_MAX;
}

static bool has_zero_after_code(struct slice digits)
{
    return digits.p[calling_code_length(digits.p)] == '0';
}

static struct slice by_library(struct slice s, const char *region, bool valid, struct arena *arena)
{
    char out[PHONE_LIB_MAX];
    size_t n = phone_lib_e164(s.p, s.n, region, valid, out);

    if (n == 0 || !has_e164_length(n - 1))
        return SLICE_NONE;
    struct slice digits = {out + 1, n - 1};
    if (has_zero_after_code(digits) && !valid)
        return by_library(s, region, true, arena); /* few countries have such numbers */
    return canonical(digits, arena);
}

/* digits: without the plus; the first is not 0. */
static struct slice international(struct slice digits, const char *region, struct arena *arena)
{
    if (!has_e164_length(digits.n))
        return SLICE_NONE;
    if (has_zero_after_code(digits)) {
        struct slice s = arena_join(arena, 2, SLICE("+"), digits);
        struct slice found = by_library(s, region, false, arena);
        if (found.n > 0)
            return found;
    }
    return canonical(digits, arena);
}

static bool is_zeros(struct slice digits)
{
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] != '0')
            return false;
    }
    return true;
}

struct slice identity_phone(struct slice typed, const char *region, struct arena *arena)
{
    struct slice s = slice_trim(typed);
    struct number number;

    if (!is_ascii(s))
        s = slice_trim(unicode_fold(s, UNICODE_NUMBER, arena));
    s = without_extension(s);
    if (!read_digits(s, &number))
        return is_vanity(s) ? by_library(s, region, true, arena) : SLICE_NONE;

    struct slice digits = {number.digits, number.n};
    if (is_zeros(digits))
        return SLICE_NONE;                 /* or nothing at all */
    if (number.plus && digits.p[0] != '0') /* no calling code begins with 0 */
        return international(digits, region, arena);
    if (slice_starts(digits, SLICE("00")) && digits.p[2] != '0')
        return international((struct slice){digits.p + 2, digits.n - 2}, region, arena);

    struct slice found = by_library(digits, region, digits.n < DIGITS_MIN, arena);
    if (found.n > 0)
        return found;
    return has_e164_length(digits.n) ? arena_copy(arena, digits) : SLICE_NONE;
}

struct slice identity_whatsapp(struct slice wa_id, struct arena *arena)
{
    struct slice s = slice_trim(wa_id);

    if (s.n > 0 && s.p[0] == '+')
        s = (struct slice){s.p + 1, s.n - 1};
    if (!has_e164_length(s.n) || s.p[0] == '0')
        return SLICE_NONE;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return SLICE_NONE;
    }
    return canonical(s, arena);
}

bool identity_region_is_known(struct slice region)
{
    char text[3] = "";

    if (region.n != 2)
        return false;
    memcpy(text, region.p, 2);
    return phone_lib_has_region(text);
}

void identity_init(void)
{
    phone_lib_load();
}
