/* settings.c: a workspace's settings, by the table settings.def.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/ops/settings.h"

#include <inttypes.h>

#include "kvcrm/model/money.h"

/* Checks of text settings: NULL when it fits, otherwise what was expected. */
static const char *check_currency(struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 'A' || text.p[i] > 'Z')
            text.n = 0;
    }
    return text.n == 3 ? NULL : "Expected an ISO 4217 currency code";
}

static const char *check_origin(struct slice word)
{
    bool fits = slice_is(word, "*") || slice_starts(word, SLICE("https://")) ||
                slice_starts(word, SLICE("http://"));

    return fits ? NULL : "Expected * or origins like https://a.example";
}

static const char *check_temp_email(struct slice text)
{
    const char *mark = memmem(text.p, text.n, "{phone}", 7);
    bool fits = mark != NULL && memchr(mark, '@', text.n - (size_t)(mark - text.p)) != NULL &&
                memmem(mark + 7, text.n - (size_t)(mark + 7 - text.p), "{phone}", 7) == NULL;

    return fits ? NULL : "Expected an e-mail address with {phone} before the @";
}

static const char *check_any(struct slice text)
{
    (void)text;
    return NULL;
}

static const char *check_classifier(struct slice text)
{
    bool fits = slice_is(text, "literal") || slice_is(text, "refined");

    return fits ? NULL : "Expected literal or refined";
}

static const char *check_region(struct slice text)
{
    return identity_region_is_known(text) ? NULL : "Expected an ISO 3166 country code";
}

static const char *check_window_mode(struct slice text)
{
    bool fits = slice_is(text, "fixed") || slice_is(text, "sliding");

    return fits ? NULL : "Expected fixed or sliding";
}

bool consent_parse(struct slice word, enum consent *consent)
{
    static const char *const words[] = {
        [CONSENT_OFF] = "off", [CONSENT_SESSION] = "session", [CONSENT_FULL] = "full"};

    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_is(word, words[i])) {
            *consent = (enum consent)i;
            return true;
        }
    }
    return false;
}

static const char *check_consent(struct slice text)
{
    enum consent consent;

    return consent_parse(text, &consent) ? NULL : "Expected off, session or full";
}

enum setting_type {
    SETTING_TYPE_BOOL,
    SETTING_TYPE_TEXT,
    SETTING_TYPE_LIST,
    SETTING_TYPE_INT,
    SETTING_TYPE_DECIMAL
};

static const struct setting {
    struct slice name;
    enum setting_type type;
    unsigned digits; /* behind the point */
    size_t at;       /* offset in struct settings */
    size_t max;
    const char *(*check)(struct slice text);
    uint64_t least, most; /* of a number, in its smallest unit */
} table[] = {
#define ROW(name, type, digits, max, check, least, most) \
    {SLICE_CONST(#name), type, digits, offsetof(struct settings, name), max, check, least, most},
#define SETTING_BOOL(name, preset, doc) ROW(name, SETTING_TYPE_BOOL, 0, 0, NULL, 0, 0)
#define SETTING_TEXT(name, preset, max, check, doc) \
    ROW(name, SETTING_TYPE_TEXT, 0, max, check, 0, 0)
#define SETTING_LIST(name, preset, max, check, doc) \
    ROW(name, SETTING_TYPE_LIST, 0, max, check, 0, 0)
#define SETTING_INT(name, preset, least, most, doc) \
    ROW(name, SETTING_TYPE_INT, 0, 0, NULL, least, most)
#define SETTING_DECIMAL(name, preset, digits, most, doc) \
    ROW(name, SETTING_TYPE_DECIMAL, digits, 0, NULL, 0, most)
#include "kvcrm/ops/settings.def"
#undef ROW
#undef SETTING_BOOL
#undef SETTING_TEXT
#undef SETTING_LIST
#undef SETTING_INT
#undef SETTING_DECIMAL
};

#define TABLE_ROWS (sizeof table / sizeof table[0])

/* What follows from the values. */
static void derive(struct settings *s)
{
    s->decimals = money_decimals(slice_of(s->currency));
    memcpy(s->identity.region, s->default_region, sizeof s->identity.region);
    s->identity.gmail = s->gmail_rule;
    memcpy(s->identity.temp_email, s->whatsapp_temp_email, sizeof s->identity.temp_email);
    if (!consent_parse(slice_of(s->consent_mode), &s->consent))
        s->consent = CONSENT_OFF; /* cannot be: the table's check has seen it */
}

void settings_defaults(struct settings *s)
{
    *s = (struct settings){
        .version = 0,
#define SETTING_BOOL(name, preset, doc) .name = preset,
#define SETTING_TEXT(name, preset, max, check, doc) .name = preset,
#define SETTING_LIST(name, preset, max, check, doc) .name = preset,
#define SETTING_INT(name, preset, least, most, doc) .name = preset,
#define SETTING_DECIMAL(name, preset, digits, most, doc) .name = preset,
#include "kvcrm/ops/settings.def"
#undef SETTING_BOOL
#undef SETTING_TEXT
#undef SETTING_LIST
#undef SETTING_INT
#undef SETTING_DECIMAL
    };
    derive(s);
}

static const struct setting *setting_of(struct slice name)
{
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        if (slice_eq(table[i].name, name))
            return &table[i];
    }
    return NULL;
}

/* What is wrong with a stored text, a list's words with blanks between them; NULL when it fits. */
static const char *text_fault(const struct setting *row, struct slice text)
{
    const char *fault = NULL;
    struct slice word;

    if (text.n > row->max)
        return "Expected a shorter text";
    if (row->type != SETTING_TYPE_LIST)
        return row->check(text);
    while (fault == NULL && slice_cut(&text, ' ', &word))
        fault = row->check(word);
    return fault;
}

/* In the smallest unit. */
static bool number_fits(const struct setting *row, struct slice text, int64_t *number)
{
    uint64_t whole;

    if (row->type == SETTING_TYPE_DECIMAL)
        return money_parse(text, row->digits, number) && *number <= (int64_t)row->most;
    if (!slice_u64(text, row->most, &whole) || whole < row->least)
        return false;
    *number = (int64_t)whole;
    return true;
}

static bool is_number(const struct setting *row)
{
    return row->type == SETTING_TYPE_INT || row->type == SETTING_TYPE_DECIMAL;
}

void settings_load(struct settings *s, int64_t version, const struct reply *stored)
{
    settings_defaults(s);
    s->version = version;
    for (size_t i = 0; i + 1 < reply_count(stored); i += 2) {
        const struct setting *row = setting_of(reply_text_at(stored, i));
        struct slice text = reply_text_at(stored, i + 1);
        char *at = (char *)s + (row != NULL ? row->at : 0);
        int64_t number;
        if (row == NULL || text.n == 0)
            continue;
        if (row->type == SETTING_TYPE_BOOL) {
            *(bool *)(void *)at = slice_is(text, "true");
        } else if (is_number(row)) {
            if (number_fits(row, text, &number))
                *(int64_t *)(void *)at = number;
        } else if (text_fault(row, text) == NULL) {
            memcpy(at, text.p, text.n);
            at[text.n] = '\0';
        }
    }
    derive(s);
}

/* ["a","b"] → "a b"; false when it is no list of words. */
static bool join_words(struct jr_value list, struct arena *arena, struct slice *text)
{
    struct jr_iter it = jr_iter(list);
    struct jr_value word;

    *text = SLICE("");
    while (jr_next(&it, NULL, &word)) {
        struct slice one = word.type == JR_STRING ? jr_text(word, arena) : SLICE("");
        if (one.n == 0 || memchr(one.p, ' ', one.n) != NULL)
            return false;
        *text = arena_join(arena, 3, *text, text->n > 0 ? SLICE(" ") : SLICE(""), one);
    }
    return text->n > 0;
}

static void check_number(const struct setting *row, struct jr_value value, struct arena *arena,
                         struct faults *faults, struct slice *text)
{
    int64_t number, unit = 1;

    for (unsigned i = 0; i < row->digits; i++)
        unit *= 10;
    *text = value.raw;
    if (value.type != JR_NUMBER)
        fault_add(faults, arena, row->name, "type", "Expected a number");
    else if (number_fits(row, value.raw, &number))
        return;
    else if (row->type == SETTING_TYPE_DECIMAL)
        fault_add(faults, arena, row->name, "range", "Expected a number from 0 to %" PRId64,
                  (int64_t)row->most / unit);
    else
        fault_add(faults, arena, row->name, "range",
                  "Expected an integer from %" PRIu64 " to %" PRIu64, row->least, row->most);
}

void settings_check(struct slice name, struct jr_value value, struct arena *arena,
                    struct faults *faults, struct slice *text)
{
    const struct setting *row = setting_of(name);
    const char *expected = NULL;

    *text = SLICE("");
    if (row == NULL) {
        fault_add(faults, arena, name, "unknown_field", "There is no such setting");
        return;
    }
    if (value.type == JR_NULL)
        return;
    if (is_number(row)) {
        check_number(row, value, arena, faults, text);
        return;
    }
    if (row->type == SETTING_TYPE_BOOL) {
        if (value.type != JR_TRUE && value.type != JR_FALSE)
            expected = "Expected true or false";
        *text = value.raw;
    } else if (row->type == SETTING_TYPE_LIST) {
        if (value.type != JR_ARRAY || !join_words(value, arena, text))
            expected = "Expected a list of texts without blanks, at least one";
    } else if (value.type == JR_STRING) {
        *text = slice_trim(jr_text(value, arena));
    } else {
        expected = "Expected text";
    }
    if (expected != NULL) {
        fault_add(faults, arena, name, "type", "%s", expected);
        return;
    }
    if (row->type != SETTING_TYPE_BOOL)
        expected = text_fault(row, *text);
    if (expected != NULL)
        fault_add(faults, arena, name, "format", "%s", expected);
}

static void print_words(struct jw *w, struct slice text)
{
    struct slice word;

    jw_array(w);
    while (slice_cut(&text, ' ', &word))
        jw_string(w, word);
    jw_array_end(w);
}

void settings_print(const struct settings *s, struct jw *w)
{
    jw_object(w);
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        const char *at = (const char *)s + table[i].at;
        jw_key_slice(w, table[i].name);
        if (table[i].type == SETTING_TYPE_BOOL)
            jw_bool(w, *(const bool *)(const void *)at);
        else if (table[i].type == SETTING_TYPE_LIST)
            print_words(w, slice_of(at));
        else if (table[i].type == SETTING_TYPE_INT)
            jw_i64(w, *(const int64_t *)(const void *)at);
        else if (table[i].type == SETTING_TYPE_DECIMAL)
            jw_decimal(w, *(const int64_t *)(const void *)at, table[i].digits);
        else
            jw_string(w, slice_of(at));
    }
    jw_object_end(w);
}

bool settings_origin_allowed(const struct settings *s, struct slice origin)
{
    struct slice list = slice_of(s->cors_origins), allowed;

    while (slice_cut(&list, ' ', &allowed)) {
        if (slice_is(allowed, "*") || (allowed.n > 0 && slice_ieq(allowed, origin)))
            return true;
    }
    return false;
}
