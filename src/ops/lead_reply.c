/* lead_reply.c: what to write to somebody whose booking failed: the template that fits, filled in,
 * and links that open it in the channels the lead can be reached by (seed 003).
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/failure.h"
#include "kvcrm/model/link.h"
#include "kvcrm/model/template.h"
#include "lead_offer.h"
#include "lead_view.h"
#include "record_view.h"

static void run(struct call *call);

const struct op op_lead_reply = {.name = "lead_reply", .auth = AUTH_READER, .run = run};

static const char *const channels[] = {"sms", "email", "whatsapp"};

/* The template asked for; `auto` and nothing: the one that the reason of the failure chooses. */
static const struct template_row *template_for(struct call *call, const struct reply *lead)
{
    struct slice asked = query_text(&call->query, "template");
    enum failure_reason reason = failure_reason_of(record_text(lead, "reason"));

    if (asked.n > 0 && !slice_is(asked, "auto"))
        return template_row_of(asked);
    if (reason == FAILURE_NONE)
        reason = FAILURE_BOOKING_FAILED;
    return template_row_of(slice_of(failure_row(reason)->template_id));
}

static struct slice context_text(struct call *call, const struct reply *lead, const char *name)
{
    struct jr_value context, value;
    struct jr_fault fault;
    struct slice text = record_text(lead, "context");

    if (text.n == 0 || jr_parse(text, &context, &fault) != OK ||
        !jr_member(context, slice_of(name), &value))
        return SLICE_NONE;
    if (value.type == JR_NUMBER)
        return value.raw;
    return value.type == JR_STRING ? jr_text(value, &call->arena) : SLICE_NONE;
}

/* The address of the event stands in the context, or, when the caller has sent nothing but notes,
 * in these: "… Location: 123 Main St, Beverly Hills, CA 90210. …" */
static struct slice address_of(struct call *call, const struct reply *lead)
{
    struct slice address = context_text(call, lead, "address");
    struct slice notes = context_text(call, lead, "notes");
    static const char mark[] = ". Location: ";

    if (address.n > 0 || notes.n == 0)
        return address;
    const char *from = memmem(notes.p, notes.n, mark, sizeof mark - 1);
    if (from == NULL)
        return SLICE_NONE;
    from += sizeof mark - 1;
    struct slice rest = {from, (size_t)(notes.p + notes.n - from)};
    const char *end = memmem(rest.p, rest.n, ". Error: ", 9);
    if (end != NULL)
        rest.n = (size_t)(end - rest.p);
    while (rest.n > 0 && rest.p[rest.n - 1] == '.')
        rest.n--;
    return rest;
}

static void gather(struct call *call, const struct reply *lead, const struct lead_offer *offer,
                   struct template_facts *facts)
{
    *facts = (struct template_facts){
        .name = lead_name(lead),
        .date = record_text(lead, "preferred_date"),
        .time = record_text(lead, "preferred_time"),
        .guests = context_text(call, lead, "party_size_adults"),
        .place = {address_of(call, lead), context_text(call, lead, "city"),
                  context_text(call, lead, "state"), context_text(call, lead, "zip_code")},
        .customer_phone = record_text(lead, "phone"),
        .brand = slice_of(call->env->settings.brand),
        .brand_phone = slice_of(call->env->settings.brand_phone),
        .alternatives = offer->list,
        .alternative_count = offer->count,
        .today = call->in.received_ms / 86400000,
    };
}

static void put_link(struct jw *w, const char *channel, struct slice link)
{
    jw_key(w, channel);
    jw_string_or_null(w, link);
}

static void print(struct call *call, const struct reply *lead, const struct reply *slots,
                  const struct template_row *template)
{
    struct slice channel = query_text(&call->query, "channel");
    struct slice phone = record_text(lead, "phone"), email = record_text(lead, "email");
    struct template_facts facts;
    struct lead_offer offer;

    lead_offer(call, lead, slots, &offer);
    gather(call, lead, &offer, &facts);
    facts.phone_is = template->phone_is;
    struct slice text = template_render(slice_of(template->body), &facts, &call->arena);
    struct slice subject = template_subject(&facts, &call->arena);
    if (channel.n == 0)
        channel = phone.n > 0 ? SLICE("sms") : SLICE("email");
    struct jw w = jw_on(call_body(call));
    jw_object(&w);
    jw_key(&w, "template");
    jw_string(&w, slice_of(template->id));
    jw_key(&w, "text");
    jw_string(&w, text);
    jw_key(&w, "subject");
    jw_string(&w, subject);
    jw_key(&w, "channel");
    jw_string(&w, channel);
    jw_key(&w, "opted_out");
    jw_bool(&w, false);
    jw_key(&w, "links");
    jw_object(&w);
    put_link(&w, "sms", link_sms(phone, text, &call->arena));
    put_link(&w, "email", link_email(email, subject, text, &call->arena));
    put_link(&w, "whatsapp", link_whatsapp(phone, text, &call->arena));
    jw_object_end(&w);
    lead_offer_print(&offer, &w);
    jw_object_end(&w);
    call_ok(call, 200);
}

static void on_lead(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;

    if (!call_failed(call, err, reply))
        print(call, reply_at(reply, 0), reply_at(reply, 2), template_for(call, reply_at(reply, 0)));
}

static bool is_channel(struct slice word)
{
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        if (slice_is(word, channels[i]))
            return true;
    }
    return word.n == 0;
}

static void run(struct call *call)
{
    struct slice template = query_text(&call->query, "template");

    if (template.n > 0 && !slice_is(template, "auto") && template_row_of(template) == NULL)
        fault_add(&call->faults, &call->arena, SLICE("template"), "enum",
                  "Expected auto, slot, date or general");
    if (!is_channel(query_text(&call->query, "channel")))
        fault_add(&call->faults, &call->arena, SLICE("channel"), "enum",
                  "Expected sms, email or whatsapp");
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    lead_offer_load(call, on_lead);
}
