/* identity_view.c: the kinds of identities as the API names them.
 *
 * SPDX-License-Identifier: MIT */
#include "identity_view.h"

struct slice identity_kind_shown(struct slice word)
{
    static const struct {
        struct slice word, shown;
    } kinds[] = {
        {SLICE_CONST("ext"), SLICE_CONST("customer_id")},
        {SLICE_CONST("email"), SLICE_CONST("email")},
        {SLICE_CONST("phone"), SLICE_CONST("phone")},
        {SLICE_CONST("wa"), SLICE_CONST("whatsapp_id")},
        {SLICE_CONST("session"), SLICE_CONST("session")},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (slice_eq(kinds[i].word, word))
            return kinds[i].shown;
    }
    return SLICE_NONE;
}
