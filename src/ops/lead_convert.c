/* lead_convert.c: the person of a lead has become a customer, or a student (seed 004).
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/model/identity.h"
#include "lead_view.h"
#include "lead_work.h"
#include "record_view.h"

static void run(struct call *call);

enum { IN_STUDENT, IN_CUSTOMER, IN_NOTE };

static const struct field admin_input[] = {
    [IN_STUDENT] =
        {.name = "student_id", .type = FIELD_INT, .need = REQUIRED, .least = 1, .max = INT64_MAX},
    {.name = NULL},
};

static const struct field input[] = {
    [IN_STUDENT] = {.name = "student_id", .type = FIELD_INT, .least = 1, .max = INT64_MAX},
    [IN_CUSTOMER] = {.name = "customer_id", .type = FIELD_ID, .max = 128},
    [IN_NOTE] = {.name = "note", .type = FIELD_TEXT, .max = LEAD_NOTE_MAX},
    {.name = NULL},
};

const struct op op_lead_convert_admin = {
    .name = "lead_convert_admin",
    .auth = AUTH_AGENT,
    .input = admin_input,
    .writes = true,
    .run = run,
};

const struct op op_lead_convert = {
    .name = "lead_convert", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run};

/* In the words of seed 004. */
static void answer_admin(struct call *call, const struct reply *lead)
{
    struct jw w = jw_on(call_body(call));

    jw_object(&w);
    jw_key(&w, "success");
    jw_bool(&w, true);
    lead_put_id(call, record_text(lead, "id"), record_text(lead, "no"), &w);
    jw_key(&w, "converted_to_student");
    jw_bool(&w, true);
    record_put_json(&w, "student_id", lead, "student_id");
    record_put_flag(&w, "is_active", lead, "is_active");
    record_put_time(&w, "converted_at", lead, "converted_at");
    jw_object_end(&w);
    call_ok(call, 200);
}

static void on_converted(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (lead_failed(call, err, reply, LEAD_NONE))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    if (call->route->op == &op_lead_convert_admin)
        answer_admin(call, reply_at(reply, 1));
    else
        lead_answer(call, reply_at(reply, 1), lead_print);
}

static void put_customer(struct call *call, struct slice customer)
{
    call_pair(call, "customer", customer);
    call_pair(call, "customer_key",
              call_key(call, KEY_CONTACT_EXT, key_safe(customer, &call->arena)));
}

static void run(struct call *call)
{
    const struct field_value *values = call->fields.values;
    struct slice student = SLICE_NONE, customer = SLICE_NONE, note = SLICE_NONE;
    struct lead_id lead;

    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    if (values[IN_STUDENT].present && !values[IN_STUDENT].is_null)
        student = arena_i64(&call->arena, values[IN_STUDENT].number);
    if (call->route->op == &op_lead_convert) {
        customer = identity_ext(values[IN_CUSTOMER].text);
        note = values[IN_NOTE].text;
    }
    const struct lead_detail details[] = {
        {"student_id", student}, {"customer_id", customer}, {"note", note}};
    lead_update(call, &lead, lead_data(call, details, 3), on_converted);
    lead_to(call, LEAD_CONVERTED);
    lead_to(call, LEAD_APPROVED);
    call_pair(call, "registers", SLICE("1"));
    if (student.n > 0)
        call_pair(call, "student", student);
    if (customer.n > 0)
        put_customer(call, customer);
    if (note.n > 0)
        lead_put(call, "note", &values[IN_NOTE]);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
