/* lead_query.c: which leads a list is asked for.
 *
 * The script walks one group of indexes. The best is one that has all that is asked for and nothing
 * else; when there is none the script takes the smallest and looks at each lead.
 *
 * SPDX-License-Identifier: MIT */
#include "lead_query.h"

#include "contact_view.h"
#include "identity_args.h"
#include "lead_id.h"

enum {
    FILTER_STATUS = 1 << 0,
    FILTER_SOURCE = 1 << 1,
    FILTER_QUALITY = 1 << 2,
    FILTER_REASON = 1 << 3,
    FILTER_REFINED = 1 << 4,
    FILTER_ACTIVE = 1 << 5,
    FILTER_CONVERTED = 1 << 6,
    FILTER_CONTACTED = 1 << 7,
    FILTER_ASSIGNEE = 1 << 8,
    FILTER_PHONE = 1 << 9,
    FILTER_CONTACT = 1 << 10,
    FILTER_POINTER = 1 << 11,
    FILTER_SCORE_MIN = 1 << 12,
    FILTER_SCORE_MAX = 1 << 13,
    FILTER_AFTER = 1 << 14,
    FILTER_BEFORE = 1 << 15
};

const char *const lead_query_parameters[] = {
    "status",    "source",     "quality",   "reason",    "reason_refined", "active",
    "is_active", "converted",  "contacted", "assignee",  "phone",          "contact_id",
    "reference", "student_id", "score_min", "score_max", "created_after",  "created_before",
    "include",   "sort",       NULL};

static bool is_asked(const struct lead_query *query, unsigned filter)
{
    return (query->filters & filter) != 0;
}

/* Reading ---------------------------------------------------------------------------------------
 */

static void fault(struct call *call, const char *name, const char *code, const char *expected)
{
    fault_add(&call->faults, &call->arena, slice_of(name), code, "%s", expected);
}

static void read_sort(struct call *call, struct lead_query *query)
{
    static const char *const orders[] = {[LEAD_BY_CREATED] = "created_at",
                                         [LEAD_BY_UPDATED] = "updated_at",
                                         [LEAD_BY_SCORE] = "score",
                                         [LEAD_BY_PRIORITY] = "priority"};
    struct slice sort = query_text(&call->query, "sort");

    query->descending = true;
    if (sort.n == 0)
        return;
    query->descending = sort.p[0] == '-';
    struct slice name = query->descending ? (struct slice){sort.p + 1, sort.n - 1} : sort;
    for (unsigned i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (slice_is(name, orders[i])) {
            query->order = (enum lead_order)i;
            return;
        }
    }
    fault(call, "sort", "enum",
          "Expected created_at, updated_at, score or priority, with - for descending order");
}

static void read_statuses(struct call *call, struct lead_query *query)
{
    struct slice list = query_text(&call->query, "status"), word;

    if (list.n == 0)
        return;
    query->filters |= FILTER_STATUS;
    while (list.n > 0 && slice_cut(&list, ',', &word))
        query->statuses[lead_word_of(slice_trim(word))] = true;
    if (query->statuses[LEAD_NONE])
        fault(call, "status", "enum",
              "Expected statuses of leads, with commas between several: tracking, pending, "
              "approved, rejected, NEW, CONTACTED, CONVERTED or LOST");
}

/* True, False, None and nothing, in any case (seed 004 is written in Python). */
static void read_flag(struct call *call, struct lead_query *query, const char *name,
                      unsigned filter, bool *flag)
{
    struct slice word = query_text(&call->query, name);
    bool yes = slice_ieq(word, SLICE("true")), no = slice_ieq(word, SLICE("false"));

    if (word.n == 0 || slice_ieq(word, SLICE("none")))
        return;
    query->filters |= filter;
    *flag = yes;
    if (!yes && !no)
        fault(call, name, "enum", "Expected true, false or none");
}

static void read_quality(struct call *call, struct lead_query *query)
{
    static const char *const qualities[] = {"hot", "warm", "cold"};
    struct slice word = query_text(&call->query, "quality");

    if (word.n == 0)
        return;
    query->filters |= FILTER_QUALITY;
    for (unsigned i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        if (slice_ieq(word, slice_of(qualities[i])))
            query->quality = slice_of(qualities[i]);
    }
    if (query->quality.n == 0)
        fault(call, "quality", "enum", "Expected HOT, WARM or COLD");
}

static void read_reason(struct call *call, struct lead_query *query, const char *name,
                        unsigned filter, enum failure_reason *reason)
{
    struct slice word = query_text(&call->query, name);

    if (word.n == 0)
        return;
    query->filters |= filter;
    *reason = failure_reason_of(word);
    if (*reason == FAILURE_NONE)
        fault(call, name, "enum",
              "Expected slot_unavailable, date_unavailable, booking_failed or booking_error");
}

static void read_score(struct call *call, struct lead_query *query, const char *name,
                       unsigned filter, int64_t *score)
{
    struct slice word = query_text(&call->query, name);
    uint64_t number = 0;

    if (word.n == 0)
        return;
    query->filters |= filter;
    if (!slice_u64(word, 100, &number))
        fault(call, name, "range", "Expected 0 to 100");
    *score = (int64_t)number;
}

static void read_time(struct call *call, struct lead_query *query, const char *name,
                      unsigned filter, int64_t *ms)
{
    if (query_text(&call->query, name).n == 0)
        return;
    query->filters |= filter;
    if (!query_time(&call->query, name, &call->arena, &call->faults, ms))
        *ms = 0;
}

static void read_person(struct call *call, struct lead_query *query)
{
    struct slice phone = query_text(&call->query, "phone");
    struct slice contact = query_text(&call->query, "contact_id");

    if (phone.n > 0) {
        query->filters |= FILTER_PHONE;
        query->phone = identity_phone(phone, call->env->settings.identity.region, &call->arena);
        if (query->phone.n == 0)
            fault(call, "phone", "phone", "Expected a phone number of 7 to 15 digits");
    }
    if (contact.n > 0) {
        query->filters |= FILTER_CONTACT;
        if (!contact_id_parse(contact, &query->contact))
            fault(call, "contact_id", "format", "Expected a contact id");
    }
}

static void read_one(struct call *call, struct lead_query *query)
{
    struct slice reference = query_text(&call->query, "reference");
    struct slice student = query_text(&call->query, "student_id");
    uint64_t number;

    if (reference.n > 0) {
        query->filters |= FILTER_POINTER;
        if (lead_reference_parse(reference, &number))
            query->pointer = call_key(call, KEY_LEAD_NO, arena_i64(&call->arena, (int64_t)number));
        else
            fault(call, "reference", "format", "Expected a reference like KV-7F3K2");
    }
    if (student.n > 0) {
        query->filters |= FILTER_POINTER;
        if (slice_u64(student, INT64_MAX, &number))
            query->pointer =
                call_key(call, KEY_LEAD_STUDENT, arena_i64(&call->arena, (int64_t)number));
        else
            fault(call, "student_id", "type", "Expected an integer");
    }
}

static void read_include(struct call *call, struct lead_query *query)
{
    struct slice include = query_text(&call->query, "include");

    query->anonymous = slice_is(include, "anonymous");
    if (include.n > 0 && !query->anonymous)
        fault(call, "include", "enum", "Expected anonymous");
    if (query->anonymous && query->order != LEAD_BY_CREATED)
        fault(call, "sort", "enum", "Expected created_at together with include=anonymous");
}

/* Groups of indexes -----------------------------------------------------------------------------
 */

struct group {
    struct slice keys[LEAD_WORDS + 1];
    unsigned count;
    unsigned covers; /* filters that all its leads pass */
};

#define GROUPS_MAX 6

struct groups {
    struct group list[GROUPS_MAX];
    unsigned count;
};

static struct group *group_add(struct groups *groups, unsigned covers)
{
    struct group *group = &groups->list[groups->count++];

    *group = (struct group){.covers = covers};
    return group;
}

static void group_key(struct call *call, struct group *group, enum key_pattern pattern,
                      struct slice rest)
{
    group->keys[group->count++] = call_key(call, pattern, rest);
}

/* Those of the four states that the filters `active` and `converted` leave. */
static void add_states(struct call *call, const struct lead_query *query, struct groups *groups)
{
    static const struct {
        const char *word;
        bool active, converted;
    } states[] = {{"open", true, false},
                  {"converted", true, true},
                  {"inactive", false, false},
                  {"converted_inactive", false, true}};
    bool by_source = is_asked(query, FILTER_SOURCE);

    if (!is_asked(query, FILTER_SOURCE | FILTER_ACTIVE | FILTER_CONVERTED))
        return;
    struct group *group =
        group_add(groups, FILTER_ACTIVE | FILTER_CONVERTED | (by_source ? FILTER_SOURCE : 0u));
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct slice word = slice_of(states[i].word);
        if ((is_asked(query, FILTER_ACTIVE) && states[i].active != query->active) ||
            (is_asked(query, FILTER_CONVERTED) && states[i].converted != query->converted))
            continue;
        if (by_source)
            group_key(call, group, KEY_LEAD_SOURCE,
                      arena_join(&call->arena, 3, query->source, SLICE(":"), word));
        else
            group_key(call, group, KEY_LEAD_STATE, word);
    }
}

static void add_by_creation(struct call *call, const struct lead_query *query,
                            struct groups *groups)
{
    struct group *group = group_add(groups, 0);

    group_key(call, group, KEY_LEAD_CREATED, SLICE_NONE);
    if (query->anonymous)
        group_key(call, group, KEY_LEAD_ANONYMOUS, SLICE_NONE);
    if (is_asked(query, FILTER_STATUS)) {
        /* Without contact details a lead is "tracking". */
        bool anonymous = query->anonymous && query->statuses[LEAD_TRACKING];
        group = group_add(groups, FILTER_STATUS);
        for (int status = LEAD_NONE + 1; status < LEAD_WORDS; status++) {
            if (query->statuses[status])
                group_key(call, group, KEY_LEAD_STATUS, slice_of(lead_slug(status)));
        }
        if (anonymous)
            group_key(call, group, KEY_LEAD_ANONYMOUS, SLICE_NONE);
    }
    if (query->anonymous)
        return; /* the other indexes have only leads with contact details */
    add_states(call, query, groups);
    if (is_asked(query, FILTER_QUALITY))
        group_key(call, group_add(groups, FILTER_QUALITY), KEY_LEAD_QUALITY, query->quality);
    if (is_asked(query, FILTER_REASON))
        group_key(call, group_add(groups, FILTER_REASON), KEY_LEAD_REASON,
                  slice_of(failure_row(query->reason)->slug));
}

static void find_groups(struct call *call, const struct lead_query *query, struct groups *groups)
{
    groups->count = 0;
    if (query->order == LEAD_BY_CREATED)
        add_by_creation(call, query, groups);
    else
        group_key(call, group_add(groups, 0),
                  query->order == LEAD_BY_UPDATED ? KEY_LEAD_UPDATED
                  : query->order == LEAD_BY_SCORE ? KEY_LEAD_SCORE
                                                  : KEY_LEAD_PRIORITY,
                  SLICE_NONE);
}

static bool is_exact(const struct lead_query *query, const struct group *group)
{
    return (query->filters & ~group->covers) == 0;
}

void lead_query_read(struct call *call, struct lead_query *query)
{
    struct slice source = query_text(&call->query, "source");
    struct groups groups;

    *query = (struct lead_query){.order = LEAD_BY_CREATED};
    read_sort(call, query);
    read_statuses(call, query);
    if (source.n > 0) {
        query->filters |= FILTER_SOURCE;
        query->source = lead_source_slug(source, &call->arena);
    }
    read_quality(call, query);
    read_reason(call, query, "reason", FILTER_REASON, &query->reason);
    read_reason(call, query, "reason_refined", FILTER_REFINED, &query->refined);
    read_flag(call, query, "active", FILTER_ACTIVE, &query->active);
    read_flag(call, query, "is_active", FILTER_ACTIVE, &query->active);
    read_flag(call, query, "converted", FILTER_CONVERTED, &query->converted);
    read_flag(call, query, "contacted", FILTER_CONTACTED, &query->contacted);
    query->assignee = query_text(&call->query, "assignee");
    if (query->assignee.n > 0)
        query->filters |= FILTER_ASSIGNEE;
    read_person(call, query);
    read_one(call, query);
    read_score(call, query, "score_min", FILTER_SCORE_MIN, &query->score_min);
    read_score(call, query, "score_max", FILTER_SCORE_MAX, &query->score_max);
    read_time(call, query, "created_after", FILTER_AFTER, &query->after);
    read_time(call, query, "created_before", FILTER_BEFORE, &query->before);
    read_include(call, query);
    if (call->faults.count > 0)
        return;
    find_groups(call, query, &groups);
    for (unsigned i = 0; i < groups.count && !query->is_exact; i++) {
        query->is_exact = is_exact(query, &groups.list[i]);
        query->indexes = groups.list[i].count;
    }
}

/* Arguments -------------------------------------------------------------------------------------
 */

void lead_query_keys(struct call *call, const struct lead_query *query)
{
    struct groups groups;

    find_groups(call, query, &groups);
    for (unsigned i = 0; i < groups.count; i++) {
        for (unsigned j = 0; j < groups.list[i].count; j++)
            script_key(&call->script, groups.list[i].keys[j]);
    }
}

static void pair(struct call *call, const struct lead_query *query, unsigned filter,
                 const char *name, struct slice value)
{
    if (!is_asked(query, filter))
        return;
    call_arg(call, slice_of(name));
    call_arg(call, value);
}

static struct slice flag(bool value)
{
    return value ? SLICE("1") : SLICE("0");
}

static struct slice statuses(struct call *call, const struct lead_query *query)
{
    struct slice list = SLICE("");

    for (int status = LEAD_NONE + 1; status < LEAD_WORDS; status++) {
        if (query->statuses[status])
            list = arena_join(&call->arena, 3, list, slice_of(lead_slug(status)), SLICE(" "));
    }
    return list;
}

static struct slice reason_slug(enum failure_reason reason)
{
    return reason != FAILURE_NONE ? slice_of(failure_row(reason)->slug) : SLICE("");
}

void lead_query_args(struct call *call, const struct lead_query *query)
{
    struct groups groups;
    struct arena *arena = &call->arena;

    find_groups(call, query, &groups);
    call_arg_i64(call, groups.count);
    for (unsigned i = 0; i < groups.count; i++)
        call_arg(call, arena_printf(arena, "%u%s", groups.list[i].count,
                                    is_exact(query, &groups.list[i]) ? "!" : ""));
    pair(call, query, FILTER_STATUS, "status", statuses(call, query));
    pair(call, query, FILTER_SOURCE, "source", query->source);
    pair(call, query, FILTER_QUALITY, "quality", query->quality);
    pair(call, query, FILTER_REASON, "reason", reason_slug(query->reason));
    pair(call, query, FILTER_REFINED, "refined", reason_slug(query->refined));
    pair(call, query, FILTER_ASSIGNEE, "assignee", query->assignee);
    pair(call, query, FILTER_ACTIVE, "active", flag(query->active));
    pair(call, query, FILTER_CONVERTED, "converted", flag(query->converted));
    pair(call, query, FILTER_CONTACTED, "contacted", flag(query->contacted));
    pair(call, query, FILTER_SCORE_MIN, "score_min", arena_i64(arena, query->score_min));
    pair(call, query, FILTER_SCORE_MAX, "score_max", arena_i64(arena, query->score_max));
    pair(call, query, FILTER_AFTER, "after", arena_i64(arena, query->after));
    pair(call, query, FILTER_BEFORE, "before", arena_i64(arena, query->before));
    pair(call, query, FILTER_POINTER, "pointer", query->pointer);
    pair(call, query, FILTER_CONTACT, "contact", query->contact);
    pair(call, query, FILTER_PHONE, "phone", query->phone);
    if (query->order == LEAD_BY_CREATED) {
        if (!is_asked(query, FILTER_CONTACT) && is_asked(query, FILTER_PHONE))
            pair(call, query, FILTER_PHONE, "index",
                 identity_index_key(call, IDENTITY_PHONE, query->phone));
        call_arg(call, SLICE("by_creation"));
        call_arg(call, SLICE("1"));
    }
}

void lead_query_start(struct call *call, const struct lead_query *query, struct slice *score,
                      struct slice *member)
{
    unsigned bound = query->descending ? FILTER_BEFORE : FILTER_AFTER;

    *score = *member = SLICE("");
    if (query->order != LEAD_BY_CREATED || !is_asked(query, bound) ||
        is_asked(query, FILTER_POINTER))
        return;
    /* A blank stands before every id. */
    *score = arena_i64(&call->arena, query->descending ? query->before : query->after);
    *member = SLICE(" ");
}
