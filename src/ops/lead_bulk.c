/* lead_bulk.c: one thing done with many leads, one after the other: each is a script of its own,
 * and fails alone.
 *
 * An Idempotency-Key is remembered for each lead by itself: repeated after a failure halfway, the
 * call does what it has not done yet.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "idempotency.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/store/scripts.h"
#include "lead_work.h"

#define ITEMS_MOST 500

static void run(struct call *call);

enum { IN_ACTION, IN_IDS, IN_ITEMS, IN_STATUS, IN_ASSIGNEE };

static const struct field input[] = {
    [IN_ACTION] = {.name = "action", .type = FIELD_LINE, .need = REQUIRED, .max = 32},
    [IN_IDS] = {.name = "ids", .type = FIELD_ARRAY, .max = ITEMS_MOST},
    [IN_ITEMS] = {.name = "items", .type = FIELD_ARRAY, .max = ITEMS_MOST},
    [IN_STATUS] = {.name = "status", .type = FIELD_LINE, .max = 32},
    [IN_ASSIGNEE] = {.name = "assignee", .type = FIELD_LINE, .max = LEAD_AGENT_MAX},
    {.name = NULL},
};

const struct op op_lead_bulk = {
    .name = "lead_bulk", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run};

struct item {
    struct slice asked; /* the id as JSON */
    struct slice id;
    struct slice student; /* SLICE_NONE: none */
    const char *fault;    /* the error's code; NULL: done */
};

struct bulk {
    void (*begin)(struct call *call, const struct lead_id *lead, const struct item *item);
    enum lead_word status;
    struct item items[ITEMS_MOST];
    unsigned count, at;
    bool fresh; /* something was done by this very call */
};

static void on_item(struct script_call *script, enum err err, const struct reply *reply);

static void begin_convert(struct call *call, const struct lead_id *lead, const struct item *item)
{
    const struct lead_detail detail = {"student_id", item->student};

    lead_update(call, lead, lead_data(call, &detail, 1), on_item);
    lead_to(call, LEAD_CONVERTED);
    lead_to(call, LEAD_APPROVED);
    call_pair(call, "registers", SLICE("1"));
    if (item->student.n > 0)
        call_pair(call, "student", item->student);
}

static void begin_deactivate(struct call *call, const struct lead_id *lead, const struct item *item)
{
    (void)item;
    lead_update(call, lead, SLICE(""), on_item);
    call_pair(call, "=is_active", SLICE("0"));
}

static void begin_reactivate(struct call *call, const struct lead_id *lead, const struct item *item)
{
    (void)item;
    lead_update(call, lead, SLICE(""), on_item);
    call_pair(call, "=is_active", SLICE("1"));
}

static void begin_status(struct call *call, const struct lead_id *lead, const struct item *item)
{
    const struct bulk *bulk = call->state;

    (void)item;
    lead_update(call, lead, SLICE(""), on_item);
    lead_to(call, bulk->status);
    if (bulk->status == LEAD_CONVERTED)
        call_pair(call, "registers", SLICE("1"));
}

static void begin_assign(struct call *call, const struct lead_id *lead, const struct item *item)
{
    (void)item;
    lead_update(call, lead, SLICE(""), on_item);
    lead_put(call, "assignee", &call->fields.values[IN_ASSIGNEE]);
}

static void begin_delete(struct call *call, const struct lead_id *lead, const struct item *item)
{
    (void)item;
    lead_delete_begin(call, lead, on_item);
}

static const struct {
    const char *word;
    void (*begin)(struct call *call, const struct lead_id *lead, const struct item *item);
} actions[] = {
    {"convert", begin_convert}, {"deactivate", begin_deactivate}, {"reactivate", begin_reactivate},
    {"status", begin_status},   {"assign", begin_assign},         {"delete", begin_delete},
};

static void finish(struct call *call)
{
    const struct bulk *bulk = call->state;
    unsigned failed = 0;

    for (unsigned i = 0; i < bulk->count; i++)
        failed += bulk->items[i].fault != NULL;
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    jw_key(&w, "done");
    jw_i64(&w, bulk->count - failed);
    jw_key(&w, "failed");
    jw_i64(&w, failed);
    jw_key(&w, "results");
    jw_array(&w);
    for (unsigned i = 0; i < bulk->count; i++) {
        const struct item *item = &bulk->items[i];
        jw_object(&w);
        jw_key(&w, "id");
        jw_raw(&w, item->asked);
        jw_key(&w, "ok");
        jw_bool(&w, item->fault == NULL);
        if (item->fault != NULL) {
            jw_key(&w, "code");
            jw_string(&w, slice_of(item->fault));
        }
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    call->out.replayed = !bulk->fresh && failed < bulk->count;
    call_ok(call, 200);
}

/* The key of this item's part of the call. */
static void item_idempotency(struct call *call, unsigned at)
{
    struct slice key = idempotency_key(call);

    if (key.n == 0)
        return;
    call_pair(call, "again", arena_printf(&call->arena, "%.*s:%u", SLICE_ARGS(key), at));
    call_pair(call, "again_print", idempotency_print(call));
}

/* Starts with the next item that names a lead, or ends the call. */
static void next(struct call *call)
{
    struct bulk *bulk = call->state;
    struct lead_id lead;

    for (; bulk->at < bulk->count; bulk->at++) {
        struct item *item = &bulk->items[bulk->at];
        if (!lead_id_read(call, item->id, &lead)) {
            item->fault = err_row(ERR_NOT_FOUND)->code;
            continue;
        }
        bulk->begin(call, &lead, item);
        item_idempotency(call, bulk->at);
        call->sent_us = clock_mono_us();
        enum err err = script_run(call->env->store, &call->script);
        if (err == OK)
            return;
        if (bulk->at == 0) {
            call_fail(call, err, NULL);
            return;
        }
        item->fault = err_row(err)->code;
    }
    finish(call);
}

static void on_item(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct bulk *bulk = call->state;
    bool store_is_away = err != OK && err_row(err)->status >= 500;

    call->redis_us += clock_mono_us() - call->sent_us;
    if ((store_is_away && bulk->at == 0) || err == ERR_IDEMPOTENCY_MISMATCH) {
        call_fail(call, err, NULL);
        return;
    }
    if (err == OK && reply_i64_at(reply, 0) == 0)
        bulk->fresh = true;
    unsigned last = store_is_away ? bulk->count - 1 : bulk->at; /* no use in asking it again */
    for (; bulk->at <= last; bulk->at++)
        bulk->items[bulk->at].fault = err == OK ? NULL : err_row(err)->code;
    next(call);
}

static void wrong(struct call *call, const char *list, unsigned at, const char *member,
                  const char *expected)
{
    fault_add(&call->faults, &call->arena, arena_printf(&call->arena, "%s.%u%s", list, at, member),
              "type", "Expected %s", expected);
}

/* An id as JSON: text, or a number. */
static void add_item(struct call *call, const char *list, unsigned at, const char *member,
                     struct jr_value id, struct slice student)
{
    struct bulk *bulk = call->state;
    int64_t number;

    if (!jr_is_text(id) && (id.type != JR_NUMBER || !jr_i64(id, &number))) {
        wrong(call, list, at, member, "the id, number or reference of a lead");
        return;
    }
    if (bulk->count < ITEMS_MOST)
        bulk->items[bulk->count] = (struct item){
            .asked = id.raw,
            .id = jr_is_text(id) ? jr_text(id, &call->arena) : id.raw,
            .student = student,
        };
    bulk->count++;
}

/* {"id":…,"student_id":…} */
static void read_item(struct call *call, unsigned at, struct jr_value item)
{
    struct jr_value id, student;
    struct slice student_id = SLICE_NONE;
    int64_t number;

    if (item.type != JR_OBJECT || !jr_member(item, SLICE("id"), &id)) {
        wrong(call, "items", at, "", "an object with an id");
        return;
    }
    if (jr_member(item, SLICE("student_id"), &student) && student.type != JR_NULL) {
        if (student.type == JR_NUMBER && jr_i64(student, &number) && number >= 1)
            student_id = arena_i64(&call->arena, number);
        else
            wrong(call, "items", at, ".student_id", "an integer, 1 and more");
    }
    add_item(call, "items", at, ".id", id, student_id);
}

static void read_items(struct call *call)
{
    const struct field_value *values = call->fields.values;
    const struct bulk *bulk = call->state;
    struct jr_value item;
    unsigned at = 0;

    if (values[IN_IDS].present && !values[IN_IDS].is_null) {
        struct jr_iter it = jr_iter(values[IN_IDS].json);
        for (; jr_next(&it, NULL, &item); at++)
            add_item(call, "ids", at, "", item, SLICE_NONE);
    }
    if (values[IN_ITEMS].present && !values[IN_ITEMS].is_null) {
        struct jr_iter it = jr_iter(values[IN_ITEMS].json);
        for (at = 0; jr_next(&it, NULL, &item); at++)
            read_item(call, at, item);
    }
    if (call->faults.count == 0 && (bulk->count == 0 || bulk->count > ITEMS_MOST))
        fault_add(&call->faults, &call->arena, SLICE("ids"), "length",
                  "Expected 1 to %d leads, in ids and items together", ITEMS_MOST);
}

static void read_action(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct bulk *bulk = call->state;

    for (unsigned i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (slice_is(values[IN_ACTION].text, actions[i].word))
            bulk->begin = actions[i].begin;
    }
    bulk->status = lead_word_of(values[IN_STATUS].text);
    if (bulk->begin == NULL)
        fault_add(&call->faults, &call->arena, SLICE("action"), "enum",
                  "Expected convert, deactivate, reactivate, status, assign or delete");
    if (bulk->begin == begin_status && bulk->status == LEAD_NONE)
        lead_wrong_word(call, LEAD_NONE);
    if (bulk->begin == begin_assign && values[IN_ASSIGNEE].text.n == 0)
        fault_add(&call->faults, &call->arena, SLICE("assignee"), "required", "Required");
}

static void run(struct call *call)
{
    call->state = arena_zalloc(&call->arena, sizeof(struct bulk));
    read_action(call);
    read_items(call);
    if (call->faults.count > 0)
        call_invalid(call, &call->faults);
    else
        next(call);
}
