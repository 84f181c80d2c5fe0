/* slot.c: times of day and their neighbours.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/slot.h"

#include "kvcrm/model/calendar.h"

enum { NOON = 12 * 60, DAY_MINUTES = 24 * 60, SLOT_MINUTES = 2 * 60 };

/* In the order of the day. */
static const struct {
    const char *word;
    unsigned minute;
} times[] = {{"12PM", 12 * 60}, {"3PM", 15 * 60}, {"6PM", 18 * 60}, {"9PM", 21 * 60}};
enum { TIMES = sizeof times / sizeof times[0] };

bool slot_is_word(struct slice time)
{
    for (unsigned i = 0; i < TIMES; i++) {
        if (slice_is(time, times[i].word))
            return true;
    }
    return false;
}

/* Takes "AM" or "PM" from the end. */
static bool take_half(struct slice *s, bool *is_afternoon)
{
    if (s->n < 2)
        return false;
    struct slice half = {s->p + s->n - 2, 2};
    *is_afternoon = slice_ieq(half, SLICE("PM"));
    if (!*is_afternoon && !slice_ieq(half, SLICE("AM")))
        return false;
    *s = slice_trim((struct slice){s->p, s->n - 2});
    return true;
}

bool slot_minute(struct slice time, unsigned *minute)
{
    struct slice s = slice_trim(time), hours;
    bool is_afternoon = false, has_half = take_half(&s, &is_afternoon);
    uint64_t h, m = 0;

    if (!slice_cut(&s, ':', &hours) || hours.n > 2 || !slice_u64(hours, has_half ? 12 : 23, &h))
        return false;
    bool has_minutes = s.p != NULL;
    if (has_minutes && (s.n != 2 || !slice_u64(s, 59, &m)))
        return false;
    if (has_half ? h == 0 : !has_minutes) /* "0PM"; a bare "18" may be anything */
        return false;
    *minute = (unsigned)(h * 60 + m);
    if (has_half)
        *minute = *minute % NOON + (is_afternoon ? NOON : 0);
    return true;
}

/* "6:00 PM" */
static struct slice clock_words(unsigned minute, struct arena *arena)
{
    unsigned hour = minute / 60 % 12;

    return arena_printf(arena, "%u:%02u %s", hour == 0 ? 12 : hour, minute % 60,
                        minute % DAY_MINUTES < NOON ? "AM" : "PM");
}

struct slice slot_range(struct slice time, struct slice end, struct arena *arena)
{
    unsigned minute, end_minute;
    bool is_time = slot_minute(time, &minute);

    if (slot_minute(end, &end_minute))
        end = clock_words(end_minute, arena);
    else if (is_time && end.n == 0)
        end = clock_words(minute + SLOT_MINUTES, arena);
    if (is_time)
        time = clock_words(minute, arena);
    return end.n > 0 ? arena_join(arena, 3, time, SLICE(" - "), end) : time;
}

bool slot_is_past(int64_t day, struct slice time, int64_t now_min)
{
    unsigned minute;

    if (!slot_minute(time, &minute))
        minute = 0;
    return day * DAY_MINUTES + minute <= now_min;
}

bool slot_middle(const struct slot_failed *failed, int64_t now_min, int64_t *day)
{
    int64_t today = now_min / DAY_MINUTES;

    if (!calendar_read(failed->date, day))
        return false;
    if (*day < today)
        *day = today;
    return true;
}

struct search {
    int64_t now_min;
    const int64_t *known;
    unsigned known_count;
    struct arena *arena;
    struct slot_alternative *out;
    unsigned count;
};

static bool is_known(const struct search *search, int64_t day)
{
    for (unsigned i = 0; i < search->known_count; i++) {
        if (search->known[i] == day)
            return true;
    }
    return false;
}

static void offer(struct search *search, int64_t day, struct slice time)
{
    if (search->count == SLOT_ALTERNATIVES || !calendar_holds(day) || is_known(search, day) ||
        slot_is_past(day, time, search->now_min))
        return;
    struct slot_alternative *offered = &search->out[search->count++];
    *offered = (struct slot_alternative){
        .date = calendar_text(day, search->arena),
        .time = time,
        .rank = search->count,
    };
}

/* The other times of the day, the nearest first. */
static void offer_times(struct search *search, int64_t day, bool is_time, unsigned failed)
{
    bool is_seen[TIMES] = {false};

    for (unsigned round = 0; round < TIMES; round++) {
        unsigned best = 0, best_distance = DAY_MINUTES;
        for (unsigned i = 0; i < TIMES; i++) {
            unsigned minute = times[i].minute;
            unsigned distance = minute < failed ? failed - minute : minute - failed;
            if (!is_seen[i] && distance < best_distance) {
                best = i;
                best_distance = distance;
            }
        }
        is_seen[best] = true;
        if (!is_time || best_distance > 0)
            offer(search, day, slice_of(times[best].word));
    }
}

/* The same time on other days, the nearest first. */
static void offer_days(struct search *search, int64_t day, int64_t middle, struct slice time)
{
    for (int64_t distance = 0; distance <= SLOT_STRETCH; distance++) {
        if (middle - distance != day)
            offer(search, middle - distance, time);
        if (distance > 0)
            offer(search, middle + distance, time);
    }
}

/* "6 pm" is offered as "6PM". */
static struct slice spelled(struct slice time, unsigned minute)
{
    for (unsigned i = 0; i < TIMES; i++) {
        if (times[i].minute == minute)
            return slice_of(times[i].word);
    }
    return time;
}

unsigned slot_alternatives_but(const struct slot_failed *failed, const int64_t *known,
                               unsigned known_count, int64_t now_min, struct arena *arena,
                               struct slot_alternative out[SLOT_ALTERNATIVES])
{
    struct search search = {now_min, known, known_count, arena, out, 0};
    struct slice time = slice_trim(failed->time);
    unsigned minute = 0;
    int64_t day, middle;

    if (!calendar_read(failed->date, &day) || !slot_middle(failed, now_min, &middle))
        return 0;
    bool is_time = slot_minute(time, &minute);
    if (is_time)
        time = spelled(time, minute);
    else if (time.n == 0)
        time = SLICE_NONE;
    if (!failed->is_day_full)
        offer_times(&search, day, is_time, minute);
    offer_days(&search, day, middle, time);
    return search.count;
}

unsigned slot_alternatives(const struct slot_failed *failed, int64_t now_min, struct arena *arena,
                           struct slot_alternative out[SLOT_ALTERNATIVES])
{
    return slot_alternatives_but(failed, NULL, 0, now_min, arena, out);
}
