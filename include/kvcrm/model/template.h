/* template.h: replies to people whose booking failed, from texts with placeholders (seed 003).
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_TEMPLATE_H
#define KVCRM_MODEL_TEMPLATE_H

#include "kvcrm/model/place.h"
#include "kvcrm/model/slot.h"

#define TEMPLATE_BODY_MAX 10000 /* bytes of a template */
#define TEMPLATE_TEXT_MAX 65536 /* bytes of a reply */

enum template_phone { TEMPLATE_PHONE_BRAND, TEMPLATE_PHONE_CUSTOMER };

struct template_row {
    const char *id;   /* "slot_unavailable" */
    const char *word; /* "slot": how ?template= names it, too */
    const char *name, *body;
    enum template_phone phone_is; /* whose number [phone] is */
};

extern const struct template_row template_rows[];
extern const unsigned template_row_count;

/* The built-in template of an id or a word; NULL when it is none ("auto" is none: failure_row()
 * has the id it stands for). */
const struct template_row *template_row_of(struct slice id);
/* "brand" or "customer"; false, *phone untouched, for anything else. */
MUST_CHECK bool template_phone_of(struct slice word, enum template_phone *phone);
const char *template_phone_word(enum template_phone phone);

/* What a reply is about. Everything may be absent (zeroed). */
struct template_facts {
    struct slice name;
    struct slice date;   /* YYYY-MM-DD; any other text is taken for an unknown date */
    struct slice time;   /* as given */
    struct slice guests; /* as given */
    struct place place;
    struct slice customer_phone;
    struct slice brand, brand_phone;             /* settings */
    enum template_phone phone_is;                /* of the template */
    int64_t today;                               /* calendar_day_of() */
    const struct slot_alternative *alternatives; /* the best first */
    unsigned alternative_count;
};

/* The text of a template's body, in one pass: what comes from the facts is never looked at again,
 * so that a customer called "[date]" stays "[date]".
 *
 * | placeholder                        | becomes                             | when unknown       |
 * |------------------------------------|-------------------------------------|--------------------|
 * | [Name]                             | name                                | there              |
 * | [date]                             | November 15, 2025                   | your date          |
 * | [preferred date]                   | November 15, 2025                   | to be confirmed    |
 * | [date + 1 day]                     | November 16, 2025                   | the next day       |
 * | [date + 2 days]                    | November 17, 2025                   | two days later     |
 * | [next weekend]                     | first Saturday after the date       | next weekend       |
 * | [nearby dates]                     | days of the first three             | nearby dates       |
 * |                                    | alternatives on other days, else    |                    |
 * |                                    | the day before and the two after,   |                    |
 * |                                    | as far as they are not past         |                    |
 * | [preferred time], [guest count]    | as given                            | to be confirmed    |
 * | [city, state]                      | place_city_state()                  | to be confirmed    |
 * | [phone]                            | brand_phone, or the customer's      | us, or your number |
 * | [alternatives]                     | a line for each of the day:         | nothing            |
 * |                                    | "• 12:00 PM - 2:00 PM               |                    |
 * |                                    | (2 spots available)"; the bracket   |                    |
 * |                                    | only when confirmed, spots known    |                    |
 *
 * "My Hibachi" becomes the brand, when there is one. Case and blanks in a placeholder do not count.
 * Unknown placeholders are removed, and so are square brackets without partner: none of the
 * template's brackets is ever left. A line that holds nothing but a placeholder that becomes
 * nothing goes with it, and with one of two blank lines around it. A placeholder is on one line.
 * A reply beyond TEMPLATE_TEXT_MAX is cut. */
struct slice template_render(struct slice body, const struct template_facts *facts,
                             struct arena *arena);

/* "Your booking request for November 15, 2025"; without the date when it is not known. */
struct slice template_subject(const struct template_facts *facts, struct arena *arena);

#endif
