/* test_store_url.c: what a Redis URL says, and how a wrong one is refused.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kvcrm/store/store.h"
#include "url.h"

static const struct conf plain = {
    .redis_user = "", .redis_password = "", .redis_ca = "", .redis_cert = "", .redis_key = ""};

static const struct store_url *parse_with(const char *text, const struct conf *conf)
{
    char error[256] = "";
    const struct store_url *url = store_url_parse(text, conf, error, sizeof(error));
    if (url == NULL)
        fail_msg("%s: %s", text, error);
    return url;
}

static const struct store_url *parse(const char *text)
{
    return parse_with(text, &plain);
}

static void check_text(const char *text, const char *expected)
{
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
}

static void test_the_parts_of_a_tcp_address(void **state)
{
    static const struct {
        const char *url, *host, *port, *user, *password, *text;
        int db;
    } rows[] = {
        {"redis://h", "h", "6379", NULL, NULL, "redis://h:6379/0", 0},
        {"redis://h/", "h", "6379", NULL, NULL, "redis://h:6379/0", 0},
        {"redis://h:1", "h", "1", NULL, NULL, "redis://h:1/0", 0},
        {"redis://h:65535/15", "h", "65535", NULL, NULL, "redis://h:65535/15", 15},
        {"redis://:pw@h", "h", "6379", NULL, "pw", "redis://h:6379/0", 0},
        {"redis://u@h", "h", "6379", "u", NULL, "redis://h:6379/0", 0},
        {"redis://u:pw@h:1/2", "h", "1", "u", "pw", "redis://h:1/2", 2},
        {"redis://u:p%40%3a%2F%25w@h", "h", "6379", "u", "p@:/%w", "redis://h:6379/0", 0},
        {"redis://u:p@ss:w@h", "h", "6379", "u", "p@ss:w", "redis://h:6379/0", 0},
        {"redis://u:@h", "h", "6379", "u", NULL, "redis://h:6379/0", 0},
        {"redis://[::1]", "::1", "6379", NULL, NULL, "redis://[::1]:6379/0", 0},
        {"redis://u:pw@[fe80::1]:1/2", "fe80::1", "1", "u", "pw", "redis://[fe80::1]:1/2", 2},
        {"redis://127.0.0.1:1", "127.0.0.1", "1", NULL, NULL, "redis://127.0.0.1:1/0", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct store_url *url = parse(rows[i].url);
        assert_null(url->path);
        assert_null(url->tls);
        check_text(url->host, rows[i].host);
        check_text(url->port, rows[i].port);
        check_text(url->user, rows[i].user);
        check_text(url->password, rows[i].password);
        check_text(store_url_text(url), rows[i].text);
        assert_int_equal(url->db, rows[i].db);
    }
}

static void test_the_three_spellings_of_a_unix_socket(void **state)
{
    static const char *const urls[] = {"unix:///run/r.sock", "unix:/run/r.sock", "/run/r.sock"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct store_url *url = parse(urls[i]);
        check_text(url->path, "/run/r.sock");
        check_text(url->host, NULL);
        check_text(store_url_text(url), "unix:///run/r.sock");
        assert_int_equal(url->db, 0);
    }
    const struct store_url *url = parse("unix:///run/my%20r.sock?db=7");
    check_text(url->path, "/run/my r.sock");
    check_text(store_url_text(url), "unix:///run/my r.sock?db=7");
    assert_int_equal(url->db, 7);
}

static void test_a_wrong_url_is_refused_and_never_quoted(void **state)
{
    static const char *const urls[] = {
        "",
        "secret",
        "http://secret",
        "redis:secret",
        "redis://",
        "redis:///1",
        "redis://:secret@",
        "redis://secret:0",
        "redis://secret:65536",
        "redis://secret:12a",
        "redis://secret:-1",
        "redis://secret/x",
        "redis://secret/1/2",
        "redis://secret/-1",
        "redis://secret/99999999999999999999",
        "redis://secret?db=1",
        "redis://u:secret#@h",
        "redis://u:secret%@h",
        "redis://u:secret%4@h",
        "redis://u:secret%zz@h",
        "redis://u:secret%00@h",
        "redis://[::1",
        "redis://[::1]secret",
        "redis://[]:1",
        "unix:",
        "unix://",
        "unix://secret/r.sock",
        "unix:///",
        "unix:///secret?db=",
        "unix:///secret?db=x",
        "unix:///secret?other=1",
        "unix:///secret%0",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char error[256] = "";
        const struct store_url *url = store_url_parse(urls[i], &plain, error, sizeof(error));
        if (url != NULL || error[0] == '\0' || strstr(error, "secret") != NULL)
            fail_msg("%s: %s", urls[i], url != NULL ? "accepted" : error);
    }
}

static void test_sentinel_and_cluster_are_refused_by_name(void **state)
{
    char error[256];
    (void)state;
    assert_null(store_url_parse("redis+sentinel://a,b/name/0", &plain, error, sizeof(error)));
    assert_non_null(strstr(error, "redis+sentinel://"));
    assert_null(store_url_parse("redis+cluster://a,b", &plain, error, sizeof(error)));
    assert_non_null(strstr(error, "redis+cluster://"));
}

static void test_a_socket_path_has_107_bytes(void **state)
{
    char path[109] = "/", error[256];
    (void)state;
    memset(path + 1, 'x', 107);
    assert_null(store_url_parse(path, &plain, error, sizeof(error)));
    assert_non_null(strstr(error, "107"));
    path[107] = '\0';
    assert_int_equal(strlen(parse(path)->path), 107);
}

static void test_options_fill_what_the_url_does_not_say(void **state)
{
    struct conf conf = plain;
    (void)state;
    conf.redis_user = "user";
    conf.redis_password = "password";
    const struct store_url *url = parse_with("redis://h", &conf);
    check_text(url->user, "user");
    check_text(url->password, "password");
    url = parse_with("redis://u:p@h", &conf);
    check_text(url->user, "u");
    check_text(url->password, "p");
    url = parse_with("/run/r.sock", &conf);
    check_text(url->password, "password");
}

static void test_rediss_has_a_tls_context(void **state)
{
    const struct store_url *url = parse("rediss://u:pw@h/1");
    (void)state;
    assert_non_null(url->tls);
    assert_false(url->has_client_certificate);
    check_text(store_url_text(url), "rediss://h:6379/1");
}

static void test_tls_files_that_cannot_be_used_are_named(void **state)
{
    struct conf conf = plain;
    char error[256];
    (void)state;
    conf.redis_ca = "no/such/ca.pem";
    assert_null(store_url_parse("rediss://h", &conf, error, sizeof(error)));
    assert_non_null(strstr(error, "--redis-ca no/such/ca.pem"));
    parse_with("redis://h", &conf);
    conf.redis_ca = "";
    conf.redis_key = "k.pem";
    assert_null(store_url_parse("rediss://h", &conf, error, sizeof(error)));
    assert_non_null(strstr(error, "--redis-cert"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_parts_of_a_tcp_address),
        cmocka_unit_test(test_the_three_spellings_of_a_unix_socket),
        cmocka_unit_test(test_a_wrong_url_is_refused_and_never_quoted),
        cmocka_unit_test(test_sentinel_and_cluster_are_refused_by_name),
        cmocka_unit_test(test_a_socket_path_has_107_bytes),
        cmocka_unit_test(test_options_fill_what_the_url_does_not_say),
        cmocka_unit_test(test_rediss_has_a_tls_context),
        cmocka_unit_test(test_tls_files_that_cannot_be_used_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
