/* phone_lib.cc: the only C++ file: libphonenumber behind the C of phone_lib.h.
 *
 * The library's one instance is made under a lock and only read afterwards, but for its cache of
 * expressions, which has a lock of its own: threads may call at once. It reports by value; what may
 * still be thrown (no memory) ends here as "no number".
 *
 * SPDX-License-Identifier: MIT */
#include "phone_lib.h"

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static size_t e164(const std::string &typed, const std::string &region, bool valid, char *out)
{
    const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    std::string text;

    if (util.Parse(typed, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return 0;
    if (util.IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE)
        return 0; /* among them those that lack their area code */
    if (valid && !util.IsValidNumber(number))
        return 0;
    util.Format(number, PhoneNumberUtil::E164, &text);
    return text.size() <= PHONE_LIB_MAX ? text.copy(out, PHONE_LIB_MAX) : 0;
}

void phone_lib_load(void)
{
    char out[PHONE_LIB_MAX];

    /* A number too, for the first one compiles the expressions that all numbers share. */
    (void)phone_lib_e164("2015550123", 10, "US", true, out);
}

bool phone_lib_has_region(const char *region)
{
    try {
        return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(region) != 0;
    } catch (...) {
        return false;
    }
}

size_t phone_lib_e164(const char *typed, size_t n, const char *region, bool valid,
                      char out[PHONE_LIB_MAX])
{
    try {
        return e164(std::string(typed, n), region, valid, out);
    } catch (...) {
        return 0;
    }
}
