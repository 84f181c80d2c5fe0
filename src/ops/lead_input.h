/* lead_input.h: the body of POST /api/leads: the structure of seed 003, or the raw booking form and
 * its error, or both; read into one form.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_INPUT_H
#define KVCRM_OPS_LEAD_INPUT_H

#include "kvcrm/model/failure.h"
#include "kvcrm/model/lead.h"
#include "kvcrm/model/slot.h"
#include "kvcrm/ops/call.h"

extern const struct field lead_input_fields[];

#define LEAD_WARNINGS_MAX 2

/* Texts live as long as the call; what was not given is SLICE_NONE. */
struct lead_input {
    struct slice source; /* slug */
    struct slice source_word;
    enum lead_source kind;
    struct slice name, phone, email; /* as typed: the first of each among the contacts */
    struct slice contacts;           /* JSON array, as seed 003 has it */
    struct slice context;            /* JSON object, the same */
    struct slice date, time;         /* preferred */
    struct slice service_type, zip_code;
    int64_t budget_minor;                /* -1: not known */
    enum failure_reason reason, refined; /* FAILURE_NONE: no failed booking */
    enum failure_reason other;           /* by the rule that does not decide */
    struct slice detail;                 /* of the error, without what must not be kept */
    struct slice utm_source, utm_medium, utm_campaign;
    struct slice message, interaction_id, procedure_name, privacy_version;
    struct slice session, event_id;
    int64_t occurred_ms;                     /* not later than received */
    const char *warnings[LEAD_WARNINGS_MAX]; /* fields that were kept although they are odd */
    unsigned warning_count;
};

/* What call->fields says. Faults go to call->faults. */
void lead_input_read(struct call *call, struct lead_input *lead);

#endif
