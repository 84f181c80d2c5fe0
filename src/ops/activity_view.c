/* activity_view.c: an activity as the API shows it, from its entry in the timeline.
 *
 * SPDX-License-Identifier: MIT */
#include "activity_view.h"

#include "kvcrm/model/event.h"

static struct slice text_member(struct call *call, struct jr_value entry, const char *name)
{
    struct jr_value value;

    if (!jr_member(entry, slice_of(name), &value) || value.type != JR_STRING)
        return SLICE_NONE;
    return jr_text(value, &call->arena);
}

static void raw_member(struct jw *w, const char *key, struct jr_value entry, const char *name,
                       struct slice otherwise)
{
    struct jr_value value;

    jw_key(w, key);
    jw_raw(w, jr_member(entry, slice_of(name), &value) ? value.raw : otherwise);
}

static void status_word(struct jw *w, const char *key, struct slice slug)
{
    jw_key(w, key);
    jw_string_or_null(w, slice_of(lead_status_word(lead_status_of(slug))));
}

/* The channel that an activity came by; a lead that was captured says it. */
static struct slice channel_of(struct call *call, struct slice type, struct jr_value entry,
                               struct jr_value data)
{
    static const char *const by_people[] = {
        "note",           "call",           "email",     "sms",     "meeting",
        "lead.contacted", "lead.converted", "lead.lost", "lead.new"};

    struct jr_value lead;

    if ((slice_is(type, "booking.failed") || slice_is(type, "lead.captured")) &&
        jr_member(entry, SLICE("l"), &lead))
        return text_member(call, data, "source");
    if (slice_starts(type, SLICE("booking_form.")))
        return SLICE("Booking Form");
    if (slice_starts(type, SLICE("whatsapp.")))
        return SLICE("WhatsApp");
    for (unsigned i = 0; i < sizeof by_people / sizeof by_people[0]; i++) {
        if (slice_is(type, by_people[i]))
            return SLICE("Staff");
    }
    return SLICE("Website");
}

void activity_print(struct call *call, struct slice member, int64_t occurred_ms, struct jw *w)
{
    struct jr_value entry, data = {.type = JR_NULL}, value;
    struct jr_fault fault;
    int64_t received_ms = occurred_ms;

    if (jr_parse(member, &entry, &fault) != OK) {
        jw_null(w); /* somebody else has written here; the page goes on */
        return;
    }
    struct slice id = text_member(call, entry, "i"), type = text_member(call, entry, "t");
    struct slice event_id = text_member(call, entry, "e"), to = text_member(call, entry, "g");
    if (jr_member(entry, SLICE("r"), &value) && !jr_i64(value, &received_ms))
        received_ms = occurred_ms;
    if (!jr_member(entry, SLICE("d"), &data))
        data.type = JR_NULL;

    jw_object(w);
    jw_key(w, "id");
    jw_string(w, id);
    jw_key(w, "type");
    jw_string(w, type);
    jw_key(w, "title");
    jw_string(w, event_title(event_rule_of(type), type, data, &call->arena));
    jw_key(w, "source");
    jw_string(w, channel_of(call, type, entry, data));
    jw_key(w, "occurred_at");
    jw_time(w, occurred_ms);
    jw_key(w, "received_at");
    jw_time(w, received_ms);
    jw_key(w, "event_id");
    jw_string(w, event_id.n > 0 ? event_id : id);
    raw_member(w, "lead_id", entry, "l", SLICE("null"));
    raw_member(w, "data", entry, "d", SLICE("{}"));
    raw_member(w, "session", entry, "s", SLICE("null"));
    if (jr_member(entry, SLICE("x"), &value)) {
        jw_key(w, "extra");
        jw_raw(w, value.raw);
    }
    if (to.n > 0) {
        jw_key(w, "status_change");
        jw_object(w);
        status_word(w, "from", text_member(call, entry, "f"));
        status_word(w, "to", to);
        jw_object_end(w);
    }
    jw_object_end(w);
}
