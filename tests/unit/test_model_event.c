/* test_model_event.c: the 16 built-in event types: names, effects, tasks and texts.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/event.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static struct jr_value json(const char *text)
{
    struct jr_value value;
    struct jr_fault fault;
    if (jr_parse(slice_of(text), &value, &fault) != OK)
        fail_msg("%s: %s", text, fault.detail);
    return value;
}

static const struct event_rule *rule_of(const char *name)
{
    const struct event_rule *rule = event_rule_of(slice_of(name));
    if (rule == NULL)
        fail_msg("no rule for %s", name);
    return rule;
}

/* Names ---------------------------------------------------------------------------------------- */

static const char *const types[] = {
    "customer.created",  "customer.login",    "customer.updated",  "search.performed",
    "vehicle.viewed",    "page.viewed",       "booking.started",   "booking.step_completed",
    "booking.abandoned", "booking.completed", "payment.attempted", "payment.successful",
    "payment.failed",    "form.submitted",    "chat.message",      "quote.requested",
};

#define TYPES (sizeof types / sizeof types[0])

static void test_b05_there_are_16_types_and_each_is_found_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(event_rule_count, TYPES);
    for (size_t i = 0; i < TYPES; i++)
        assert_string_equal(rule_of(types[i])->type, types[i]);
}

static void test_case_does_not_count_and_blank_dot_and_underscore_are_equal(void **state)
{
    static const char *const spellings[] = {
        "booking.step_completed", "Booking Step Completed", "booking_step_completed",
        "BOOKING.STEP.COMPLETED", "Booking_step.Completed", "booking step completed",
    };
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        assert_string_equal(rule_of(spellings[i])->type, "booking.step_completed");
}

static void test_b05_other_words_for_a_type_are_known(void **state)
{
    static const struct {
        const char *alias, *type;
    } rows[] = {
        {"Signed Up", "customer.created"},
        {"Signed In", "customer.login"},
        {"Logged In", "customer.login"},
        {"Products Searched", "search.performed"},
        {"Product Viewed", "vehicle.viewed"},
        {"Checkout Started", "booking.started"},
        {"Checkout Step Completed", "booking.step_completed"},
        {"Order Completed", "booking.completed"},
        {"Payment Info Entered", "payment.attempted"},
        {"form.submission", "form.submitted"},
        {"chat.message_sent", "chat.message"},
        {"chat.sent", "chat.message"},
        {"order_completed", "booking.completed"},
        {"SIGNED.UP", "customer.created"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(rule_of(rows[i].alias)->type, rows[i].type);
}

static void test_no_name_belongs_to_two_types(void **state)
{
    (void)state;
    for (unsigned i = 0; i < event_rule_count; i++) {
        struct slice aliases = slice_of(event_rules[i].aliases), alias;
        assert_ptr_equal(event_rule_of(slice_of(event_rules[i].type)), &event_rules[i]);
        while (slice_cut(&aliases, '|', &alias))
            assert_ptr_equal(event_rule_of(alias), &event_rules[i]);
    }
}

static void test_what_is_nearly_a_name_is_none(void **state)
{
    static const char *const names[] = {"",
                                        "booking",
                                        "booking.completed ",
                                        " booking.completed",
                                        "booking-completed",
                                        "booking.complete",
                                        "loyalty.joined",
                                        "bookingcompleted",
                                        "booking..completed"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_null(event_rule_of(slice_of(names[i])));
    assert_null(event_rule_of(SLICE("chat.sent\0")));
}

static void test_b04_a_type_is_a_letter_and_up_to_63_of_a_few_characters(void **state)
{
    static const char *const good[] = {"a", "Loyalty Joined", "loyalty.joined-2:x_y", "Z9"};
    static const char *const bad[] = {"",    "9a",   ".a",  " a",          "_a",    "a\nb", "a\tb",
                                      "a/b", "a\"b", "a'b", "caf\xc3\xa9", "a\x7f", "a{b"};
    char text[65];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!event_type_is_well_formed(slice_of(good[i])))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (event_type_is_well_formed(slice_of(bad[i])))
            fail_msg("%s", bad[i]);
    memset(text, 'a', sizeof text);
    assert_true(event_type_is_well_formed((struct slice){text, 64}));
    assert_false(event_type_is_well_formed((struct slice){text, 65}));
    assert_false(event_type_is_well_formed(SLICE("a\0b")));
    assert_false(event_type_is_well_formed(SLICE_NONE));
    for (size_t i = 0; i < TYPES; i++)
        assert_true(event_type_is_well_formed(slice_of(types[i])));
}

static void test_a_type_is_stored_by_its_own_name_and_a_custom_one_without_blanks(void **state)
{
    static const struct {
        const char *name, *stored;
    } rows[] = {
        {"Order Completed", "booking.completed"},
        {"CHAT_SENT", "chat.message"},
        {"loyalty.joined", "loyalty.joined"},
        {"Loyalty Joined Now", "Loyalty_Joined_Now"},
        {"a", "a"},
        {"a_b c", "a_b_c"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice name = slice_of(rows[i].name);
        struct slice stored = event_type_stored(event_rule_of(name), name, &arena);
        if (!slice_is(stored, rows[i].stored))
            fail_msg("%s is stored as %.*s", rows[i].name, SLICE_ARGS(stored));
        assert_true(slice_is(name, rows[i].name));
    }
}

/* Effects -------------------------------------------------------------------------------------- */

/* What API.md says of each type, in the order of `types`. */
static const struct effect {
    enum lead_status status;
    enum booking_verb booking;
    bool registers, updates_profile, visit, deal_value, revenue;
    const char *remembers, *counts, *task, *closes;
} effects[TYPES] = {
    {.status = LEAD_STATUS_NEW_LEAD, .registers = true},
    {.visit = true},
    {.updates_profile = true},
    {.remembers = "last_search_location", .counts = "location"},
    {.remembers = "last_vehicle_viewed", .counts = "vehicle"},
    {.status = LEAD_STATUS_NONE},
    {.status = LEAD_STATUS_HOT_BOOKING, .booking = BOOKING_STARTED, .deal_value = true},
    {.booking = BOOKING_STEP},
    {.status = LEAD_STATUS_HOT_ABANDONED,
     .booking = BOOKING_ABANDONED,
     .deal_value = true,
     .task = "abandoned_booking"},
    {.status = LEAD_STATUS_CUSTOMER,
     .booking = BOOKING_COMPLETED,
     .deal_value = true,
     .revenue = true,
     .task = "booking_welcome",
     .closes = "abandoned_booking"},
    {.status = LEAD_STATUS_NONE},
    {.status = LEAD_STATUS_NONE},
    {.task = "payment_failed"},
    {.status = LEAD_STATUS_NONE},
    {.status = LEAD_STATUS_NONE},
    {.deal_value = true},
};

static void check_text(const char *type, const char *got, const char *expected)
{
    if (got == NULL || expected == NULL ? got != expected : strcmp(got, expected) != 0)
        fail_msg("%s: %s instead of %s", type, got != NULL ? got : "nothing",
                 expected != NULL ? expected : "nothing");
}

static void test_each_type_does_what_the_table_says_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPES; i++) {
        const struct event_rule *rule = rule_of(types[i]);
        const struct effect *effect = &effects[i];
        assert_int_equal(rule->status, effect->status);
        assert_int_equal(rule->booking, effect->booking);
        assert_int_equal(rule->registers, effect->registers);
        assert_int_equal(rule->updates_profile, effect->updates_profile);
        assert_int_equal(rule->visit, effect->visit);
        assert_int_equal(rule->deal_value, effect->deal_value);
        assert_int_equal(rule->revenue, effect->revenue);
        check_text(types[i], rule->remembers, effect->remembers);
        check_text(types[i], rule->counts, effect->counts);
        check_text(types[i], rule->task.kind, effect->task);
        check_text(types[i], rule->closes, effect->closes);
    }
}

static void test_the_three_tasks_are_those_of_the_document(void **state)
{
    static const struct {
        const char *type, *title, *note, *queue, *priority;
        int64_t due_s;
    } rows[] = {
        {"booking.abandoned", "URGENT: Follow up - Abandoned Booking",
         "Contact customer immediately", "sales", "urgent", 3600},
        {"payment.failed", "Follow up - Payment Failed", "Assist customer with payment", "sales",
         "high", 14400},
        {"booking.completed", "Send Booking Confirmation & Welcome", "Send confirmation materials",
         "customer_service", "normal", 86400},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct event_task *task = &rule_of(rows[i].type)->task;
        check_text(rows[i].type, task->title, rows[i].title);
        check_text(rows[i].type, task->note, rows[i].note);
        check_text(rows[i].type, task->queue, rows[i].queue);
        check_text(rows[i].type, task_priority_word(task->priority), rows[i].priority);
        assert_int_equal(task->due_s, rows[i].due_s);
    }
    assert_string_equal(task_priority_word(TASK_LOW), "low");
    assert_true(TASK_URGENT < TASK_HIGH && TASK_HIGH < TASK_NORMAL && TASK_NORMAL < TASK_LOW);
}

static void test_a_rule_that_closes_a_task_names_one_that_another_makes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < event_rule_count; i++) {
        bool found = event_rules[i].closes == NULL;
        for (unsigned j = 0; j < event_rule_count; j++)
            found = found || (event_rules[j].task.kind != NULL &&
                              strcmp(event_rules[j].task.kind, event_rules[i].closes) == 0);
        assert_true(found);
    }
}

static void test_verbs_of_bookings_are_the_words_of_the_script(void **state)
{
    (void)state;
    assert_string_equal(booking_verb_word(BOOKING_NONE), "");
    assert_string_equal(booking_verb_word(BOOKING_STARTED), "started");
    assert_string_equal(booking_verb_word(BOOKING_STEP), "step");
    assert_string_equal(booking_verb_word(BOOKING_ABANDONED), "abandoned");
    assert_string_equal(booking_verb_word(BOOKING_COMPLETED), "completed");
}

/* Texts ---------------------------------------------------------------------------------------- */

static void test_the_first_member_that_says_something_is_taken(void **state)
{
    static const struct {
        const char *data, *text, *which;
    } rows[] = {
        {"{\"a\":\"x\",\"b\":\"y\"}", "x", "a"},
        {"{\"b\":\"y\"}", "y", "b"},
        {"{\"a\":\"\",\"b\":\"y\"}", "y", "b"},
        {"{\"a\":\"  \",\"b\":\"y\"}", "y", "b"},
        {"{\"a\":null,\"b\":\"y\"}", "y", "b"},
        {"{\"a\":{},\"b\":[],\"c\":true}", NULL, NULL},
        {"{\"a\":450.10}", "450.10", "a"},
        {"{\"a\":0}", "0", "a"},
        {"{\"a\":\" Toyota Camry \"}", "Toyota Camry", "a"},
        {"{\"a\":\"Jana \\u00e9\\n\"}", "Jana \xc3\xa9", "a"},
        {"{\"\\u0061\":\"x\"}", "x", "a"},
        {"{}", NULL, NULL},
        {"[\"x\"]", NULL, NULL},
        {"\"x\"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice which = SLICE_NONE;
        struct slice text = event_data_text(json(rows[i].data), "a|b|c", &arena, &which);
        if (!slice_eq(text, slice_of(rows[i].text)) || !slice_eq(which, slice_of(rows[i].which)))
            fail_msg("%s gave %.*s by %.*s", rows[i].data, SLICE_ARGS(text), SLICE_ARGS(which));
        assert_true(slice_eq(event_data_text(json(rows[i].data), "a|b|c", &arena, NULL), text));
    }
}

static void test_without_data_there_is_no_text(void **state)
{
    struct jr_value none = {.type = JR_NULL};
    (void)state;
    assert_int_equal(event_data_text(none, "a", &arena, NULL).n, 0);
    assert_int_equal(event_data_text(json("{\"a\":\"x\"}"), NULL, &arena, NULL).n, 0);
}

static void check_title(const char *type, const char *data, const char *expected)
{
    struct slice stored = event_type_stored(event_rule_of(slice_of(type)), slice_of(type), &arena);
    struct slice title = event_title(event_rule_of(slice_of(type)), stored, json(data), &arena);
    if (!slice_is(title, expected))
        fail_msg("%s %s is called \"%.*s\"", type, data, SLICE_ARGS(title));
}

static void test_titles_name_what_the_event_is_about(void **state)
{
    static const char car[] = "{\"vehicle_id\":\"car_789\",\"vehicle_name\":\"Toyota Camry\"}";
    (void)state;
    check_title("customer.created", "{}", "Registered");
    check_title("customer.login", "{}", "Logged in");
    check_title("customer.updated", "{}", "Updated profile");
    check_title("search.performed", "{\"location\":\"Airport\",\"pickup_location\":\"City\"}",
                "Searched: Airport");
    check_title("search.performed", "{\"pickup_location\":\"City\"}", "Searched: City");
    check_title("vehicle.viewed", car, "Viewed Toyota Camry");
    check_title("vehicle.viewed", "{\"vehicle_id\":\"car_789\"}", "Viewed car_789");
    check_title("page.viewed", "{\"page\":\"/pricing\"}", "Viewed page /pricing");
    check_title("booking.started", car, "Started booking: Toyota Camry");
    check_title("booking.step_completed", "{\"step\":2}", "Completed booking step 2");
    check_title("booking.abandoned", car, "Abandoned booking: Toyota Camry");
    check_title("booking.completed", car, "Completed booking: Toyota Camry");
    check_title("payment.attempted", car, "Attempted payment");
    check_title("payment.successful", car, "Payment successful");
    check_title("payment.failed", car, "Payment failed");
    check_title("form.submitted", "{\"form_type\":\"contact\"}", "Submitted form: contact");
    check_title("chat.message", "{\"message\":\"hello\"}", "Sent chat message");
    check_title("quote.requested", car, "Requested quote: Toyota Camry");
}

static void test_without_the_detail_a_title_stands_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPES; i++)
        check_title(types[i], "{\"other\":1}", rule_of(types[i])->title);
}

static void test_a_custom_type_is_called_by_its_name(void **state)
{
    (void)state;
    check_title("loyalty.joined", "{\"vehicle_name\":\"x\"}", "loyalty.joined");
    check_title("Loyalty Joined", "{}", "Loyalty_Joined");
}

static void test_a_long_detail_is_cut_between_characters(void **state)
{
    static const struct {
        const char *character;
        size_t kept; /* of 200 bytes */
    } rows[] = {{"a", 200}, {"\xc3\xa9", 200}, {"\xe5\xb1\xb1", 198}, {"\xf0\x9f\x9a\x97", 200}};
    char data[1100];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = (size_t)snprintf(data, sizeof data, "{\"vehicle_name\":\"");
        for (int j = 0; j < 250; j++)
            n += (size_t)snprintf(data + n, sizeof data - n, "%s", rows[i].character);
        snprintf(data + n, sizeof data - n, "\"}");
        struct slice title =
            event_title(rule_of("vehicle.viewed"), SLICE("vehicle.viewed"), json(data), &arena);
        assert_int_equal(title.n, strlen("Viewed ") + rows[i].kept);
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_b05_there_are_16_types_and_each_is_found_by_its_name),
        cmocka_unit_test(test_case_does_not_count_and_blank_dot_and_underscore_are_equal),
        cmocka_unit_test(test_b05_other_words_for_a_type_are_known),
        cmocka_unit_test(test_no_name_belongs_to_two_types),
        cmocka_unit_test(test_what_is_nearly_a_name_is_none),
        cmocka_unit_test(test_b04_a_type_is_a_letter_and_up_to_63_of_a_few_characters),
        WITH_ARENA(test_a_type_is_stored_by_its_own_name_and_a_custom_one_without_blanks),
        cmocka_unit_test(test_each_type_does_what_the_table_says_and_nothing_else),
        cmocka_unit_test(test_the_three_tasks_are_those_of_the_document),
        cmocka_unit_test(test_a_rule_that_closes_a_task_names_one_that_another_makes),
        cmocka_unit_test(test_verbs_of_bookings_are_the_words_of_the_script),
        WITH_ARENA(test_the_first_member_that_says_something_is_taken),
        WITH_ARENA(test_without_data_there_is_no_text),
        WITH_ARENA(test_titles_name_what_the_event_is_about),
        WITH_ARENA(test_without_the_detail_a_title_stands_alone),
        WITH_ARENA(test_a_custom_type_is_called_by_its_name),
        WITH_ARENA(test_a_long_detail_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
