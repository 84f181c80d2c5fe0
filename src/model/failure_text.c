/* failure_text.c: notes and budget of a failed booking. What is kept of its error is in
 * failure_detail.c.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure_text.h"

#include "kvcrm/model/money.h"

struct slice failure_notes(const struct failure_facts *facts, struct arena *arena)
{
    const struct {
        const char *before;
        struct slice part;
        const char *after;
    } sentences[] = {
        {" Name: ", facts->name, "."},
        {" Reason: ", facts->reason, "."},
        {facts->date.n > 0 ? " Date: " : "", facts->date, facts->time.n > 0 ? "" : "."},
        {facts->date.n > 0 ? " at " : " Time: ", facts->time, "."},
        {" Location: ", facts->address, "."},
        {" Error: ", facts->detail, ""},
    };
    struct slice notes = SLICE("Failed booking attempt.");

    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (sentences[i].part.n > 0)
            notes = arena_join(arena, 4, notes, slice_of(sentences[i].before), sentences[i].part,
                               slice_of(sentences[i].after));
    }
    return notes;
}

bool failure_kids_factor(struct slice text, int64_t *thousandths)
{
    int64_t factor;

    if (!money_parse(text, 3, &factor) || factor > FAILURE_KIDS_FACTOR_MAX)
        return false;
    *thousandths = factor;
    return true;
}

static bool is_within(int64_t v, int64_t most)
{
    return v >= 0 && v <= most;
}

struct slice failure_budget(struct failure_party party, int64_t kids_factor, int64_t price_minor,
                            unsigned decimals, struct arena *arena)
{
    if (!is_within(party.adults, FAILURE_GUESTS_MAX) ||
        !is_within(party.kids, FAILURE_GUESTS_MAX) ||
        !is_within(kids_factor, FAILURE_KIDS_FACTOR_MAX) ||
        !is_within(price_minor, FAILURE_PRICE_MAX))
        return SLICE_NONE;
    /* At most 2e18: the limits are chosen so. */
    int64_t thousandths = (party.adults * 1000 + party.kids * kids_factor) * price_minor;
    struct buf text;

    buf_init(&text, 64);
    buf_money(&text, (thousandths + 500) / 1000, decimals);
    if (decimals > 0) {
        while (text.p[text.n - 1] == '0')
            text.n--;
        if (text.p[text.n - 1] == '.')
            text.n--;
    }
    struct slice budget = arena_copy(arena, buf_slice(&text));
    buf_dispose(&text);
    return budget;
}
