/* place.c: addresses put together and taken apart.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/place.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_of_word(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool names(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        if (slice_ieq((struct slice){text.p + i, part.n}, part) &&
            (i == 0 || !is_of_word(text.p[i - 1])) &&
            (i + part.n == text.n || !is_of_word(text.p[i + part.n])))
            return true;
    }
    return false;
}

struct slice place_full(const struct place *place, struct arena *arena)
{
    const struct slice parts[] = {place->city, place->state, place->zip_code};
    struct slice address = slice_trim(place->address), full = address;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct slice part = slice_trim(parts[i]);
        if (part.n == 0 || names(address, part))
            continue;
        bool is_zip = i == 2; /* "CA 90210": no comma before it */
        struct slice joint = full.n == 0 ? SLICE("") : is_zip ? SLICE(" ") : SLICE(", ");
        full = arena_join(arena, 3, full, joint, part);
    }
    return full.n > 0 ? full : SLICE_NONE;
}

/* Takes what stands behind the last sep; all of *s when there is none. */
static struct slice take_last(struct slice *s, char sep)
{
    const char *at = s->n > 0 ? memrchr(s->p, sep, s->n) : NULL;
    struct slice last = *s;

    if (at == NULL) {
        *s = SLICE_NONE;
        return slice_trim(last);
    }
    last = (struct slice){at + 1, s->n - (size_t)(at + 1 - s->p)};
    s->n = (size_t)(at - s->p);
    return slice_trim(last);
}

static bool is_country(struct slice s)
{
    return slice_ieq(s, SLICE("USA")) || slice_ieq(s, SLICE("US")) ||
           slice_ieq(s, SLICE("United States"));
}

/* "CA 90210" becomes "CA", "90210" nothing. */
static struct slice without_zip(struct slice s)
{
    struct slice before = s, last = take_last(&before, ' ');

    return last.n > 0 && is_digit(last.p[0]) ? slice_trim(before) : s;
}

/* City and state from the end of an address. */
static struct slice read_address(struct slice address, struct arena *arena)
{
    struct slice rest = slice_trim(address), part = take_last(&rest, ',');

    if (is_country(part))
        part = take_last(&rest, ',');
    part = without_zip(part);
    if (part.n == 0) /* the ZIP stood alone */
        part = take_last(&rest, ',');
    struct slice city = part, state = take_last(&city, ' ');
    bool is_both = city.n > 0 && state.n == 2 && is_upper(state.p[0]) && is_upper(state.p[1]);
    if (!is_both) { /* the state is the whole part: "CA", "New York" */
        state = part;
        city = take_last(&rest, ',');
    }
    city = slice_trim(city);
    if (city.n == 0 || state.n == 0 || is_digit(city.p[0])) /* "123 Main St" is no city */
        return SLICE_NONE;
    return arena_join(arena, 3, city, SLICE(", "), state);
}

struct slice place_city_state(const struct place *place, struct arena *arena)
{
    struct slice address = slice_trim(place->address);
    struct slice city = slice_trim(place->city), state = slice_trim(place->state), read;

    if (city.n > 0 && state.n > 0)
        return arena_join(arena, 3, city, SLICE(", "), state);
    read = read_address(address, arena);
    if (read.n > 0)
        return read;
    if (city.n > 0 || state.n > 0)
        return city.n > 0 ? city : state;
    return address.n > 0 ? address : SLICE_NONE;
}
