/* test_model_whatsapp.c: messages of Meta and Twilio, whatever shape they come in.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/model/whatsapp.h"
#include "webhook_fixture.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, NULL, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static struct jr_value parsed(struct slice text)
{
    struct jr_value body;
    struct jr_fault fault;

    assert_int_equal(jr_parse(text, &body, &fault), OK);
    return body;
}

static struct whatsapp_post meta(struct slice text)
{
    struct whatsapp_post post;

    whatsapp_read_meta(parsed(text), &arena, &post);
    return post;
}

static struct whatsapp_post twilio(const char *text)
{
    struct whatsapp_post post;

    whatsapp_read_twilio(parsed(slice_of(text)), &arena, &post);
    return post;
}

static void expect(struct slice text, const char *expected)
{
    if (!slice_is(text, expected))
        fail_msg("\"%.*s\" instead of \"%s\"", SLICE_ARGS(text), expected);
}

/* Meta ----------------------------------------------------------------------------------------- */

static void test_every_captured_type_has_a_text(void **state)
{
    static const struct {
        const char *name, *type, *text;
    } rows[] = {
        {"text", "text", "Hello, I want to register"},
        {"text-unicode", "text", "Bonjour é à ü 😀"},
        {"image", "image", "This is a caption"},
        {"button", "button", "No"},
        {"interactive-button-reply", "interactive", "Yes, I confirm"},
        {"interactive-list-reply", "interactive", "Course B"},
        {"location", "location", "[location]"},
        {"reaction", "reaction", "👍"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice name = arena_printf(&arena, "whatsapp-%s.http%c", rows[i].name, '\0');
        struct slice body = webhook_fixture(name.p, &arena).body;
        struct whatsapp_post post = meta(body);
        assert_true(whatsapp_is_meta(parsed(body)));
        assert_int_equal(post.count, 1);
        assert_int_equal(post.ignored, 0);
        expect(post.first->type, rows[i].type);
        expect(post.first->text, rows[i].text);
        expect(post.first->from, "16315551234");
        expect(post.first->name, "Kerry Fisher");
        expect(post.first->id, "wamid.HBgLMTYzMTU1NTEyMzQVAgASGBQzQUI0NkE4NjM1QTU2NjVGOURGQgA=");
        assert_true(post.first->at_ms == 1603059201000);
        assert_int_equal(post.first->utm_source.n + post.first->utm_campaign.n, 0);
    }
}

static void test_several_messages_of_one_post_have_each_their_sender(void **state)
{
    struct whatsapp_post post =
        meta(webhook_fixture("whatsapp-two-messages-one-post.http", &arena).body);

    (void)state;
    assert_int_equal(post.count, 2);
    expect(post.first->name, "Kerry Fisher");
    expect(post.first->text, "one");
    expect(post.first->next->name, "Ada L");
    expect(post.first->next->from, "447700900123");
    assert_ptr_equal(post.first->next, post.last);
    assert_null(post.last->next);
}

static void test_delivery_reports_are_no_messages(void **state)
{
    (void)state;
    static const char *const names[] = {"whatsapp-status-delivered.http",
                                        "whatsapp-status-failed.http"};
    for (size_t i = 0; i < 2; i++) {
        struct whatsapp_post post = meta(webhook_fixture(names[i], &arena).body);
        assert_int_equal(post.count, 0);
        assert_int_equal(post.ignored, 1);
    }
}

#define OF_META(messages)                                                                  \
    SLICE("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{\"field\":" \
          "\"messages\",\"value\":{\"messages\":[" messages "]}}]}]}")

static void expect_text(struct slice body, const char *type, const char *text)
{
    struct whatsapp_post post = meta(body);

    assert_int_equal(post.count, 1);
    expect(post.first->type, type);
    expect(post.first->text, text);
}

#define FROM "{\"from\":\"1555000111\",\"type\":"

static void test_types_without_a_text_are_named_in_brackets(void **state)
{
    (void)state;
    expect_text(OF_META(FROM "\"image\",\"image\":{\"id\":\"1\"}}"), "image", "[image]");
    expect_text(OF_META(FROM "\"video\",\"video\":{\"caption\":\"Look\"}}"), "video", "Look");
    expect_text(OF_META(FROM "\"document\",\"document\":{\"filename\":\"a.pdf\"}}"), "document",
                "[document]");
    expect_text(OF_META(FROM "\"audio\",\"audio\":{}}"), "audio", "[audio]");
    expect_text(OF_META(FROM "\"sticker\"}"), "sticker", "[sticker]");
    expect_text(OF_META(FROM "\"contacts\",\"contacts\":[{}]}"), "contacts", "[contacts]");
    expect_text(OF_META(FROM "\"order\",\"order\":{\"text\":\"Two\"}}"), "order", "Two");
    expect_text(OF_META(FROM "\"system\",\"system\":{\"body\":\"New number\"}}"), "system",
                "New number");
    expect_text(OF_META(FROM "\"unsupported\",\"errors\":[{}]}"), "unsupported", "[unsupported]");
    expect_text(OF_META(FROM "\"reaction\",\"reaction\":{}}"), "reaction", "[reaction]");
    expect_text(OF_META(FROM "\"interactive\",\"interactive\":{\"type\":\"nfm_reply\","
                             "\"nfm_reply\":{\"body\":\"Sent\"}}}"),
                "interactive", "Sent");
    expect_text(OF_META(FROM "\"interactive\",\"interactive\":[]}"), "interactive",
                "[interactive]");
    expect_text(OF_META(FROM "7}"), "7", "[7]");
    expect_text(OF_META(FROM "null}"), "unknown", "[unknown]");
}

static void test_an_advertisement_is_the_source(void **state)
{
    struct whatsapp_post post = meta(
        OF_META(FROM "\"text\",\"text\":{\"body\":\"Hi\"},\"referral\":{\"source_type\":\"ad\","
                     "\"source_id\":\"120210\"}}"));

    (void)state;
    expect(post.first->utm_source, "whatsapp_ad");
    expect(post.first->utm_campaign, "120210");
}

static void test_a_person_without_a_number_has_an_id(void **state)
{
    struct whatsapp_post post =
        meta(SLICE("{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"contacts\":[{"
                   "\"user_id\":\"BR.123\",\"profile\":{\"name\":\"Bia\"}}],\"messages\":[{"
                   "\"from_user_id\":\"BR.123\",\"type\":\"text\",\"text\":{\"body\":\"Oi\"}}]}}]}"
                   "]}"));

    (void)state;
    expect(post.first->from, "BR.123");
    expect(post.first->name, "Bia");
}

static void test_odd_shapes_bring_what_is_readable_and_nothing_else(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "[]",
        "{\"entry\":{}}",
        "{\"entry\":[1,null,{\"changes\":7}]}",
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\"}]}]}",
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":{}}}]}]}",
        "{\"entry\":[{\"changes\":[{\"field\":7,\"value\":{\"messages\":[{\"from\":\"1\"}]}}]}]}",
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":[7,{},{\"from\":"
        "[]},{\"from\":\" \"}]}}]}]}",
        "{\"entry\":[{\"changes\":[{\"field\":\"history\",\"value\":{\"messages\":[{\"from\":"
        "\"1555000111\"}]}}]}]}"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct whatsapp_post post = meta(slice_of(bodies[i]));
        assert_int_equal(post.count, 0);
        assert_null(post.first);
        assert_true(post.ignored > 0);
    }
    struct whatsapp_post post = meta(OF_META("{\"from\":1555000111,\"timestamp\":1603059201,"
                                             "\"id\":[],\"text\":\"Hi\",\"referral\":\"x\"}"));
    assert_int_equal(post.count, 1);
    expect(post.first->from, "1555000111");
    expect(post.first->text, "[unknown]");
    assert_true(post.first->at_ms == 1603059201000);
    assert_int_equal(post.first->id.n + post.first->name.n + post.first->utm_source.n, 0);
    post = meta(OF_META("{\"from\":\"1555000111\",\"timestamp\":\"99999999999999999999\"}"));
    assert_true(post.first->at_ms == 0);
}

static void test_long_texts_are_cut_between_characters(void **state)
{
    char name[3 * 300 + 1], text[3 * 70000 + 1];

    (void)state;
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = "€"[i % 3];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = "€"[i % 3];
    struct slice body = arena_join(
        &arena, 5,
        SLICE("{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"contacts\":[{"
              "\"wa_id\":\"1555000111\",\"profile\":{\"name\":\""),
        (struct slice){name, sizeof name - 1},
        SLICE("\"}}],\"messages\":[{\"from\":\"1555000111\",\"type\":\"text\",\"text\":{\"body\":"
              "\""),
        (struct slice){text, sizeof text - 1}, SLICE("\"}}]}}]}]}"));
    struct whatsapp_post post = meta(body);
    assert_int_equal(post.first->name.n, 3 * WHATSAPP_NAME_MAX);
    assert_int_equal(post.first->text.n, 3 * WHATSAPP_TEXT_MAX);
}

static void test_a_post_has_at_most_a_thousand_messages(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_str(&text, "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":[");
    for (int i = 0; i < 1100; i++)
        buf_printf(&text, "%s{\"from\":\"1555000111\",\"id\":\"%d\"}", i > 0 ? "," : "", i);
    buf_str(&text, "]}}]}]}");
    struct whatsapp_post post = meta(buf_slice(&text));
    assert_int_equal(post.count, WHATSAPP_MESSAGES_MAX);
    assert_int_equal(post.ignored, 100);
    expect(post.last->id, "999");
    buf_dispose(&text);
}

/* Twilio --------------------------------------------------------------------------------------- */

static void test_a_message_of_twilio(void **state)
{
    struct whatsapp_post post =
        twilio("{\"MessageType\":\"text\",\"SmsStatus\":\"received\",\"NumMedia\":\"0\","
               "\"WaId\":\"15551234567\",\"ProfileName\":\"Jane Doe\",\"Body\":\"Hello & welcome "
               "é\",\"MessageSid\":\"SM01\",\"From\":\"whatsapp:+15551234567\"}");

    (void)state;
    assert_int_equal(post.count, 1);
    assert_int_equal(post.ignored, 0);
    expect(post.first->id, "SM01");
    expect(post.first->from, "+15551234567");
    expect(post.first->name, "Jane Doe");
    expect(post.first->type, "text");
    expect(post.first->text, "Hello & welcome é");
    assert_true(post.first->at_ms == 0);
}

static void expect_twilio(const char *body, const char *type, const char *text)
{
    struct whatsapp_post post = twilio(body);

    assert_int_equal(post.count, 1);
    expect(post.first->type, type);
    expect(post.first->text, text);
}

#define WA "{\"From\":\"whatsapp:+15551234567\","

static void test_media_buttons_places_of_twilio(void **state)
{
    (void)state;
    expect_twilio(WA "\"NumMedia\":\"1\",\"MediaContentType0\":\"image/jpeg\",\"Body\":\"\"}",
                  "image", "[image]");
    expect_twilio(WA "\"NumMedia\":\"1\",\"MediaContentType0\":\"image/jpeg\",\"Body\":\"Me\"}",
                  "image", "Me");
    expect_twilio(WA "\"NumMedia\":\"1\",\"MediaContentType0\":\"application/pdf\"}", "document",
                  "[document]");
    expect_twilio(WA "\"NumMedia\":\"1\"}", "document", "[document]");
    expect_twilio(WA "\"ButtonText\":\"Yes\",\"ButtonPayload\":\"y\"}", "button", "Yes");
    expect_twilio(WA "\"Latitude\":\"37.4\",\"Longitude\":\"-122.1\"}", "location", "[location]");
    expect_twilio(WA "\"Body\":[\"a\",\"b\"]}", "text", "[text]");
    struct whatsapp_post post = twilio(WA "\"ReferralSourceId\":\"77\",\"Body\":\"Hi\"}");
    expect(post.first->utm_source, "whatsapp_ad");
    expect(post.first->utm_campaign, "77");
}

static void test_reports_of_twilio_are_no_messages(void **state)
{
    static const char *const bodies[] = {WA "\"MessageStatus\":\"delivered\"}",
                                         WA "\"SmsStatus\":\"sent\"}", "{\"From\":\"whatsapp:\"}",
                                         "{\"From\":[]}", "[]"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct whatsapp_post post = twilio(bodies[i]);
        assert_int_equal(post.count, 0);
        assert_int_equal(post.ignored, 1);
    }
}

/* Which format, which campaign ------------------------------------------------------------------
 */

static void test_formats_are_told_apart_by_content(void **state)
{
    static const struct {
        const char *body;
        bool meta, twilio;
    } rows[] = {
        {"{\"object\":\"whatsapp_business_account\"}", true, false},
        {"{\"object\":\"page\"}", false, false},
        {"{\"object\":7}", false, false},
        {"{\"From\":\"whatsapp:+1\"}", false, true},
        {"{\"From\":\"\\u0077hatsapp:\\u002b1555123456715551234567155512345671555123456789\"}",
         false, true},
        {"{\"From\":\"+1\"}", false, false},
        {"{\"phone_number\":\"+1\"}", false, false},
        {"[]", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct jr_value body = parsed(slice_of(rows[i].body));
        assert_int_equal(whatsapp_is_meta(body), rows[i].meta);
        assert_int_equal(whatsapp_is_twilio(body), rows[i].twilio);
    }
}

static void test_a_code_stands_at_the_start(void **state)
{
    char longest[WHATSAPP_CODE_MAX + 3] = "#", longer[WHATSAPP_CODE_MAX + 3] = "#";

    (void)state;
    memset(longest + 1, 'a', WHATSAPP_CODE_MAX);
    memset(longer + 1, 'a', WHATSAPP_CODE_MAX + 1);
    expect(whatsapp_code(SLICE("#spring-25 Hello")), "spring-25");
    expect(whatsapp_code(SLICE(" #A_1")), "A_1");
    expect(whatsapp_code(SLICE("#a.b")), "a");
    assert_int_equal(whatsapp_code(slice_of(longest)).n, WHATSAPP_CODE_MAX);
    assert_int_equal(whatsapp_code(slice_of(longer)).n, 0);
    assert_int_equal(whatsapp_code(SLICE("Hello #a")).n, 0);
    assert_int_equal(whatsapp_code(SLICE("#")).n, 0);
    assert_int_equal(whatsapp_code(SLICE("# a")).n, 0);
    assert_int_equal(whatsapp_code(SLICE_NONE).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_captured_type_has_a_text),
        cmocka_unit_test(test_several_messages_of_one_post_have_each_their_sender),
        cmocka_unit_test(test_delivery_reports_are_no_messages),
        cmocka_unit_test(test_types_without_a_text_are_named_in_brackets),
        cmocka_unit_test(test_an_advertisement_is_the_source),
        cmocka_unit_test(test_a_person_without_a_number_has_an_id),
        cmocka_unit_test(test_odd_shapes_bring_what_is_readable_and_nothing_else),
        cmocka_unit_test(test_long_texts_are_cut_between_characters),
        cmocka_unit_test(test_a_post_has_at_most_a_thousand_messages),
        cmocka_unit_test(test_a_message_of_twilio),
        cmocka_unit_test(test_media_buttons_places_of_twilio),
        cmocka_unit_test(test_reports_of_twilio_are_no_messages),
        cmocka_unit_test(test_formats_are_told_apart_by_content),
        cmocka_unit_test(test_a_code_stands_at_the_start),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
