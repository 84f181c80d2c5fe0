/* lead.c: the statuses of a lead, its sources, and what is derived from them.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/lead.h"

static const struct {
    const char *slug, *word;
    bool of_form, converted, lost;
} words[LEAD_WORDS] = {
    [LEAD_NONE] = {"", "", false, false, false},
#define LEAD_WORD(name, slug, word, of_form, converted, lost) \
    [LEAD_##name] = {slug, word, of_form, converted, lost},
#include "kvcrm/model/lead_words.def"
};

static const bool may[LEAD_WORDS][LEAD_WORDS] = {
    [LEAD_TRACKING] = {[LEAD_PENDING] = true, [LEAD_APPROVED] = true, [LEAD_REJECTED] = true},
    [LEAD_PENDING] = {[LEAD_APPROVED] = true, [LEAD_REJECTED] = true},
    [LEAD_NEW] = {[LEAD_CONTACTED] = true, [LEAD_CONVERTED] = true, [LEAD_LOST] = true},
    [LEAD_CONTACTED] = {[LEAD_CONVERTED] = true, [LEAD_LOST] = true},
    [LEAD_LOST] = {[LEAD_NEW] = true},
};

static const struct {
    const char *slug, *word;
} sources[LEAD_SOURCES] = {
    [LEAD_SOURCE_OTHER] = {"other", "other"},
#define LEAD_SOURCE(name, slug, word) [LEAD_SOURCE_##name] = {slug, word},
#include "kvcrm/model/lead_words.def"
};

const char *lead_slug(enum lead_word status)
{
    return words[status].slug;
}

const char *lead_word(enum lead_word status)
{
    return words[status].word;
}

enum lead_word lead_word_of(struct slice text)
{
    for (int i = LEAD_NONE + 1; i < LEAD_WORDS; i++) {
        if (slice_ieq(text, slice_of(words[i].slug)))
            return i;
    }
    return LEAD_NONE;
}

bool lead_is_of_form(enum lead_word status)
{
    return words[status].of_form;
}

bool lead_is_converted(enum lead_word status)
{
    return words[status].converted;
}

bool lead_is_lost(enum lead_word status)
{
    return words[status].lost;
}

bool lead_may(enum lead_word from, enum lead_word to)
{
    return may[from][to];
}

const char *lead_stage(struct lead_facts facts)
{
    return stage_of((struct stage_facts){
        .is_customer = lead_is_converted(facts.status),
        .is_over = !facts.is_active || lead_is_lost(facts.status),
        .is_hot = strcmp(score_quality(facts.score), "HOT") == 0,
        .is_anonymous = !facts.has_contact,
        .is_tracking = facts.status == LEAD_TRACKING,
    });
}

struct slice lead_source_slug(struct slice word, struct arena *arena)
{
    char *slug = arena_alloc(arena, word.n);
    bool says_something = false;

    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
        slug[i] = kept ? c : '_';
        says_something = says_something || kept;
    }
    return says_something ? (struct slice){slug, word.n} : SLICE_NONE;
}

enum lead_source lead_source_of(struct slice slug)
{
    for (int i = LEAD_SOURCE_OTHER + 1; i < LEAD_SOURCES; i++) {
        if (slice_is(slug, sources[i].slug))
            return i;
    }
    return LEAD_SOURCE_OTHER;
}

const char *lead_source_word(enum lead_source source)
{
    return sources[source].word;
}

const char *lead_source_counted(enum lead_source source)
{
    return sources[source].slug;
}
