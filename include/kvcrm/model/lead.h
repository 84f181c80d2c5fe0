/* lead.h: the statuses of a lead, what may follow what, its sources, and what is derived from them
 * (seeds 000, 003, 004; API.md, "Leads").
 *
 * There are two vocabularies: the booking form's (tracking, pending, approved, rejected) and that
 * of all other leads (NEW, CONTACTED, CONVERTED, LOST). Stored is the slug, the word in lower case.
 * The score is stored with the lead (lua/lib/lead.lua).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_LEAD_H
#define KVCRM_MODEL_LEAD_H

#include "kvcrm/base/arena.h"
#include "kvcrm/model/status.h"

enum lead_word {
    LEAD_NONE,
#define LEAD_WORD(name, slug, word, of_form, converted, lost) LEAD_##name,
#include "kvcrm/model/lead_words.def"
    LEAD_WORDS
};

/* "new"; "" for none. */
const char *lead_slug(enum lead_word status);
/* "NEW", as its leads show it; "" for none. */
const char *lead_word(enum lead_word status);
/* Word or slug in any case; LEAD_NONE for anything else. */
enum lead_word lead_word_of(struct slice text);
bool lead_is_of_form(enum lead_word status);
bool lead_is_converted(enum lead_word status);
bool lead_is_lost(enum lead_word status);
/* May people move a lead from one to the other? The present status again is no move. */
bool lead_may(enum lead_word from, enum lead_word to);

struct lead_facts {
    enum lead_word status;
    bool has_contact, is_active;
    int64_t score;
};
/* "customer", "inactive", "hot", "anonymous", "tracking" or "lead": the first that holds. */
const char *lead_stage(struct lead_facts facts);

#define LEAD_SOURCE_MAX 50 /* characters */

enum lead_source {
    LEAD_SOURCE_OTHER,
#define LEAD_SOURCE(name, slug, word) LEAD_SOURCE_##name,
#include "kvcrm/model/lead_words.def"
    LEAD_SOURCES
};

/* How a source stands in keys: of "Face Analysis", in any case or as a slug, "face_analysis". Other
 * words: letters in lower case, what is neither letter nor digit (nor beyond ASCII) is "_".
 * SLICE_NONE when nothing but that is in it. */
struct slice lead_source_slug(struct slice word, struct arena *arena);
/* LEAD_SOURCE_OTHER for slugs that the table has not. */
enum lead_source lead_source_of(struct slice slug);
/* "BOOKING_FAILED"; "other" for the others. */
const char *lead_source_word(enum lead_source source);
/* "booking_failed", "other": how it is counted. */
const char *lead_source_counted(enum lead_source source);

#endif
