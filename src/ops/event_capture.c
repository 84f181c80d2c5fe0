/* event_capture.c: from an event to the arguments of lua/event_track.lua, and back.
 *
 * C thinks, Lua commits: here the amounts are read, texts made and keys built; the script resolves
 * the contact and writes everything in one step.
 *
 * SPDX-License-Identifier: MIT */
#include "event_capture.h"

#include <stdio.h>

#include "contact_number.h"
#include "idempotency.h"
#include "identity_args.h"
#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "kvcrm/base/metric.h"
#include "kvcrm/model/money.h"
#include "kvcrm/model/name.h"
#include "kvcrm/store/scripts.h"
#include "visitor.h"

#define TRAITS_MAX 16 /* of one event */
#define TRAIT_NAME_MAX 64
#define TRAIT_VALUE_MAX 1024
#define COUNTED_NAME_MAX 200 /* bytes of a name that is counted by */
#define MAX_RULES 64

static struct metric *events_total[MAX_RULES + 1]; /* by rule; the last is for custom types */

#define GIVEN_MAX 16 /* fields that an event sets */

/* What an event makes of a call; in the call's arena. */
struct capture {
    struct {
        struct slice field, value;
    } given[GIVEN_MAX]; /* the contact's fields, unless newer events have set them */
    unsigned given_count;
    void (*done)(struct call *call, const struct event_result *result);
    struct slice event_id, session_id;
    struct contact_number contact;
    char activity[ID_UUID_LEN + 1];
    char task[ID_UUID_LEN + 1];
};

void event_capture_init(void)
{
    char labels[EVENT_TYPE_MAX + 16];

    for (unsigned i = 0; i <= event_rule_count && i <= MAX_RULES; i++) {
        snprintf(labels, sizeof labels, "type=\"%s\"",
                 i < event_rule_count ? event_rules[i].type : "custom");
        events_total[i] = metric_new(METRIC_COUNTER, "kvcrm_events_total", "Events taken, by type",
                                     labels, false);
    }
}

/* The seed's log line, "Received event: booking.completed". */
void event_note(const struct call *call, const struct event_input *event)
{
    static const char text[] = "Received event: ";
    const struct event_rule *rule = event->rule;
    char line[sizeof text + EVENT_TYPE_MAX_BYTES];
    size_t n = event->type.n < EVENT_TYPE_MAX_BYTES ? event->type.n : EVENT_TYPE_MAX_BYTES;

    memcpy(line, text, sizeof text - 1);
    memcpy(line + sizeof text - 1, event->type.p, n);
    line[sizeof text - 1 + n] = '\0';
    log_info(line, LOG_STR("request_id", call->in.request_id));
    metric_add(events_total[rule != NULL ? (unsigned)(rule - event_rules) : event_rule_count], 1);
}

/* Amounts -------------------------------------------------------------------------------------- */

/* The first of `names` that the data has, as minor units; -1 when there is none. A fault when it is
 * there and is no amount. */
static int64_t data_money(struct call *call, const struct event_input *event, const char *names)
{
    struct slice rest = slice_of(names), name;

    while (slice_cut(&rest, '|', &name)) {
        struct jr_value value;
        if (!jr_member(event->data, name, &value) || value.type == JR_NULL)
            continue;
        struct slice text = value.raw;
        if (value.type == JR_STRING)
            text = slice_trim(jr_text(value, &call->arena));
        if (text.n == 0)
            continue;
        int64_t minor;
        bool readable = value.type == JR_STRING || value.type == JR_NUMBER;
        if (readable && money_parse(text, call->env->settings.decimals, &minor))
            return minor;
        fault_add(&call->faults, &call->arena,
                  arena_join(&call->arena, 3, event->data_field, SLICE("."), name), "money",
                  "Expected an amount from 0 to %lld", MONEY_MAX_MAJOR);
        return -1;
    }
    return -1;
}

#define DEAL_MEMBERS "estimated_total|total_price|total_amount|amount|estimated_deal_value"
#define REVENUE_MEMBERS "total_amount|" DEAL_MEMBERS

/* Arguments ------------------------------------------------------------------------------------ */

static void give(struct capture *capture, const char *field, struct slice value)
{
    if (value.n == 0 || capture->given_count == GIVEN_MAX)
        return;
    capture->given[capture->given_count].field = slice_of(field);
    capture->given[capture->given_count].value = value;
    capture->given_count++;
}

/* The entry of the timeline: {"i":id,"t":type,"r":received,"e":event
 * id,"d":data,"s":session,"x":extra}. Short names, for this is most of what a contact costs
 * (KEYS.md); the script appends a change of status as "f" and "g". */
struct slice event_entry(struct call *call, const struct event_input *event, const char *activity)
{
    struct buf *b = call_body(call);
    struct jw w = jw_on(b);

    jw_object(&w);
    jw_key(&w, "i");
    jw_string(&w, slice_of(activity));
    jw_key(&w, "t");
    jw_string(&w, event->type);
    if (event->occurred_ms != call->in.received_ms) {
        jw_key(&w, "r");
        jw_i64(&w, call->in.received_ms);
    }
    if (event->event_id.n > 0) {
        jw_key(&w, "e");
        jw_string(&w, event->event_id);
    }
    if (event->data.raw.n > 0) {
        jw_key(&w, "d");
        jw_raw(&w, event->data.raw);
    }
    if (event->session.n > 0) {
        jw_key(&w, "s");
        jw_raw(&w, event->session);
    }
    if (event->extra.n > 0) {
        jw_key(&w, "x");
        jw_raw(&w, event->extra);
    }
    jw_object_end(&w);
    return arena_copy(&call->arena, buf_slice(b));
}

struct slice event_day(struct call *call)
{
    char day[9];

    return call_key(call, KEY_STATS,
                    arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, day))));
}

struct slice event_hour(struct call *call)
{
    unsigned hour = clock_hour(call->in.received_ms);
    char digits[2] = {(char)('0' + hour / 10), (char)('0' + hour % 10)};

    return arena_copy(&call->arena, (struct slice){digits, sizeof digits});
}

/* The fields of the contact that the event sets. */
static void gather_given(struct call *call, const struct event_input *event, int64_t deal,
                         struct capture *capture)
{
    static const char *const typed_field[IDENTITY_KINDS] = {NULL, "email_typed", "phone_typed"};
    const struct event_rule *rule = event->rule;

    give(capture, "last_action", event_title(rule, event->type, event->data, &call->arena));
    give(capture, "first_name", event->first_name);
    give(capture, "last_name", event->last_name);
    for (int kind = IDENTITY_EMAIL; kind <= IDENTITY_PHONE; kind++) {
        /* How the person spells it, where that is not the identity itself. */
        struct slice typed = slice_trim(event->typed[kind]);
        if (!slice_eq(typed, event->identity[kind]))
            give(capture, typed_field[kind], typed);
    }
    if (rule == NULL)
        return;
    if (rule->registers)
        give(capture, "registered", SLICE("1"));
    if (deal >= 0)
        give(capture, "estimated_deal_value_cents", arena_i64(&call->arena, deal));
    if (rule->remembers != NULL)
        give(capture, rule->remembers,
             event_data_text(event->data, rule->detail, &call->arena, NULL));
}

static void add_traits(struct call *call, const struct event_input *event)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < event->trait_count && taken < TRAITS_MAX; i++) {
        struct slice name = jr_text(event->traits[i].name, &call->arena);
        struct slice raw = event->traits[i].value.raw;
        if (name.n == 0 || name.n > TRAIT_NAME_MAX || raw.n > TRAIT_VALUE_MAX)
            continue; /* it stays readable in the activity */
        taken++;
        call_arg(call, arena_join(&call->arena, 2, SLICE("~x_"), name));
        call_arg(call, raw);
    }
}

/* What the contact is found by, beside its e-mail and phone. */
static void add_search(struct call *call, const struct event_input *event)
{
    call_pair(call, "search_first", name_fold(event->first_name, &call->arena));
    call_pair(call, "search_last", name_fold(event->last_name, &call->arena));
}

static void add_moves(struct call *call, const struct event_input *event)
{
    static const char *const names[IDENTITY_KINDS] = {NULL, "moves_email", "moves_phone"};
    static const char *const key_names[IDENTITY_KINDS] = {NULL, "moves_email_key",
                                                          "moves_phone_key"};

    for (int kind = IDENTITY_EMAIL; kind <= IDENTITY_PHONE; kind++) {
        if (event->new_identity[kind].n == 0)
            continue;
        call_pair(call, names[kind], event->new_identity[kind]);
        call_pair(call, key_names[kind], identity_index_key(call, kind, event->new_identity[kind]));
    }
}

static void add_task(struct call *call, const struct event_task *task, struct capture *capture)
{
    id_uuid7(call->in.received_ms, capture->task);
    call_pair(call, "task", slice_of(capture->task));
    call_pair(call, "task_kind", slice_of(task->kind));
    call_pair(call, "task_title", slice_of(task->title));
    call_pair(call, "task_note", slice_of(task->note));
    call_pair(call, "task_priority", slice_of(task_priority_word(task->priority)));
    call_pair(call, "task_queue", slice_of(task->queue));
    call_pair_i64(call, "task_rank", task->priority);
    call_pair_i64(call, "task_due", call->in.received_ms + task->due_s * 1000);
}

/* What the rule counts by the name in the data. */
static void add_counted(struct call *call, const struct event_input *event)
{
    const struct event_rule *rule = event->rule;
    struct slice detail = event_data_text(event->data, rule->detail, &call->arena, NULL);
    char day[9];

    if (detail.n == 0 || detail.n > COUNTED_NAME_MAX)
        return;
    struct slice counted = arena_join(&call->arena, 3, slice_of(rule->counts), SLICE(":"), detail);
    call_arg(call, arena_join(&call->arena, 2, SLICE("#"), counted));
    call_arg(call, SLICE("1"));
    call_pair(call, "counted", counted);
    call_pair(call, "counted_in",
              call_key(call, KEY_BEHAVIOR,
                       arena_copy(&call->arena, slice_of(clock_day(call->in.received_ms, day)))));
}

static void add_booking(struct call *call, const struct event_input *event)
{
    struct slice id = event_data_text(event->data, "booking_id", &call->arena, NULL);

    call_pair(call, "booking", slice_of(booking_verb_word(event->rule->booking)));
    if (id.n > 0 && id.n <= 128)
        call_pair(call, "booking_id", id);
}

/* The session may be one that nobody was known for: then what it holds becomes the contact's. */
static void add_session(struct call *call, const struct event_input *event)
{
    call_pair(call, "known", event->known_contact);
    if (event->session_id.n == 0)
        return;
    call_pair(call, "session", key_safe(event->session_id, &call->arena));
    call_pair_i64(call, "session_keep", call->env->settings.session_keep_s);
}

static void add_rule(struct call *call, const struct event_input *event, struct capture *capture,
                     int64_t revenue)
{
    const struct event_rule *rule = event->rule;

    if (rule->deal_value)
        call_pair(call, "deal", SLICE("1"));
    if (rule->status != LEAD_STATUS_NONE)
        call_pair(call, "status", slice_of(lead_status_slug(rule->status)));
    if (rule->visit)
        call_pair(call, "+website_visits", SLICE("1"));
    if (rule->revenue) {
        call_pair(call, "+total_bookings", SLICE("1"));
        call_pair_i64(call, "+total_revenue_cents", revenue > 0 ? revenue : 0);
        call_pair_i64(call, "revenue", revenue > 0 ? revenue : 0);
    }
    if (rule->updates_profile)
        add_moves(call, event);
    if (rule->counts != NULL)
        add_counted(call, event);
    if (rule->booking != BOOKING_NONE)
        add_booking(call, event);
    if (rule->task.kind != NULL)
        add_task(call, &rule->task, capture);
    if (rule->closes != NULL)
        call_pair(call, "closes", slice_of(rule->closes));
}

/* Reply ---------------------------------------------------------------------------------------- */

/* A session that was made here is in the first answer, which a repeated call gets again. */
static struct slice session_told(const struct reply *reply, struct slice given)
{
    struct slice mark = SLICE("session:");

    for (size_t i = 7; i < reply_count(reply); i++) {
        struct slice note = reply_text_at(reply, i);
        struct slice id = {note.p + mark.n, note.n - mark.n};
        if (slice_starts(note, mark) && visitor_made_session(id))
            return id;
    }
    return given;
}

void event_result_read(const struct reply *reply, struct slice event_id, struct slice session_id,
                       struct event_result *result)
{
    *result = (struct event_result){
        .replayed = reply_i64_at(reply, 0) == 1,
        .contact_id = reply_text_at(reply, 1),
        .created = reply_i64_at(reply, 2) == 1,
        .activity_id = reply_text_at(reply, 3),
        .status = lead_status_of(reply_text_at(reply, 4)),
        .score = reply_i64_at(reply, 5),
        .task_id = reply_text_at(reply, 6),
        .session_id = session_told(reply, session_id),
        .notes = {reply, 7},
    };
    result->event_id = event_id.n > 0 ? event_id : result->activity_id;
}

static void on_reply(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    struct capture *capture = call->state;

    contact_number_settle(call, &capture->contact, err,
                          reply_i64_at(reply, 0) == 0 && reply_i64_at(reply, 2) == 1);
    if (call_failed(call, err, reply))
        return;

    struct event_result result;
    event_result_read(reply, capture->event_id, capture->session_id, &result);
    call->out.replayed = result.replayed;
    capture->done(call, &result);
}

void event_capture(struct call *call, const struct event_input *event,
                   void (*done)(struct call *call, const struct event_result *result))
{
    const struct event_rule *rule = event->rule;
    struct capture *capture = arena_alloc(&call->arena, sizeof *capture);
    int64_t deal = -1, revenue = -1;
    if (rule != NULL && rule->deal_value)
        deal = data_money(call, event, DEAL_MEMBERS);
    if (rule != NULL && rule->revenue && call->faults.count == 0)
        revenue = data_money(call, event, REVENUE_MEMBERS);
    if (call->faults.count > 0) {
        call_invalid(call, &call->faults);
        return;
    }
    event_note(call, event);

    capture->done = done;
    capture->event_id = event->event_id;
    capture->session_id = event->session_id;
    call->state = capture;
    if (!contact_number_take(call, &capture->contact))
        return;
    id_uuid7(call->in.received_ms, capture->activity);

    call_script(call, &script_event_track, on_reply);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, event_day(call));
    identity_keys(call, event->identity);
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, slice_of(call->env->tag.after));
    call_arg_i64(call, call->in.received_ms);
    call_arg_i64(call, event->occurred_ms);
    contact_number_args(call, &capture->contact);
    call_arg(call, event->type);
    call_arg(call, slice_of(capture->activity));
    call_arg(call, event_entry(call, event, capture->activity));
    call_arg(call, event_hour(call));
    capture->given_count = 0;
    gather_given(call, event, deal, capture);
    call_arg_i64(call, capture->given_count);
    identity_args(call, event->identity);
    for (unsigned i = 0; i < capture->given_count; i++) {
        call_arg(call, capture->given[i].field);
        call_arg(call, capture->given[i].value);
    }
    add_search(call, event);
    add_traits(call, event);
    identity_merge_args(call, identity_count(event->identity));
    add_session(call, event);
    if (rule != NULL)
        add_rule(call, event, capture, revenue);
    idempotency_args(call, event->event_id);
    call_run_script(call);
}
