/* test_model_signature.c: what Meta and Twilio sign fits, and nothing that differs in a bit does.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kvcrm/base/crypto.h"
#include "kvcrm/model/signature.h"
#include "webhook_fixture.h"

#define SECRET SLICE("app-secret-0123456789abcdef")
#define TOKEN SLICE("12345")

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

/* Meta ----------------------------------------------------------------------------------------- */

static const char *const meta[] = {"whatsapp-button.http",
                                   "whatsapp-image.http",
                                   "whatsapp-location.http",
                                   "whatsapp-interactive-button-reply.http",
                                   "whatsapp-reaction.http",
                                   "whatsapp-interactive-list-reply.http",
                                   "whatsapp-text.http",
                                   "whatsapp-status-delivered.http",
                                   "whatsapp-text-unicode.http",
                                   "whatsapp-status-failed.http",
                                   "whatsapp-two-messages-one-post.http"};

static void test_every_post_of_meta_fits_its_signature_and_no_other_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof meta / sizeof meta[0]; i++) {
        struct webhook_fixture post = webhook_fixture(meta[i], &arena);
        struct slice header = webhook_header(post, "X-Hub-Signature-256");
        assert_true(signature_meta_fits(SECRET, header, post.body));
        assert_false(signature_meta_fits(SLICE("app-secret-0123456789abcdeF"), header, post.body));
        assert_false(signature_meta_fits(SLICE(""), header, post.body));
    }
}

static void test_no_other_bit_of_body_or_signature_fits(void **state)
{
    struct webhook_fixture post = webhook_fixture("whatsapp-text.http", &arena);
    struct slice header = arena_copy(&arena, webhook_header(post, "X-Hub-Signature-256"));
    struct slice *parts[] = {&post.body, &header};

    (void)state;
    for (unsigned part = 0; part < 2; part++) {
        for (size_t bit = 0; bit < 8 * parts[part]->n; bit++) {
            char *at = (char *)parts[part]->p + bit / 8;
            *at = (char)(*at ^ (1 << bit % 8));
            assert_false(signature_meta_fits(SECRET, header, post.body));
            *at = (char)(*at ^ (1 << bit % 8));
        }
    }
    assert_true(signature_meta_fits(SECRET, header, post.body));
}

static void test_a_signature_of_another_form_does_not_fit(void **state)
{
    struct webhook_fixture post = webhook_fixture("whatsapp-text.http", &arena);
    struct slice header = webhook_header(post, "X-Hub-Signature-256");
    struct slice hex = {header.p + 7, header.n - 7};

    (void)state;
    assert_false(signature_meta_fits(SECRET, SLICE_NONE, post.body));
    assert_false(signature_meta_fits(SECRET, SLICE(""), post.body));
    assert_false(signature_meta_fits(SECRET, SLICE("sha256="), post.body));
    assert_false(signature_meta_fits(SECRET, hex, post.body));
    assert_false(
        signature_meta_fits(SECRET, arena_join(&arena, 2, SLICE("sha1="), hex), post.body));
    for (size_t n = 0; n < header.n; n++)
        assert_false(signature_meta_fits(SECRET, (struct slice){header.p, n}, post.body));
    assert_false(signature_meta_fits(SECRET, arena_join(&arena, 2, header, SLICE(" ")), post.body));
    /* Not even what another writer makes of the same JSON. */
    assert_false(
        signature_meta_fits(SECRET, header, arena_join(&arena, 2, post.body, SLICE("\n"))));
}

/* Twilio --------------------------------------------------------------------------------------- */

#define CALLED                                                    \
    ((struct signed_url){.url = SLICE("https://crm.example.com"), \
                         .path = SLICE("/api/webhook/twilio"),    \
                         .query = SLICE_NONE})

static bool form_fits(struct signed_url url)
{
    struct webhook_fixture post = webhook_fixture("twilio-whatsapp-text.http", &arena);

    return signature_twilio_form_fits(TOKEN, webhook_header(post, "X-Twilio-Signature"), url,
                                      post.body, &arena);
}

static void test_the_form_of_twilio_fits_with_and_without_port(void **state)
{
    struct signed_url url = CALLED;

    (void)state;
    assert_true(form_fits(url));
    url.url = SLICE("https://crm.example.com/");
    assert_true(form_fits(url));
    url.url = SLICE("https://crm.example.com:443");
    assert_true(form_fits(url));
    url.url = SLICE("https://crm.example.com:8443");
    assert_true(form_fits(url)); /* Twilio may leave out any port */
    url.url = SLICE("http://crm.example.com");
    assert_false(form_fits(url));
    url.url = SLICE("https://crm.example.org");
    assert_false(form_fits(url));
    url.url = SLICE("");
    assert_false(form_fits(url));
    url = CALLED;
    url.path = SLICE("/api/webhook/whatsapp");
    assert_false(form_fits(url));
    url = CALLED;
    url.query = SLICE("a=1");
    assert_false(form_fits(url));
}

static struct slice signed_by_hand(struct slice text)
{
    uint8_t hash[CRYPTO_SHA1_LEN];
    char *out = arena_alloc(&arena, CRYPTO_BASE64_SIZE(CRYPTO_SHA1_LEN));

    crypto_hmac_sha1(TOKEN, text, hash);
    crypto_base64(hash, sizeof hash, out);
    return slice_of(out);
}

static void test_the_port_the_query_and_the_order_of_names_are_as_twilio_has_them(void **state)
{
    struct signed_url url = {
        .url = SLICE("https://[::1]:8443/in"), .path = SLICE("/hook"), .query = SLICE("x=1&y=%20")};
    struct slice form = SLICE("b=2&a=%26+%C3%A9&Z=&b=1&b=2&"), rest = SLICE("Za& \xc3\xa9"
                                                                            "b1b2");
    struct slice with_port =
        signed_by_hand(arena_join(&arena, 2, SLICE("https://[::1]:8443/in/hook?x=1&y=%20"), rest));
    struct slice without_port =
        signed_by_hand(arena_join(&arena, 2, SLICE("https://[::1]/in/hook?x=1&y=%20"), rest));

    (void)state;
    assert_true(signature_twilio_form_fits(TOKEN, with_port, url, form, &arena));
    assert_true(signature_twilio_form_fits(TOKEN, without_port, url, form, &arena));
    assert_false(signature_twilio_form_fits(SLICE(""), with_port, url, form, &arena));
    assert_false(signature_twilio_form_fits(TOKEN, with_port, url, SLICE("b=2&a=%zz"), &arena));
}

static void test_no_other_bit_of_form_or_signature_fits(void **state)
{
    struct slice form = arena_copy(&arena, SLICE("From=whatsapp%3A%2B15551234567&Body=Hi+there"));
    struct slice header = arena_copy(
        &arena,
        signed_by_hand(SLICE("https://crm.example.com/api/webhook/twilioBodyHi thereFromwhatsapp:"
                             "+15551234567")));
    struct slice *parts[] = {&form, &header};

    (void)state;
    assert_true(signature_twilio_form_fits(TOKEN, header, CALLED, form, &arena));
    for (unsigned part = 0; part < 2; part++) {
        for (size_t bit = 0; bit < 8 * parts[part]->n; bit++) {
            char *at = (char *)parts[part]->p + bit / 8, was = *at;
            *at = (char)(was ^ (1 << bit % 8));
            bool is_same = (was == 'A' && *at == 'a') || (was == 'B' && *at == 'b');
            /* %3a is %3A: the same form in another spelling */
            if (!(part == 0 && is_same && at > form.p && (at[-1] == '3' || at[-1] == '2')))
                assert_false(signature_twilio_form_fits(TOKEN, header, CALLED, form, &arena));
            *at = was;
        }
    }
}

static void test_a_body_that_is_no_form_is_signed_by_its_hash_in_the_url(void **state)
{
    struct slice body = SLICE("{\"From\":\"whatsapp:+15551234567\"}");
    uint8_t hash[CRYPTO_SHA256_LEN];
    char hex[2 * CRYPTO_SHA256_LEN + 1];
    struct signed_url url = CALLED;

    (void)state;
    crypto_sha256(body, hash);
    crypto_hex(hash, sizeof hash, hex);
    url.query = arena_join(&arena, 2, SLICE("bodySHA256="), slice_of(hex));
    struct slice header = signed_by_hand(
        arena_join(&arena, 2, SLICE("https://crm.example.com/api/webhook/twilio?"), url.query));
    assert_true(signature_twilio_body_fits(TOKEN, header, url, body, &arena));
    assert_false(signature_twilio_body_fits(TOKEN, header, url, SLICE("{}"), &arena));
    assert_false(signature_twilio_body_fits(SLICE("1234"), header, url, body, &arena));
    assert_false(signature_twilio_body_fits(
        TOKEN, signed_by_hand(SLICE("https://crm.example.com/api/webhook/twilio")), CALLED, body,
        &arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_post_of_meta_fits_its_signature_and_no_other_secret),
        cmocka_unit_test(test_no_other_bit_of_body_or_signature_fits),
        cmocka_unit_test(test_a_signature_of_another_form_does_not_fit),
        cmocka_unit_test(test_the_form_of_twilio_fits_with_and_without_port),
        cmocka_unit_test(test_the_port_the_query_and_the_order_of_names_are_as_twilio_has_them),
        cmocka_unit_test(test_no_other_bit_of_form_or_signature_fits),
        cmocka_unit_test(test_a_body_that_is_no_form_is_signed_by_its_hash_in_the_url),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
