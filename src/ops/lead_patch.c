/* lead_patch.c: a person changes a lead, or assigns it to somebody.
 *
 * SPDX-License-Identifier: MIT */
#include "idempotency.h"
#include "kvcrm/model/calendar.h"
#include "kvcrm/model/money.h"
#include "lead_view.h"
#include "lead_work.h"

#define CONTEXT_MAX 16384 /* bytes of one call */

static void run_patch(struct call *call);
static void run_assign(struct call *call);

enum { IN_STATUS, IN_ASSIGNEE, IN_NAME, IN_CONTEXT, IN_SATISFACTION, IN_PRIVACY, IN_ACTIVE };

static const struct field input[] = {
    [IN_STATUS] = {.name = "status", .type = FIELD_LINE, .max = 32},
    [IN_ASSIGNEE] = {.name = "assignee", .type = FIELD_LINE, .max = LEAD_AGENT_MAX},
    [IN_NAME] = {.name = "name", .type = FIELD_LINE, .max = 255},
    [IN_CONTEXT] = {.name = "context", .type = FIELD_OBJECT, .max = CONTEXT_MAX},
    [IN_SATISFACTION] = {.name = "satisfaction", .type = FIELD_INT, .least = 1, .max = 5},
    [IN_PRIVACY] = {.name = "privacy_version", .type = FIELD_LINE, .max = 64},
    [IN_ACTIVE] = {.name = "is_active", .type = FIELD_BOOL},
    {.name = NULL},
};

static const struct field assign_input[] = {
    {.name = "agent", .type = FIELD_LINE, .need = REQUIRED, .max = LEAD_AGENT_MAX},
    {.name = NULL},
};

const struct op op_lead_patch = {
    .name = "lead_patch", .auth = AUTH_AGENT, .input = input, .writes = true, .run = run_patch};

const struct op op_lead_assign = {
    .name = "lead_assign",
    .auth = AUTH_AGENT,
    .input = assign_input,
    .writes = true,
    .run = run_assign,
};

static void on_changed(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    bool patches = call->route->op == &op_lead_patch;

    if (lead_failed(call, err, reply,
                    patches ? lead_word_of(call->fields.values[IN_STATUS].text) : LEAD_NONE))
        return;
    call->out.replayed = reply_i64_at(reply, 0) == 1;
    lead_answer(call, reply_at(reply, 1), lead_print);
}

/* What null cannot empty. */
static void refuse_nulls(struct call *call)
{
    static const int rows[] = {IN_STATUS, IN_ACTIVE, IN_CONTEXT};

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (call->fields.values[rows[i]].is_null)
            fault_add(&call->faults, &call->arena, slice_of(input[rows[i]].name), "type",
                      "Expected a value: it cannot be empty");
    }
}

/* The budget orders the inbox: beside the context it is a number of its own. */
static void put_budget(struct call *call, struct jr_value context)
{
    struct jr_value budget;
    int64_t minor;

    if (!jr_member(context, SLICE("estimated_budget_dollars"), &budget))
        return;
    struct slice text = jr_is_text(budget) ? jr_text(budget, &call->arena) : budget.raw;
    bool is_amount = money_parse(text, call->env->settings.decimals, &minor);
    lead_set(call, "budget_cents", is_amount ? arena_i64(&call->arena, minor) : SLICE_NONE);
}

/* So are date and time, by which the same booking is found again and alternatives are chosen. */
static void put_when(struct call *call, struct jr_value context, const char *name)
{
    struct jr_value value;

    if (!jr_member(context, slice_of(name), &value))
        return;
    lead_set(call, name, jr_is_text(value) ? slice_trim(jr_text(value, &call->arena)) : SLICE_NONE);
}

static void check_date(struct call *call)
{
    struct jr_value date;
    int64_t day;

    if (!call->fields.values[IN_CONTEXT].present ||
        !jr_member(call->fields.values[IN_CONTEXT].json, SLICE("preferred_date"), &date) ||
        date.type == JR_NULL)
        return;
    if (!jr_is_text(date) || !calendar_read(jr_text(date, &call->arena), &day))
        fault_add(&call->faults, &call->arena, SLICE("context.preferred_date"), "format",
                  "Expected a date of the calendar, YYYY-MM-DD");
}

static void run_patch(struct call *call)
{
    struct field_value *values = call->fields.values;
    enum lead_word status = lead_word_of(values[IN_STATUS].text);
    struct lead_id lead;

    refuse_nulls(call);
    check_date(call);
    if (values[IN_STATUS].text.n > 0 && status == LEAD_NONE)
        lead_wrong_word(call, LEAD_NONE);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    lead_update(call, &lead, SLICE(""), on_changed);
    if (status != LEAD_NONE)
        lead_to(call, status);
    if (status == LEAD_CONVERTED)
        call_pair(call, "registers", SLICE("1"));
    lead_put(call, "assignee", &values[IN_ASSIGNEE]);
    lead_put(call, "name", &values[IN_NAME]);
    lead_put(call, "privacy_version", &values[IN_PRIVACY]);
    if (values[IN_SATISFACTION].present && !values[IN_SATISFACTION].is_null)
        values[IN_SATISFACTION].text = arena_i64(&call->arena, values[IN_SATISFACTION].number);
    lead_put(call, "satisfaction", &values[IN_SATISFACTION]);
    if (values[IN_ACTIVE].present)
        call_pair(call, "=is_active", values[IN_ACTIVE].number ? SLICE("1") : SLICE("0"));
    if (values[IN_CONTEXT].present) {
        call_pair(call, "context", values[IN_CONTEXT].json.raw);
        put_budget(call, values[IN_CONTEXT].json);
        put_when(call, values[IN_CONTEXT].json, "preferred_date");
        put_when(call, values[IN_CONTEXT].json, "preferred_time");
    }
    lead_expect_version(call);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}

static void run_assign(struct call *call)
{
    struct lead_id lead;

    if (!lead_id_parse(call, call->in.params[0], &lead))
        return;
    lead_update(call, &lead, SLICE(""), on_changed);
    lead_put(call, "assignee", &call->fields.values[0]);
    idempotency_args(call, SLICE_NONE);
    call_run_script(call);
}
