/* stats_behavior.c: what people look at and search for, overall or one contact.
 *
 * Overall: each day has a sorted set of what was viewed and searched for; the days are read one
 * after the other and added up here. Of a contact: its own counts stand in its hash.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/store/scripts.h"
#include "names.h"

static void run(struct call *call);

const struct op op_stats_behavior = {.name = "stats_behavior", .auth = AUTH_READER, .run = run};

#define LIMIT_DEFAULT 10
#define LIMIT_MOST 100

struct behavior {
    struct days days;
    unsigned limit, have; /* days read so far */
    struct names names;   /* "vehicle:Toyota Camry", "type:page.viewed" */
};

static void print_kind(const struct behavior *b, struct jw *w, const char *key, const char *prefix,
                       const char *name_key, const char *count_key)
{
    unsigned shown = 0;

    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < b->names.count && shown < b->limit; i++) {
        struct slice name = b->names.list[i].name, start = slice_of(prefix);
        if (!slice_starts(name, start))
            continue;
        shown++;
        jw_object(w);
        jw_key(w, name_key);
        jw_string(w, (struct slice){name.p + start.n, name.n - start.n});
        jw_key(w, count_key);
        jw_i64(w, b->names.list[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void answer(struct call *call, struct behavior *b)
{
    struct jw w = jw_on(call_body(call));

    names_rank(&b->names);
    jw_object(&w);
    days_print(&b->days, &w);
    print_kind(b, &w, "vehicles", "vehicle:", "name", "views");
    print_kind(b, &w, "locations", "location:", "name", "searches");
    print_kind(b, &w, "event_types", "type:", "type", "count");
    jw_object_end(&w);
    call->out.cache_private = true;
    call_ok(call, 200);
}

static void read_day(struct call *call, struct behavior *b);

static void on_day(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct behavior *b = call->state;

    if (call_failed(call, err, reply))
        return;
    const struct reply *names = reply_at(reply, 0), *counters = reply_at(reply, 1);
    for (size_t i = 0; i + 1 < reply_count(names); i += 2)
        names_add(&b->names, &call->arena, reply_text_at(names, i), reply_i64_at(names, i + 1));
    for (size_t i = 0; i + 1 < reply_count(counters); i += 2) {
        struct slice field = reply_text_at(counters, i); /* "09:page.viewed" */
        if (field.n > 3 && field.p[2] == ':' && field.p[0] >= '0' && field.p[0] <= '2')
            names_add(&b->names, &call->arena,
                      arena_join(&call->arena, 2, SLICE("type:"),
                                 ((struct slice){field.p + 3, field.n - 3})),
                      reply_i64_at(counters, i + 1));
    }
    b->have++;
    read_day(call, b);
}

static void read_day(struct call *call, struct behavior *b)
{
    int64_t ms = b->days.from_ms + (int64_t)b->have * DAY_MS;

    if (b->have == b->days.count) {
        answer(call, b);
        return;
    }
    call_script(call, &script_behavior_day, on_day);
    script_key(&call->script, days_key(call, KEY_BEHAVIOR, ms));
    script_key(&call->script, days_key(call, KEY_STATS, ms));
    call_run_script(call);
}

static void on_contact(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct behavior *b = call->state;

    if (call_failed(call, err, reply))
        return;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
        struct slice field = reply_text_at(reply, i);
        if (slice_starts(field, SLICE("vehicle:")) || slice_starts(field, SLICE("location:")))
            names_add(&b->names, &call->arena, field, reply_i64_at(reply, i + 1));
    }
    answer(call, b);
}

static void run(struct call *call)
{
    struct behavior *b = arena_zalloc(&call->arena, sizeof *b);
    struct slice contact_id = query_text(&call->query, "contact_id"), c;

    call->state = b;
    b->limit = LIMIT_DEFAULT;
    days_read(call, &b->days);
    bool valid = query_limit(&call->query, LIMIT_MOST, &call->arena, &call->faults, &b->limit);
    if (contact_id.n > 0 && !contact_id_parse(contact_id, &c))
        fault_add(&call->faults, &call->arena, SLICE("contact_id"), "format",
                  "Expected a contact id");
    if (!valid || call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (contact_id.n == 0) {
        read_day(call, b);
        return;
    }
    call_script(call, &script_contact_get, on_contact);
    script_key(&call->script, call_key(call, KEY_CONTACT, c));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, SLICE("id"));
    call_arg(call, c);
    call_run_script(call);
}
