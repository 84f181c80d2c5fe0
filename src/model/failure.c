/* failure.c: the reasons of failed bookings and the two rules that find them.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure.h"

#include <assert.h>

#include "kvcrm/model/event.h"

static const struct failure_row rows[FAILURE_COUNT] = {
#define FAILURE(name, slug, template_id, user_message) \
    [FAILURE_##name] = {slug, template_id, user_message},
#define FAILURE_WORD(word, reason, meaning)
#include "kvcrm/model/failures.def"
#undef FAILURE
#undef FAILURE_WORD
};

/* What a whole word says. */
enum meaning { SLOT = 1, DATE = 2, TAKEN = 4, NETWORK = 8 };

static const struct {
    struct slice text;
    enum failure_reason reason;
    enum meaning meaning;
} words[] = {
#define FAILURE(name, slug, template_id, user_message)
#define FAILURE_WORD(word, reason, meaning) {SLICE_CONST(word), FAILURE_##reason, meaning},
#include "kvcrm/model/failures.def"
#undef FAILURE
#undef FAILURE_WORD
};
enum { WORDS = sizeof words / sizeof words[0] };

const struct failure_row *failure_row(enum failure_reason reason)
{
    assert(reason > FAILURE_NONE && reason < FAILURE_COUNT);
    return &rows[reason];
}

enum failure_reason failure_reason_of(struct slice slug)
{
    for (int i = FAILURE_NONE + 1; i < FAILURE_COUNT; i++) {
        if (slice_is(slug, rows[i].slug))
            return i;
    }
    return FAILURE_NONE;
}

struct slice failure_error_text(struct jr_value error, struct arena *arena)
{
    struct slice text = SLICE_NONE;

    if (error.type == JR_STRING)
        text = slice_trim(jr_text(error, arena));
    else if (error.type == JR_OBJECT)
        text = event_data_text(error, "detail|message", arena, NULL);
    return text.n > 0 ? text : SLICE(FAILURE_UNKNOWN_ERROR);
}

static bool is_at(struct slice text, size_t i, struct slice word)
{
    return text.n - i >= word.n && slice_ieq((struct slice){text.p + i, word.n}, word);
}

static bool contains(struct slice text, struct slice word)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_at(text, i, word))
            return true;
    }
    return false;
}

enum failure_reason failure_classify(struct slice error_text, bool is_exception)
{
    if (is_exception)
        return FAILURE_BOOKING_ERROR;
    for (unsigned i = 0; i < WORDS; i++) {
        if (words[i].reason != FAILURE_NONE && contains(error_text, words[i].text))
            return words[i].reason;
    }
    return FAILURE_BOOKING_FAILED;
}

static bool is_of_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

static bool contains_whole(struct slice text, struct slice word)
{
    bool is_inside = false; /* a word goes on from the byte before */

    for (size_t i = 0; i < text.n; i++) {
        size_t after = i + word.n;
        if (!is_inside && is_at(text, i, word) &&
            (after == text.n || !is_of_word((unsigned char)text.p[after])))
            return true;
        is_inside = is_of_word((unsigned char)text.p[i]);
    }
    return false;
}

enum failure_reason failure_classify_refined(struct slice error_text, bool is_exception)
{
    unsigned said = 0;

    if (is_exception)
        return FAILURE_BOOKING_ERROR;
    for (unsigned i = 0; i < WORDS; i++) {
        if (contains_whole(error_text, words[i].text))
            said |= words[i].meaning;
    }
    if (said & SLOT)
        return FAILURE_SLOT_UNAVAILABLE;
    if ((said & DATE) && (said & TAKEN))
        return FAILURE_DATE_UNAVAILABLE;
    return said & NETWORK ? FAILURE_BOOKING_ERROR : FAILURE_BOOKING_FAILED;
}
