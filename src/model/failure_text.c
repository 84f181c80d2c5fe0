/* failure_text.c: notes and budget of a failed booking. What is kept of its error is in
 * failure_detail.c.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure_text.h"

#include "kvcrm/base/buf.h"

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

/* What stands between two words of a text, and what follows the second. */
static bool between(struct slice *text, struct slice first, struct slice second, struct slice *part)
{
    const char *from = text->n > 0 ? memmem(text->p, text->n, first.p, first.n) : NULL;

    if (from == NULL)
        return false;
    from += first.n;
    size_t left = (size_t)(text->p + text->n - from);
    const char *to = memmem(from, left, second.p, second.n);
    if (to == NULL)
        return false;
    *part = (struct slice){from, (size_t)(to - from)};
    *text = (struct slice){to, left - part->n};
    return true;
}

void failure_notes_read(struct slice notes, struct failure_facts *facts)
{
    struct slice rest = notes;

    *facts = (struct failure_facts){.name = SLICE_NONE};
    if (!slice_starts(notes, SLICE("Failed booking attempt.")))
        return;
    if (!between(&rest, SLICE(" Name: "), SLICE(". Reason: "), &facts->name))
        rest = notes;
    if (!between(&rest, SLICE(" Reason: "), SLICE("."), &facts->reason))
        return;
    const char *error = memmem(rest.p, rest.n, " Error: ", 8);
    if (error != NULL)
        facts->detail = (struct slice){error + 8, (size_t)(rest.p + rest.n - error - 8)};
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
    buf_decimal(&text, (thousandths + 500) / 1000, decimals);
    struct slice budget = arena_copy(arena, buf_slice(&text));
    buf_dispose(&text);
    return budget;
}
