/* contact_view.c: a contact as the API shows it, from its hash.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"

#include <stdlib.h>

#include "kvcrm/model/status.h"

#define PREFERENCES_SHOWN 20
#define ID_PREFIX SLICE("contact_")

bool contact_id_parse(struct slice id, struct slice *c)
{
    if (!slice_starts(id, ID_PREFIX))
        return false;
    *c = (struct slice){id.p + 8, id.n - 8};
    return id_is_contact(*c);
}

static struct slice get(const struct reply *flat, const char *name)
{
    return reply_field(flat, slice_of(name));
}

static int64_t get_i64(const struct reply *flat, const char *name)
{
    int64_t value = 0;
    struct jr_value number = {.raw = get(flat, name), .type = JR_NUMBER};

    if (number.raw.n > 0 && !jr_i64(number, &value))
        value = 0;
    return value;
}

static void text(struct jw *w, const struct reply *flat, const char *name)
{
    jw_key(w, name);
    jw_string_or_null(w, get(flat, name));
}

/* Of two fields the first that is there. */
static void first_text(struct jw *w, const struct reply *flat, const char *key, const char *name,
                       const char *otherwise)
{
    struct slice value = get(flat, name);

    jw_key(w, key);
    jw_string_or_null(w, value.n > 0 ? value : get(flat, otherwise));
}

static void number(struct jw *w, const struct reply *flat, const char *key, const char *name)
{
    jw_key(w, key);
    jw_i64(w, get_i64(flat, name));
}

static void flag(struct jw *w, const struct reply *flat, const char *name)
{
    jw_key(w, name);
    jw_bool(w, slice_is(get(flat, name), "1"));
}

static void time_of(struct jw *w, const struct reply *flat, const char *key, const char *name)
{
    jw_key(w, key);
    jw_time(w, get_i64(flat, name));
}

struct preference {
    struct slice name;
    int64_t count;
};

static int by_count(const void *a, const void *b)
{
    const struct preference *x = a, *y = b;

    return x->count < y->count ? 1 : x->count > y->count ? -1 : 0;
}

/* Fields "vehicle:<name>" hold how often; the most frequent first. */
static void preferences(struct call *call, struct jw *w, const struct reply *flat, const char *key,
                        struct slice prefix)
{
    size_t fields = reply_count(flat) / 2, count = 0;
    struct preference *list = arena_alloc(&call->arena, (fields + 1) * sizeof *list);

    for (size_t i = 0; i < fields; i++) {
        struct slice name = reply_text_at(flat, 2 * i);
        if (!slice_starts(name, prefix))
            continue;
        list[count++] = (struct preference){{name.p + prefix.n, name.n - prefix.n},
                                            reply_i64_at(flat, 2 * i + 1)};
    }
    qsort(list, count, sizeof *list, by_count);
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < count && i < PREFERENCES_SHOWN; i++) {
        jw_object(w);
        jw_key(w, "name");
        jw_string(w, list[i].name);
        jw_key(w, "count");
        jw_i64(w, list[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void traits(struct jw *w, const struct reply *flat)
{
    jw_key(w, "traits");
    jw_object(w);
    for (size_t i = 0; i + 1 < reply_count(flat); i += 2) {
        struct slice name = reply_text_at(flat, i);
        if (!slice_starts(name, SLICE("x_")))
            continue;
        jw_key_slice(w, (struct slice){name.p + 2, name.n - 2});
        jw_raw(w, reply_text_at(flat, i + 1));
    }
    jw_object_end(w);
}

/* "<first touch>|<others>…"; most people came by one channel, which lead_source says. */
static void sources(struct jw *w, const struct reply *flat)
{
    struct slice rest = get(flat, "sources"), word;

    if (rest.n == 0)
        rest = get(flat, "lead_source");
    jw_key(w, "sources");
    jw_array(w);
    while (slice_cut(&rest, '|', &word))
        jw_string(w, word);
    jw_array_end(w);
}

void contact_print(struct call *call, const struct reply *flat, struct jw *w)
{
    enum lead_status status = lead_status_of(get(flat, "lead_status"));
    int64_t score = get_i64(flat, "lead_score");
    unsigned decimals = call->env->settings.decimals;

    jw_object(w);
    text(w, flat, "id");
    if (get(flat, "deleted").n > 0) { /* it was merged into another one */
        flag(w, flat, "deleted");
        jw_object_end(w);
        return;
    }
    first_text(w, flat, "email", "email_typed", "email"); /* as the person spells it */
    text(w, flat, "first_name");
    text(w, flat, "last_name");
    first_text(w, flat, "phone", "phone", "phone_typed");
    jw_key(w, "customer_id");
    jw_string_or_null(w, get(flat, "ext"));
    first_text(w, flat, "whatsapp_id", "wa", "whatsapp");
    text(w, flat, "temp_email");
    text(w, flat, "lead_source");
    sources(w, flat);
    jw_key(w, "lead_status");
    jw_string_or_null(w, slice_of(lead_status_word(status)));
    jw_key(w, "stage");
    jw_string(w, slice_of(contact_stage(status, score, true)));
    number(w, flat, "lead_score", "lead_score");
    jw_key(w, "quality");
    jw_string(w, slice_of(score_quality(score)));
    time_of(w, flat, "last_activity", "last_activity");
    text(w, flat, "last_action");
    text(w, flat, "last_vehicle_viewed");
    text(w, flat, "last_search_location");
    jw_key(w, "estimated_deal_value");
    jw_money(w, get_i64(flat, "estimated_deal_value_cents"), decimals);
    number(w, flat, "total_bookings", "total_bookings");
    jw_key(w, "total_revenue");
    jw_money(w, get_i64(flat, "total_revenue_cents"), decimals);
    jw_key(w, "currency");
    jw_string(w, slice_of(call->env->settings.currency));
    number(w, flat, "website_visits", "website_visits");
    number(w, flat, "message_count", "message_count");
    number(w, flat, "activity_count", "activities");
    number(w, flat, "activities_dropped", "dropped");
    number(w, flat, "open_tasks", "open_tasks");
    flag(w, flat, "registered");
    jw_key(w, "student_id");
    if (get(flat, "student_id").n > 0)
        jw_raw(w, get(flat, "student_id"));
    else
        jw_null(w);
    jw_key(w, "preferences");
    jw_object(w);
    preferences(call, w, flat, "vehicles", SLICE("vehicle:"));
    preferences(call, w, flat, "locations", SLICE("location:"));
    jw_object_end(w);
    traits(w, flat);
    time_of(w, flat, "created_at", "created_at");
    time_of(w, flat, "updated_at", "updated_at");
    number(w, flat, "version", "v");
    jw_object_end(w);
}

void contact_answer(struct call *call, const struct reply *flat)
{
    call->out.etag = arena_printf(&call->arena, "\"v%.*s\"", SLICE_ARGS(get(flat, "v")));
    call->out.cache_private = true;
    if (call_etag_matches(call->in.if_none_match, call->out.etag)) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    contact_print(call, flat, &w);
    call_ok(call, 200);
}

void contact_locate(struct call *call, struct slice id)
{
    struct slice asked = call->in.params[0], path = call->in.path;
    struct slice before = {path.p, (size_t)(asked.p - path.p)};
    struct slice after = {asked.p + asked.n, path.n - before.n - asked.n};

    if (id.n > 0 && !slice_eq(asked, id))
        call->out.content_location = arena_join(&call->arena, 3, before, id, after);
}
