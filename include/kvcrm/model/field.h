/* field.h: a request body checked against an operation's field table, all faults at once.
 *
 * A table is an array of struct field that ends with a row without a name; the operation's enum
 * names the positions. Members of a nested object have dotted names and stand after their object's
 * row:
 *
 *     enum { IN_EVENT_TYPE, IN_CUSTOMER, IN_CUSTOMER_ID, … };
 *     static const struct field input[] = {
 *         [IN_EVENT_TYPE] = {.name = "event_type", .type = FIELD_LINE, .need = REQUIRED, .max =
 * 64}, [IN_CUSTOMER] = {.name = "customer", .type = FIELD_OBJECT}, [IN_CUSTOMER_ID] = {.name =
 * "customer.id", .type = FIELD_ID, .max = 128},
 *         {.name = NULL},
 *     };
 *
 * On capture (`capture` true) null and "" mean absent and unknown members are kept for the caller;
 * elsewhere null is a value of its own (`is_null`) and unknown members are faults (API.md,
 * "Bodies").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_FIELD_H
#define KVCRM_MODEL_FIELD_H

#include "kvcrm/base/arena.h"
#include "kvcrm/model/json.h"

#define FIELD_MAX_FAULTS 32
#define FIELD_MAX_EXTRAS 256

enum field_type {
    FIELD_LINE,   /* single-line text: trimmed, .max characters (code points) */
    FIELD_TEXT,   /* free text, untouched, .max characters */
    FIELD_ID,     /* text or integer, trimmed, .max characters; a number keeps its text */
    FIELD_TIME,   /* RFC 3339 text or Unix milliseconds; int64 ms in .number; clock.h */
    FIELD_INT,    /* integer in [.least, .max]; .number */
    FIELD_BOOL,   /* true, false, "true", "false"; .number 0 or 1 */
    FIELD_MONEY,  /* minor units, API.md; .number */
    FIELD_OBJECT, /* .json, at most .max bytes of source when .max is not 0 */
    FIELD_ARRAY,  /* .json, at most .max elements */
    FIELD_JSON    /* any value: .json, at most .max bytes of source */
};

enum field_need { OPTIONAL, REQUIRED };

struct field {
    const char *name;
    enum field_type type;
    enum field_need need;
    int64_t least, max;
    bool lenient; /* FIELD_TIME, FIELD_MONEY: unreadable counts as absent instead of a fault */
};

struct field_value {
    bool present; /* given, and on capture neither null nor empty */
    bool is_null; /* given as null (never on capture) */
    struct slice text;
    int64_t number;
    struct jr_value json;
};

struct fault {
    struct slice field;  /* dotted path as the caller spelled it */
    const char *code;    /* field codes of API.md: "required", "type", "length", … */
    struct slice detail; /* what was expected; never what was sent */
    int64_t position;    /* of a text with a grammar: characters before what does not fit; or -1 */
};

/* Faults of one request, in the order found. Beyond FIELD_MAX_FAULTS they are only counted. */
struct faults {
    struct fault list[FIELD_MAX_FAULTS];
    unsigned count;
};

void fault_add(struct faults *faults, struct arena *arena, struct slice field, const char *code,
               const char *detail_format, ...) __attribute__((format(printf, 5, 6)));

/* Of a text with a grammar. */
void fault_add_at(struct faults *faults, struct arena *arena, struct slice field, size_t position,
                  const char *code, const char *detail);

/* A member that no row has: which object it stood in (NULL name for the top), its name and value.
 */
struct field_extra {
    const struct field *in; /* the FIELD_OBJECT row, or NULL for the body itself */
    struct jr_value name, value;
};

struct field_result {
    struct field_value *values; /* one for each row of the table */
    struct field_extra *extras; /* on capture only */
    unsigned extra_count;
    struct faults faults;
};

/* body is what jr_parse gave; its source must outlive the result. Memory comes from arena. The
 * result is usable when result->faults.count is 0. A body that is not an object is one fault on "".
 * decimals of the workspace's currency serve FIELD_MONEY. */
void field_check(const struct field *table, struct jr_value body, bool capture, unsigned decimals,
                 struct arena *arena, struct field_result *result);

/* Code points in valid UTF-8. */
size_t field_chars(struct slice utf8);

#endif
