/* slot_put.c: feeds slots, at most 500, all of them or none.
 *
 * When more people wait than one script call may tell, the slots are touched again until everybody
 * has been told for whom there is a place.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/store/scripts.h"
#include "slot_place.h"

#define SLOTS_MAX 500
#define PLACES_MAX 100000
#define TOLD_AT_ONCE 64

static void run(struct call *call);

static const struct field input[] = {
    {.name = "slots", .type = FIELD_ARRAY, .need = REQUIRED, .max = SLOTS_MAX},
    {.name = NULL},
};

enum { SLOT_DATE, SLOT_TIME, SLOT_END, SLOT_CAPACITY, SLOT_BOOKED, SLOT_FIELDS };

/* clang-format off */
static const struct field slot_input[] = {
    [SLOT_DATE]     = {.name = "date", .type = FIELD_LINE, .need = REQUIRED},
    [SLOT_TIME]     = {.name = "time", .type = FIELD_LINE, .need = REQUIRED, .max = SLOT_TIME_MAX},
    [SLOT_END]      = {.name = "end", .type = FIELD_LINE, .max = SLOT_TIME_MAX},
    [SLOT_CAPACITY] = {.name = "capacity", .type = FIELD_INT, .need = REQUIRED, .max = PLACES_MAX},
    [SLOT_BOOKED]   = {.name = "booked", .type = FIELD_INT, .max = PLACES_MAX},
    {.name = NULL},
};
/* clang-format on */

const struct op op_slot_put = {
    .name = "slot_put", .auth = AUTH_ADMIN, .input = input, .writes = true, .run = run};

struct feed {
    struct slot_place places[SLOTS_MAX];
    const struct field_value *values[SLOTS_MAX]; /* of each slot, by slot_input */
    unsigned count;
};

static void send(struct call *call, bool only_touch);

/* "slots.3.date"; "slots.3" without a name. */
static struct slice slot_field(struct call *call, uint64_t index, struct slice name)
{
    return arena_printf(&call->arena, "slots.%u%s%.*s", (unsigned)index, name.n > 0 ? "." : "",
                        SLICE_ARGS(name));
}

/* "INVALID 3 booked": what only the script can know. */
static void add_fault(struct call *call, struct slice error)
{
    struct slice word, index;
    uint64_t i = 0;

    slice_cut(&error, ' ', &word);
    slice_cut(&error, ' ', &index);
    if (!slice_u64(index, SLOTS_MAX, &i))
        return;
    if (slice_is(error, "booked"))
        fault_add(&call->faults, &call->arena, slot_field(call, i, SLICE("capacity")), "range",
                  "Expected at least as many places as are booked");
    else
        fault_add(&call->faults, &call->arena, slot_field(call, i, SLICE("date")), "length",
                  "Expected at most 100 slots a day");
}

static void on_fed(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct feed *feed = call->state;

    if (err == ERR_VALIDATION)
        add_fault(call, reply_error(reply));
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (call_failed(call, err, reply))
        return;
    call->out.replayed = call->out.replayed || reply_i64_at(reply, 0) == 1;
    if (reply_i64_at(reply, 2) == 0) {
        send(call, true);
        return;
    }
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "updated");
    jw_i64(&w, feed->count);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void print_values(const struct field_value *values, struct jw *w)
{
    jw_key(w, "c");
    jw_i64(w, values[SLOT_CAPACITY].number);
    if (values[SLOT_BOOKED].present) {
        jw_key(w, "b");
        jw_i64(w, values[SLOT_BOOKED].number);
    }
    if (values[SLOT_END].present) {
        jw_key(w, "e");
        jw_string(w, values[SLOT_END].text);
    }
}

static struct slice slots_argument(struct call *call, const struct feed *feed, bool only_touch)
{
    struct jw w = jw_on(call_body(call));

    jw_array(&w);
    for (unsigned i = 0; i < feed->count; i++) {
        const struct slot_place *place = &feed->places[i];
        jw_object(&w);
        jw_key(&w, "d");
        jw_string(&w, place->date);
        jw_key(&w, "t");
        jw_string(&w, place->time);
        if (!slice_eq(place->key, place->time)) {
            jw_key(&w, "k");
            jw_string(&w, place->key);
        }
        if (!only_touch)
            print_values(feed->values[i], &w);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    return arena_copy(&call->arena, buf_slice(w.b));
}

static void send(struct call *call, bool only_touch)
{
    call_script(call, &script_slot_put, on_fed);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_SLOT_DAY, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg(call, slots_argument(call, call->state, only_touch));
    call_arg(call, slot_task_ids(call, TOLD_AT_ONCE));
    if (!only_touch)
        idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}

/* The faults of one slot, under its name in the body. */
static void take_faults(struct call *call, unsigned index, const struct faults *faults)
{
    for (unsigned i = 0; i < faults->count && i < FIELD_MAX_FAULTS; i++) {
        const struct fault *fault = &faults->list[i];
        fault_add(&call->faults, &call->arena, slot_field(call, index, fault->field), fault->code,
                  "%.*s", SLICE_ARGS(fault->detail));
    }
}

static void read_slot(struct call *call, struct feed *feed, struct jr_value slot)
{
    struct field_result result;
    unsigned index = feed->count++;

    field_check(slot_input, slot, false, 0, &call->arena, &result);
    take_faults(call, index, &result.faults);
    const struct field_value *values = result.values;
    slot_date_check(call, slot_field(call, index, SLICE("date")), values[SLOT_DATE].text);
    if (result.faults.count > 0)
        return;
    if (values[SLOT_BOOKED].number > values[SLOT_CAPACITY].number)
        fault_add(&call->faults, &call->arena, slot_field(call, index, SLICE("booked")), "range",
                  "Expected at most the capacity");
    feed->values[index] = values;
    feed->places[index] =
        slot_place_of(values[SLOT_DATE].text, values[SLOT_TIME].text, &call->arena);
}

static void run(struct call *call)
{
    struct feed *feed = arena_zalloc(&call->arena, sizeof *feed);
    struct jr_iter it = jr_iter(call->fields.values[0].json);
    struct jr_value slot;

    call->state = feed;
    while (jr_next(&it, NULL, &slot))
        read_slot(call, feed, slot);
    if (feed->count == 0)
        fault_add(&call->faults, &call->arena, SLICE("slots"), "length",
                  "Expected at least 1 element");
    if (call->faults.count > 0)
        call_invalid(call, &call->faults);
    else
        send(call, false);
}
