/* slot_offer.c: what whoever could not book is offered instead.
 *
 * SPDX-License-Identifier: MIT */
#include "slot_offer.h"

#include "kvcrm/model/calendar.h"
#include "slot_row.h"

#define DAYS_MOST (2 * SLOT_STRETCH + 1)
#define DAY_MINUTES (24 * 60)

/* The way from the failed slot to another, by whose parts the nearest is found, one after the
 * other. */
enum { WAY_KIND, WAY_DAYS, WAY_MINUTES, WAY_MINUTE, WAY_PARTS };

struct candidate {
    struct slot_row row;
    int64_t way[WAY_PARTS];
};

struct offer {
    const struct slot_failed *failed;
    struct slice time; /* the failed one, trimmed */
    bool is_time;
    unsigned minute;
    int64_t day, middle, now_min;
    int64_t known[DAYS_MOST]; /* days for which slots were fed */
    unsigned known_count;
    struct candidate best[SLOT_ALTERNATIVES];
    unsigned count;
};

static bool is_nearer(const struct candidate *a, const struct candidate *b)
{
    for (int i = 0; i < WAY_PARTS; i++) {
        if (a->way[i] != b->way[i])
            return a->way[i] < b->way[i];
    }
    return false;
}

static void insert(struct offer *offer, const struct candidate *candidate)
{
    unsigned at = offer->count;

    while (at > 0 && is_nearer(candidate, &offer->best[at - 1]))
        at--;
    if (at == SLOT_ALTERNATIVES)
        return;
    if (offer->count < SLOT_ALTERNATIVES)
        offer->count++;
    memmove(&offer->best[at + 1], &offer->best[at],
            (offer->count - 1 - at) * sizeof offer->best[0]);
    offer->best[at] = *candidate;
}

/* Is it the time of day that was not to be had? Any is, when none was named. */
static bool is_same_time(const struct offer *offer, struct slice time, bool is_time,
                         unsigned minute)
{
    if (offer->is_time && is_time)
        return minute == offer->minute;
    return offer->time.n == 0 || slice_eq(slice_trim(time), offer->time);
}

static void consider(struct offer *offer, const struct slot_row *row, int64_t day)
{
    unsigned minute = DAY_MINUTES; /* a text that is no time comes last */
    bool is_time = slot_minute(row->time, &minute);
    bool is_same = is_same_time(offer, row->time, is_time, minute);
    bool is_failed =
        day == offer->day && (offer->failed->is_day_full || (is_same && offer->time.n > 0));

    if (is_failed || slot_row_free(row) == 0 || slot_is_past(day, row->time, offer->now_min))
        return;
    int64_t days = day - offer->middle, minutes = (int64_t)minute - offer->minute;
    struct candidate candidate = {
        .row = *row,
        .way =
            {
                [WAY_KIND] = day == offer->day ? 0
                             : is_same         ? 1
                                               : 2,
                [WAY_DAYS] = days > 0 ? 2 * days + 1 : -2 * days, /* the earlier of two first */
                [WAY_MINUTES] = !offer->is_time ? 0
                                : minutes < 0   ? -minutes
                                                : minutes,
                [WAY_MINUTE] = minute,
            },
    };
    insert(offer, &candidate);
}

static void read_rows(struct offer *offer, const struct reply *rows, size_t from)
{
    for (size_t i = from; i + SLOT_ROW_FIELDS <= reply_count(rows); i += SLOT_ROW_FIELDS) {
        struct slot_row row = slot_row_at(rows, i);
        int64_t day;
        if (!calendar_read(row.date, &day) || day < offer->middle - SLOT_STRETCH ||
            day > offer->middle + SLOT_STRETCH)
            continue;
        bool is_new = offer->known_count == 0 || offer->known[offer->known_count - 1] != day;
        if (is_new && offer->known_count < DAYS_MOST)
            offer->known[offer->known_count++] = day;
        consider(offer, &row, day);
    }
}

unsigned slot_offer(const struct reply *rows, size_t from, const struct slot_failed *failed,
                    int64_t now_min, struct arena *arena,
                    struct slot_alternative out[SLOT_ALTERNATIVES])
{
    struct offer offer = {.failed = failed, .time = slice_trim(failed->time), .now_min = now_min};
    struct slot_alternative others[SLOT_ALTERNATIVES];
    unsigned count = 0;

    if (!calendar_read(failed->date, &offer.day) || !slot_middle(failed, now_min, &offer.middle))
        return 0;
    offer.is_time = slot_minute(offer.time, &offer.minute);
    read_rows(&offer, rows, from);
    for (; count < offer.count; count++) {
        const struct slot_row *row = &offer.best[count].row;
        out[count] = (struct slot_alternative){
            .date = arena_copy(arena, row->date),
            .time = arena_copy(arena, row->time),
            .end = row->end.n > 0 ? arena_copy(arena, row->end) : SLICE_NONE,
            .spots = slot_row_free(row),
            .confirmed = true,
        };
    }
    unsigned least = offer.known_count > 0 ? SLOT_BEST : SLOT_ALTERNATIVES;
    unsigned other_count =
        slot_alternatives_but(failed, offer.known, offer.known_count, now_min, arena, others);
    for (unsigned i = 0; i < other_count && count < least; i++)
        out[count++] = others[i];
    for (unsigned i = 0; i < count; i++)
        out[i].rank = i < SLOT_BEST ? i + 1 : 0;
    return count;
}

void slot_alternatives_print(const struct slot_alternative *offered, unsigned count, struct jw *w)
{
    jw_array(w);
    for (unsigned i = 0; i < count; i++) {
        jw_object(w);
        jw_key(w, "date");
        jw_string(w, offered[i].date);
        jw_key(w, "time");
        jw_string_or_null(w, offered[i].time);
        if (offered[i].end.n > 0) {
            jw_key(w, "end");
            jw_string(w, offered[i].end);
        }
        jw_key(w, "spots");
        if (offered[i].confirmed)
            jw_i64(w, offered[i].spots);
        else
            jw_null(w);
        jw_key(w, "confirmed");
        jw_bool(w, offered[i].confirmed);
        jw_key(w, "rank");
        if (offered[i].rank > 0)
            jw_i64(w, offered[i].rank);
        else
            jw_null(w);
        jw_object_end(w);
    }
    jw_array_end(w);
}
