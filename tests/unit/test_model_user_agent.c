/* test_model_user_agent.c: browsers that name others are still told apart; devices by their marks.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kvcrm/model/user_agent.h"

#define WINDOWS "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
#define WEBKIT "AppleWebKit/537.36 (KHTML, like Gecko) "
#define IPHONE "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "

static const struct {
    const char *text, *device, *browser;
} rows[] = {
    {WINDOWS WEBKIT "Chrome/126.0.0.0 Safari/537.36", "desktop", "Chrome"},
    {WINDOWS WEBKIT "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "desktop", "Edge"},
    {WINDOWS "Gecko/20100101 Firefox/127.0", "desktop", "Firefox"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.5 Safari/605.1.15",
     "desktop", "Safari"},
    {IPHONE "Version/17.5 Mobile/15E148 Safari/604.1", "mobile", "Safari"},
    {IPHONE "CriOS/126.0.0.0 Mobile/15E148 Safari/604.1", "mobile", "Chrome"},
    {IPHONE "FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "mobile", "Firefox"},
    {IPHONE "EdgiOS/125.0 Mobile/15E148 Safari/605.1.15", "mobile", "Edge"},
    {"Mozilla/5.0 (Linux; Android 10; K) " WEBKIT "Chrome/126.0.0.0 Mobile Safari/537.36", "mobile",
     "Chrome"},
    {"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "mobile", "Firefox"},
    {"Mozilla/5.0 (Linux; Android 10; K) " WEBKIT "Chrome/126.0.0.0 Safari/537.36", "tablet",
     "Chrome"},
    {"Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", "tablet", "Firefox"},
    {"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1",
     "tablet", "Safari"},
    {"curl/8.5.0", "desktop", "unknown"},
};

static void test_each_browser_and_device_is_known_by_its_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice text = slice_of(rows[i].text);
        if (!slice_is(user_agent_device(text), rows[i].device) ||
            !slice_is(user_agent_browser(text), rows[i].browser))
            fail_msg("%s is %.*s, %.*s", rows[i].text, SLICE_ARGS(user_agent_device(text)),
                     SLICE_ARGS(user_agent_browser(text)));
    }
}

static void test_who_says_nothing_has_neither(void **state)
{
    (void)state;
    assert_null(user_agent_device(SLICE_NONE).p);
    assert_null(user_agent_browser(SLICE("")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_browser_and_device_is_known_by_its_marks),
        cmocka_unit_test(test_who_says_nothing_has_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
