/* fuzz_identity.c: identities have one spelling, which is safe to compare by bytes; libphonenumber
 * agrees with what is read without it.
 *
 * The first byte chooses the rules, the rest is what somebody typed.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/identity.h"
#include "kvcrm/model/name.h"
#include "kvcrm/model/utf8.h"
#include "phone_lib.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool is_digits(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return true;
}

static void check_phone(struct slice phone)
{
    struct slice digits = phone;

    if (phone.p[0] == '+')
        digits = (struct slice){phone.p + 1, phone.n - 1};
    require(digits.n >= 7 && digits.n <= 15 && is_digits(digits));
    require(phone.p[0] != '+' || digits.p[0] != '0');
}

static void check_email(struct slice email)
{
    struct slice domain = email, local;

    require(slice_cut(&domain, '@', &local) && local.n > 0 && domain.n >= 3 && email.n <= 254);
    for (size_t i = 0; i < email.n; i++) {
        char c = email.p[i];
        require(!(c >= 'A' && c <= 'Z') && c != ' ' && c != '"');
        require(i < local.n || ((unsigned char)c < 0x80 && (i == local.n) == (c == '@')));
    }
}

/* What the library calls a valid number, digit for digit as it was typed, is the same person as the
 * library's spelling of it. */
static void check_library(struct slice typed, const struct identity_rules *rules,
                          struct arena *arena)
{
    char out[PHONE_LIB_MAX];
    size_t n;

    if (typed.n < 2 || typed.n > 16 || typed.p[0] != '+' ||
        !is_digits((struct slice){typed.p + 1, typed.n - 1}))
        return;
    n = phone_lib_e164(typed.p, typed.n, rules->region, true, out);
    if (slice_eq((struct slice){out, n}, typed))
        require(identity_phone(typed, rules->region, arena).n > 0);
    if (n == 0 || typed.p[1] == '0')
        return;
    struct slice same = identity_phone((struct slice){out, n}, rules->region, arena);
    require(phone_lib_e164(same.p, same.n, rules->region, true, out) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char regions[][3] = {"US", "FR", "IT", "AR", "BR", "MX", "DE", ""};
    struct arena arena;

    if (size == 0 || size > 300)
        return 0;
    struct slice typed = {(const char *)data + 1, size - 1};
    struct identity_rules rules = {.gmail = (data[0] & 8) != 0};
    memcpy(rules.region, regions[data[0] & 7], sizeof rules.region);
    if ((data[0] & 16) != 0)
        memcpy(rules.temp_email, "temp+{phone}@edubot.local", 26);

    arena_init(&arena, NULL, 0);
    for (int kind = 0; kind < IDENTITY_KINDS; kind++) {
        struct slice got = identity_of(kind, typed, &rules, &arena);
        if (got.n == 0)
            continue;
        if (kind == IDENTITY_PHONE)
            check_phone(got);
        else if (kind == IDENTITY_EMAIL)
            check_email(got);
        require(slice_eq(identity_of(kind, got, &rules, &arena), got));
    }
    struct slice phone = identity_whatsapp(typed, &arena);
    if (phone.n > 0) {
        check_phone(phone);
        require(slice_eq(identity_whatsapp(phone, &arena), phone));
    }
    struct slice temp = identity_temp_phone(typed, &rules, &arena);
    if (temp.n > 0) {
        check_phone(temp);
        require(identity_email(typed, &rules, &arena).n == 0);
        struct slice address = identity_temp_email(temp, &rules, &arena);
        require(slice_eq(identity_temp_phone(address, &rules, &arena), temp));
    }
    check_library(typed, &rules, &arena);
    struct slice name = name_fold(typed, &arena);
    if (name.n > 0) {
        require(name.p[0] != ' ' && name.p[name.n - 1] != ' ');
        require(!utf8_is_valid(typed) || utf8_is_valid(name));
        require(slice_eq(name_fold(name, &arena), name));
    }
    arena_dispose(&arena);
    return 0;
}
