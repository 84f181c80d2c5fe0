/* event.c: event types by name, and the text of an event.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/event.h"

#define TITLE_DETAIL_MAX 200 /* bytes of a detail shown in a title */

const struct event_rule event_rules[] = {
#define EVENT(...) {__VA_ARGS__},
#include "kvcrm/model/events.def"
#undef EVENT
};
const unsigned event_rule_count = sizeof(event_rules) / sizeof(event_rules[0]);

/* "Booking Completed", "booking_completed" and "booking.completed" are one name. */
static unsigned char name_char(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A' + 'a');
    return c == ' ' || c == '_' ? '.' : (unsigned char)c;
}

static bool names_equal(struct slice a, struct slice b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (name_char(a.p[i]) != name_char(b.p[i]))
            return false;
    }
    return true;
}

const struct event_rule *event_rule_of(struct slice name)
{
    for (unsigned i = 0; i < event_rule_count; i++) {
        const struct event_rule *rule = &event_rules[i];
        if (names_equal(name, slice_of(rule->type)))
            return rule;
        struct slice aliases = slice_of(rule->aliases), alias;
        while (slice_cut(&aliases, '|', &alias)) {
            if (names_equal(name, alias))
                return rule;
        }
    }
    return NULL;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool event_type_is_well_formed(struct slice name)
{
    if (name.n == 0 || name.n > EVENT_TYPE_MAX || !is_letter(name.p[0]))
        return false;
    for (size_t i = 1; i < name.n; i++) {
        char c = name.p[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && memchr("_.: -", c, 5) == NULL)
            return false;
    }
    return true;
}

struct slice event_type_stored(const struct event_rule *rule, struct slice name,
                               struct arena *arena)
{
    if (rule != NULL)
        return slice_of(rule->type);
    if (memchr(name.p, ' ', name.n) == NULL)
        return name;
    char *copy = arena_alloc(arena, name.n);
    for (size_t i = 0; i < name.n; i++)
        copy[i] = name.p[i] == ' ' ? '_' : name.p[i];
    return (struct slice){copy, name.n};
}

struct slice event_data_text(struct jr_value data, const char *names, struct arena *arena,
                             struct slice *which)
{
    struct slice rest = slice_of(names), name;

    while (slice_cut(&rest, '|', &name)) {
        struct jr_value value;
        if (!jr_member(data, name, &value))
            continue;
        struct slice text = SLICE_NONE;
        if (value.type == JR_STRING)
            text = slice_trim(jr_text(value, arena));
        else if (value.type == JR_NUMBER)
            text = value.raw;
        if (text.n == 0)
            continue;
        if (which != NULL)
            *which = name;
        return text;
    }
    return SLICE_NONE;
}

/* At most max bytes, without cutting through a UTF-8 sequence. */
static struct slice cut_utf8(struct slice s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
        max--;
    return (struct slice){s.p, max};
}

struct slice event_title(const struct event_rule *rule, struct slice type, struct jr_value data,
                         struct arena *arena)
{
    if (rule == NULL)
        return type;
    struct slice detail = SLICE_NONE;
    if (rule->detail != NULL)
        detail = event_data_text(data, rule->detail, arena, NULL);
    if (detail.n == 0)
        return slice_of(rule->title);
    return arena_join(arena, 3, slice_of(rule->title), slice_of(rule->joint),
                      cut_utf8(detail, TITLE_DETAIL_MAX));
}

const char *task_priority_word(enum task_priority priority)
{
    static const char *const words[TASK_PRIORITIES] = {"urgent", "high", "normal", "low"};
    return words[priority];
}

const char *booking_verb_word(enum booking_verb verb)
{
    static const char *const words[] = {"", "started", "step", "abandoned", "completed"};
    return words[verb];
}
