/* template.c: templates with their placeholders filled in.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/template.h"

#include "kvcrm/model/calendar.h"

#define BRAND SLICE("My Hibachi") /* as the templates spell the setting `brand` */
#define NEARBY_DATES 3

const struct template_row template_rows[] = {
#define TEMPLATE(...) {__VA_ARGS__},
#include "kvcrm/model/templates.def"
#undef TEMPLATE
};
const unsigned template_row_count = sizeof template_rows / sizeof template_rows[0];

static const char *const phone_words[] = {"brand", "customer"};

const struct template_row *template_row_of(struct slice id)
{
    for (unsigned i = 0; i < template_row_count; i++) {
        if (slice_is(id, template_rows[i].id) || slice_is(id, template_rows[i].word))
            return &template_rows[i];
    }
    return NULL;
}

bool template_phone_of(struct slice word, enum template_phone *phone)
{
    for (int i = TEMPLATE_PHONE_BRAND; i <= TEMPLATE_PHONE_CUSTOMER; i++) {
        if (slice_is(word, phone_words[i])) {
            *phone = i;
            return true;
        }
    }
    return false;
}

const char *template_phone_word(enum template_phone phone)
{
    return phone_words[phone];
}

struct reply {
    struct buf text;
    const struct template_facts *facts;
    bool has_day;
    int64_t day; /* of facts->date */
    struct arena *arena;
};

/* Placeholders ----------------------------------------------------------------------------------
 */

static void put_or(struct reply *r, struct slice s, const char *unknown)
{
    s = slice_trim(s);
    buf_add(&r->text, s.n > 0 ? s : slice_of(unknown));
}

static void put_day(struct reply *r, int64_t day, const char *unknown)
{
    put_or(r, r->has_day ? calendar_words(day, r->arena) : SLICE_NONE, unknown);
}

static void put_name(struct reply *r)
{
    put_or(r, r->facts->name, "there");
}

static void put_date(struct reply *r)
{
    put_day(r, r->day, "your date");
}

static void put_preferred_date(struct reply *r)
{
    put_day(r, r->day, "to be confirmed");
}

static void put_next_day(struct reply *r)
{
    put_day(r, r->day + 1, "the next day");
}

static void put_day_after_next(struct reply *r)
{
    put_day(r, r->day + 2, "two days later");
}

static void put_next_weekend(struct reply *r)
{
    put_day(r, calendar_next_saturday(r->day), "next weekend");
}

static void put_time(struct reply *r)
{
    put_or(r, r->facts->time, "to be confirmed");
}

static void put_guests(struct reply *r)
{
    put_or(r, r->facts->guests, "to be confirmed");
}

static void put_city_state(struct reply *r)
{
    put_or(r, place_city_state(&r->facts->place, r->arena), "to be confirmed");
}

static void put_phone(struct reply *r)
{
    if (r->facts->phone_is == TEMPLATE_PHONE_CUSTOMER)
        put_or(r, r->facts->customer_phone, "your number");
    else
        put_or(r, r->facts->brand_phone, "us");
}

struct days {
    int64_t days[NEARBY_DATES];
    unsigned count;
};

static void days_add(struct days *d, int64_t day)
{
    for (unsigned i = 0; i < d->count; i++) {
        if (d->days[i] == day)
            return;
    }
    if (d->count < NEARBY_DATES)
        d->days[d->count++] = day;
}

static void put_nearby_dates(struct reply *r)
{
    const struct template_facts *facts = r->facts;
    struct days nearby = {.count = 0};

    for (unsigned i = 0; i < facts->alternative_count; i++) {
        int64_t day;
        if (calendar_read(facts->alternatives[i].date, &day) && !(r->has_day && day == r->day))
            days_add(&nearby, day);
    }
    if (nearby.count == 0 && r->has_day) {
        for (int64_t day = r->day - 1; day <= r->day + 2; day++) {
            if (day != r->day && day >= facts->today && calendar_holds(day))
                days_add(&nearby, day);
        }
    }
    for (unsigned i = 0; i < nearby.count; i++) {
        buf_str(&r->text, i > 0 ? ", " : "");
        buf_add(&r->text, calendar_words(nearby.days[i], r->arena));
    }
    if (nearby.count == 0)
        buf_str(&r->text, "nearby dates");
}

static void put_alternatives(struct reply *r)
{
    bool is_first = true;

    for (unsigned i = 0; i < r->facts->alternative_count; i++) {
        const struct slot_alternative *offered = &r->facts->alternatives[i];
        int64_t day;

        if (!r->has_day || !calendar_read(offered->date, &day) || day != r->day ||
            offered->time.n == 0)
            continue;
        buf_str(&r->text, is_first ? "• " : "\n• ");
        buf_add(&r->text, slot_range(offered->time, offered->end, r->arena));
        if (offered->confirmed && offered->spots > 0) {
            buf_str(&r->text, " (");
            buf_i64(&r->text, offered->spots);
            buf_str(&r->text, offered->spots == 1 ? " spot available)" : " spots available)");
        }
        is_first = false;
    }
}

static const struct {
    const char *name;
    void (*put)(struct reply *);
} placeholders[] = {
    // clang-format off
    {"Name",            put_name},
    {"date",            put_date},
    {"preferred date",  put_preferred_date},
    {"date + 1 day",    put_next_day},
    {"date + 2 days",   put_day_after_next},
    {"next weekend",    put_next_weekend},
    {"nearby dates",    put_nearby_dates},
    {"preferred time",  put_time},
    {"guest count",     put_guests},
    {"city, state",     put_city_state},
    {"phone",           put_phone},
    {"alternatives",    put_alternatives},
    // clang-format on
};

/* Templates -------------------------------------------------------------------------------------
 */

static struct slice skip_blanks(struct slice s)
{
    while (s.n > 0 && s.p[0] == ' ')
        s = (struct slice){s.p + 1, s.n - 1};
    return s;
}

/* Case and blanks do not count: "[ Date+1 DAY]". */
static bool is_named(struct slice a, struct slice b)
{
    a = skip_blanks(a);
    b = skip_blanks(b);
    while (a.n > 0 && b.n > 0) {
        if (!slice_ieq((struct slice){a.p, 1}, (struct slice){b.p, 1}))
            return false;
        a = skip_blanks((struct slice){a.p + 1, a.n - 1});
        b = skip_blanks((struct slice){b.p + 1, b.n - 1});
    }
    return a.n == b.n;
}

static void put_placeholder(struct reply *r, struct slice name)
{
    for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
        if (is_named(name, slice_of(placeholders[i].name))) {
            placeholders[i].put(r);
            return;
        }
    }
}

/* Bytes of the placeholder that begins with the bracket at s; 0 when it is none: the bracket is not
 * closed on its line, or another one opens before. */
static size_t placeholder_length(struct slice s)
{
    for (size_t i = 1; i < s.n && s.p[i] != '[' && s.p[i] != '\n'; i++) {
        if (s.p[i] == ']')
            return i + 1;
    }
    return 0;
}

/* Does the text so far end with this many line ends (or is it empty)? */
static bool ends_with_lines(const struct buf *text, size_t lines)
{
    size_t n = text->n;

    for (; lines > 0 && n > 0; lines--, n--) {
        if (text->p[n - 1] != '\n')
            return false;
    }
    return true;
}

/* What follows a placeholder that became nothing: without the end of its line when it stood there
 * alone, and without the blank line after it when one stands before. */
static struct slice after_nothing(const struct buf *text, struct slice rest)
{
    for (size_t lines = 1; lines <= 2; lines++) {
        if (rest.n == 0 || rest.p[0] != '\n' || !ends_with_lines(text, lines))
            break;
        rest = (struct slice){rest.p + 1, rest.n - 1};
    }
    return rest;
}

/* Bytes up to the next bracket or brand name, at least one. */
static size_t plain_length(struct slice s)
{
    size_t i = 1;

    while (i < s.n && s.p[i] != '[' && s.p[i] != ']' &&
           !slice_starts((struct slice){s.p + i, s.n - i}, BRAND))
        i++;
    return i;
}

/* Puts what the beginning of body becomes, and returns what comes after it. */
static struct slice put_next(struct reply *r, struct slice body)
{
    size_t taken = 1, before = r->text.n;

    if (body.p[0] == '[') {
        size_t n = placeholder_length(body);
        if (n > 0) {
            put_placeholder(r, (struct slice){body.p + 1, n - 2});
            taken = n;
        }
    } else if (slice_starts(body, BRAND)) {
        taken = BRAND.n;
        put_or(r, r->facts->brand, BRAND.p);
    } else if (body.p[0] != ']') {
        taken = plain_length(body);
        buf_add(&r->text, (struct slice){body.p, taken});
    }
    body = (struct slice){body.p + taken, body.n - taken};
    return r->text.n == before ? after_nothing(&r->text, body) : body;
}

struct slice template_render(struct slice body, const struct template_facts *facts,
                             struct arena *arena)
{
    struct reply r = {.facts = facts, .arena = arena};

    r.has_day = calendar_read(slice_trim(facts->date), &r.day);
    buf_init(&r.text, TEMPLATE_TEXT_MAX);
    while (body.n > 0 && !r.text.full)
        body = put_next(&r, body);
    struct slice text = arena_copy(arena, buf_slice(&r.text));
    buf_dispose(&r.text);
    return text;
}

struct slice template_subject(const struct template_facts *facts, struct arena *arena)
{
    struct slice subject = SLICE("Your booking request");
    int64_t day;

    if (!calendar_read(slice_trim(facts->date), &day))
        return subject;
    return arena_join(arena, 3, subject, SLICE(" for "), calendar_words(day, arena));
}
