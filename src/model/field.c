/* field.c: a body against a table of fields.
 *
 * Every object is taken in two steps, the body first: its members look for their rows
 * (match_members), then the rows are checked in the order of the table (check_row); a checked
 * FIELD_OBJECT row lets its own members look for theirs. Nested rows stand after their object's
 * row, so one walk over the table does it for any depth. An object that has no nested rows is taken
 * as it is, whatever is in it.
 *
 * What the header leaves open: a text row without .max gets the default of its type, any other row
 * without it has no limit; FIELD_INT takes the integer as text too, for forms and query strings
 * have nothing else; on capture blanks alone count as empty, but in FIELD_TEXT and FIELD_JSON; a
 * REQUIRED row is missing when it is null or empty.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/field.h"

#include "kvcrm/base/clock.h"
#include "kvcrm/model/money.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* Years 0 to 9999, what RFC 3339 can write. */
#define TIME_LEAST INT64_C(-62167219200000)
#define TIME_MOST INT64_C(253402300799999)

enum { LINE_MAX = 255, TEXT_MAX = 65536, ID_MAX = 128 }; /* for rows without .max */

struct check {
    const struct field *table;
    bool capture;
    unsigned decimals;
    unsigned extra_room; /* of result->extras */
    struct arena *arena;
    struct field_result *result;
};

void fault_add(struct faults *faults, struct arena *arena, struct slice field, const char *code,
               const char *detail_format, ...)
{
    if (faults->count < FIELD_MAX_FAULTS) {
        va_list args;
        va_start(args, detail_format);
        int n = vsnprintf(NULL, 0, detail_format, args);
        va_end(args);
        char *detail = arena_alloc(arena, (size_t)n + 1);
        va_start(args, detail_format);
        vsnprintf(detail, (size_t)n + 1, detail_format, args);
        va_end(args);
        faults->list[faults->count] =
            (struct fault){arena_copy(arena, field), code, {detail, (size_t)n}, -1};
    }
    faults->count++;
}

void fault_add_at(struct faults *faults, struct arena *arena, struct slice field, size_t position,
                  const char *code, const char *detail)
{
    fault_add(faults, arena, field, code, "%s", detail);
    if (faults->count <= FIELD_MAX_FAULTS)
        faults->list[faults->count - 1].position = (int64_t)position;
}

#define FAULT(c, row, code, ...) \
    fault_add(&(c)->result->faults, (c)->arena, slice_of((row)->name), (code), __VA_ARGS__)

size_t field_chars(struct slice utf8)
{
    size_t chars = 0;
    for (size_t i = 0; i < utf8.n; i++)
        chars += (utf8.p[i] & 0xC0) != 0x80; /* all but continuation bytes */
    return chars;
}

/* Is row that of the member `name` of the object whose row is `in` (NULL for the body)? */
static bool row_is(const struct field *row, const struct field *in, struct slice name)
{
    const char *last = row->name;
    if (in != NULL) {
        size_t n = strlen(in->name);
        if (strncmp(last, in->name, n) != 0 || last[n] != '.')
            return false;
        last += n + 1;
    }
    /* A name with a dot in it must not reach into a nested object. */
    return name.n > 0 && *last == *name.p && strncmp(last, name.p, name.n) == 0 &&
           last[name.n] == '\0' && memchr(name.p, '.', name.n) == NULL;
}

/* Callers mostly send members in the order of the table, so the search goes on where the last one
 * ended. */
static const struct field *find_row(const struct field *table, const struct field *in,
                                    struct slice name, const struct field *from)
{
    for (const struct field *row = from; row->name != NULL; row++)
        if (row_is(row, in, name))
            return row;
    for (const struct field *row = table; row < from; row++)
        if (row_is(row, in, name))
            return row;
    return NULL;
}

static bool has_rows(const struct field *object)
{
    size_t n = strlen(object->name);
    for (const struct field *row = object + 1; row->name != NULL; row++)
        if (strncmp(row->name, object->name, n) == 0 && row->name[n] == '.')
            return true;
    return false;
}

static void extra_add(struct check *c, const struct field *in, struct jr_value name,
                      struct jr_value value)
{
    struct field_result *result = c->result;
    if (result->extra_count == FIELD_MAX_EXTRAS) {
        fault_add(&result->faults, c->arena, SLICE(""), "length",
                  "Expected at most %d members beyond the known ones", FIELD_MAX_EXTRAS);
        return;
    }
    if (result->extra_count == c->extra_room) {
        c->extra_room = c->extra_room > 0 ? c->extra_room * 2 : 8;
        struct field_extra *extras = arena_alloc(c->arena, c->extra_room * sizeof(*extras));
        if (result->extra_count > 0)
            memcpy(extras, result->extras, result->extra_count * sizeof(*extras));
        result->extras = extras;
    }
    result->extras[result->extra_count++] = (struct field_extra){in, name, value};
}

static void unknown_field(struct check *c, const struct field *in, struct slice name)
{
    if (name.n >= JR_PATH_SIZE) { /* at the beginning of a character */
        name.n = JR_PATH_SIZE - 1;
        while ((name.p[name.n] & 0xC0) == 0x80)
            name.n--;
    }
    if (in != NULL)
        name = arena_join(c->arena, 3, slice_of(in->name), SLICE("."), name);
    fault_add(&c->result->faults, c->arena, name, "unknown_field", "There is no such field");
}

static void match_members(struct check *c, const struct field *in, struct jr_value object)
{
    const struct field *from = in != NULL ? in + 1 : c->table;
    struct jr_iter it = jr_iter(object);
    struct jr_value name, value;
    while (jr_next(&it, &name, &value)) {
        struct slice text = jr_text(name, c->arena);
        const struct field *row = find_row(c->table, in, text, from);
        if (row != NULL) {
            c->result->values[row - c->table].present = true;
            c->result->values[row - c->table].json = value;
            from = row + 1;
        } else if (c->capture) {
            extra_add(c, in, name, value);
        } else {
            unknown_field(c, in, text);
        }
    }
}

/* The text of a text or a number. */
static struct slice text_of(const struct check *c, struct jr_value json)
{
    return jr_is_text(json) ? jr_text(json, c->arena) : json.raw;
}

static bool is_scalar(struct jr_value json)
{
    return json.type == JR_STRING || json.type == JR_NUMBER;
}

static bool is_integer(struct slice text)
{
    size_t i = text.n > 0 && *text.p == '-';
    if (i == text.n)
        return false;
    while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
        i++;
    return i == text.n;
}

/* FIELD_LINE, FIELD_TEXT, FIELD_ID */
static void check_text(struct check *c, const struct field *row, struct field_value *value)
{
    bool number = row->type == FIELD_ID && value->json.type == JR_NUMBER;
    if ((!jr_is_text(value->json) && !number) || (number && !is_integer(value->json.raw))) {
        FAULT(c, row, "type",
              row->type == FIELD_ID ? "Expected text or an integer" : "Expected text");
        return;
    }
    value->text = text_of(c, value->json);
    int64_t max = row->max;
    if (row->type != FIELD_TEXT)
        value->text = slice_trim(value->text);
    if (max == 0)
        max = row->type == FIELD_LINE ? LINE_MAX : row->type == FIELD_TEXT ? TEXT_MAX : ID_MAX;
    if (value->text.n > (size_t)max && field_chars(value->text) > (size_t)max)
        FAULT(c, row, "length", "Expected at most %lld characters", (long long)max);
}

static void check_time(struct check *c, const struct field *row, struct field_value *value)
{
    int64_t ms = 0;
    bool good = false;
    if (value->json.type == JR_NUMBER)
        good = jr_i64(value->json, &ms) && ms >= TIME_LEAST && ms <= TIME_MOST;
    else if (jr_is_text(value->json))
        good = clock_parse(slice_trim(text_of(c, value->json)), &ms);
    if (good)
        value->number = ms;
    else if (row->lenient)
        value->present = false;
    else
        FAULT(c, row, "time", "Expected RFC 3339 time or Unix milliseconds");
}

static void check_int(struct check *c, const struct field *row, struct field_value *value)
{
    assert(row->least < row->max);
    struct slice text = is_scalar(value->json) ? slice_trim(text_of(c, value->json)) : SLICE_NONE;
    struct jr_value number = {.raw = text, .type = JR_NUMBER};
    int64_t i;
    bool integer = is_integer(text);
    if (integer && jr_i64(number, &i) && i >= row->least && i <= row->max)
        value->number = i;
    else
        FAULT(c, row, integer || value->json.type == JR_NUMBER ? "range" : "type",
              "Expected an integer from %lld to %lld", (long long)row->least, (long long)row->max);
}

static void check_bool(struct check *c, const struct field *row, struct field_value *value)
{
    struct slice text = jr_is_text(value->json) ? slice_trim(text_of(c, value->json)) : SLICE_NONE;
    value->number = value->json.type == JR_TRUE || slice_is(text, "true");
    if (value->number == 0 && value->json.type != JR_FALSE && !slice_is(text, "false"))
        FAULT(c, row, "type", "Expected true or false");
}

static void check_money(struct check *c, const struct field *row, struct field_value *value)
{
    if (is_scalar(value->json) && money_parse(text_of(c, value->json), c->decimals, &value->number))
        return;
    if (row->lenient)
        value->present = false;
    else
        FAULT(c, row, "money", "Expected an amount from 0 to %lld", MONEY_MAX_MAJOR);
}

static void check_array(struct check *c, const struct field *row, struct field_value *value)
{
    if (value->json.type != JR_ARRAY) {
        FAULT(c, row, "type", "Expected an array");
        return;
    }
    struct jr_iter it = jr_iter(value->json);
    struct jr_value element;
    for (int64_t count = 0; count <= row->max || row->max == 0; count++)
        if (!jr_next(&it, NULL, &element))
            return;
    FAULT(c, row, "length", "Expected at most %lld elements", (long long)row->max);
}

/* FIELD_OBJECT, FIELD_JSON */
static void check_json(struct check *c, const struct field *row, struct field_value *value)
{
    if (row->type == FIELD_OBJECT && value->json.type != JR_OBJECT)
        FAULT(c, row, "type", "Expected an object");
    else if (row->max > 0 && value->json.raw.n > (size_t)row->max)
        FAULT(c, row, "length", "Expected at most %lld bytes of JSON", (long long)row->max);
    else if (row->type == FIELD_OBJECT && has_rows(row))
        match_members(c, row, value->json);
}

static void check_value(struct check *c, const struct field *row, struct field_value *value)
{
    switch (row->type) {
    case FIELD_LINE:
    case FIELD_TEXT:
    case FIELD_ID:
        check_text(c, row, value);
        break;
    case FIELD_TIME:
        check_time(c, row, value);
        break;
    case FIELD_INT:
        check_int(c, row, value);
        break;
    case FIELD_BOOL:
        check_bool(c, row, value);
        break;
    case FIELD_MONEY:
        check_money(c, row, value);
        break;
    case FIELD_ARRAY:
        check_array(c, row, value);
        break;
    case FIELD_OBJECT:
    case FIELD_JSON:
        check_json(c, row, value);
        break;
    }
}

/* Given as "", or as blanks where blanks do not count. */
static bool is_empty_text(const struct check *c, const struct field *row, struct jr_value json)
{
    if (!jr_is_text(json))
        return false;
    if (row->type == FIELD_TEXT || row->type == FIELD_JSON)
        return json.raw.n == 2;
    return slice_trim(text_of(c, json)).n == 0;
}

/* Is the object there, of which row is a member? */
static bool is_wanted(const struct check *c, const struct field *row)
{
    const char *dot = strrchr(row->name, '.');
    if (dot == NULL)
        return true;
    struct slice object = {row->name, (size_t)(dot - row->name)};
    for (const struct field *in = c->table; in < row; in++) {
        const struct field_value *value = &c->result->values[in - c->table];
        if (slice_is(object, in->name))
            return value->present && value->json.type == JR_OBJECT;
    }
    assert(!"the row of a nested field stands after that of its object");
    return false;
}

static void check_row(struct check *c, const struct field *row, struct field_value *value)
{
    bool missing = !value->present;
    if (value->present) {
        value->is_null = value->json.type == JR_NULL;
        missing = value->is_null || is_empty_text(c, row, value->json);
        if (missing && c->capture)
            *value = (struct field_value){0};
        else if (!value->is_null && !(missing && row->need == REQUIRED))
            check_value(c, row, value);
        missing = missing || !value->present; /* unreadable where that is no fault */
    }
    if (missing && row->need == REQUIRED && is_wanted(c, row))
        FAULT(c, row, "required", "Required");
}

void field_check(const struct field *table, struct jr_value body, bool capture, unsigned decimals,
                 struct arena *arena, struct field_result *result)
{
    struct check c = {table, capture, decimals, 0, arena, result};
    size_t rows = 0;
    while (table[rows].name != NULL)
        rows++;
    result->values = arena_zalloc(arena, rows * sizeof(*result->values));
    result->extras = NULL;
    result->extra_count = 0;
    result->faults.count = 0;
    if (body.type != JR_OBJECT) {
        fault_add(&result->faults, arena, SLICE(""), "type", "Expected an object");
        return;
    }
    match_members(&c, NULL, body);
    for (size_t i = 0; i < rows; i++)
        check_row(&c, &table[i], &result->values[i]);
}
