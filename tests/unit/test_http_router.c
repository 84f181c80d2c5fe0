/* test_http_router.c: which route a method and a path lead to, and what a path takes.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "router.h"

static struct router *router;
static struct slice params[CALL_MAX_PARAMS];

static int begin(void **state)
{
    (void)state;
    router = router_new("crm-events");
    return 0;
}

static int end(void **state)
{
    (void)state;
    router_free(router);
    return 0;
}

static enum err find(const char *method, const char *path, const struct route **route)
{
    *route = NULL;
    memset(params, 0, sizeof params);
    return router_find(router, slice_of(method), slice_of(path), route, params);
}

/* The operation's name; NULL for no such path; "405" for another method. */
static const char *op_of(const char *method, const char *path)
{
    const struct route *route;
    enum err err = find(method, path, &route);
    if (err == ERR_NO_SUCH_PATH)
        return NULL;
    assert_non_null(route);
    return err == OK ? route->op->name : "405";
}

static void check(const char *method, const char *path, const char *op)
{
    const char *got = op_of(method, path);
    if (got == NULL || op == NULL ? got != op : strcmp(got, op) != 0)
        fail_msg("%s %s leads to %s instead of %s", method, path, got != NULL ? got : "nothing",
                 op != NULL ? op : "nothing");
}

/* A path that the pattern stands for: make-server-x and p1, p2, … in place of its parameters. */
static void write_path(const char *pattern, char *path, size_t size)
{
    size_t n = 0;
    unsigned count = 0;
    for (const char *at = pattern; *at != '\0'; at++) {
        assert_true(n + 20 < size);
        if (*at != '{') {
            path[n++] = *at;
            continue;
        }
        bool is_function = strncmp(at, "{function}", 10) == 0;
        count++;
        n += (size_t)(is_function ? snprintf(path + n, size - n, "make-server-x")
                                  : snprintf(path + n, size - n, "p%u", count));
        at = strchr(at, '}');
    }
    path[n] = '\0';
}

static void test_every_row_of_the_table_is_found(void **state)
{
    char path[200];
    (void)state;
    assert_true(route_count > 20);
    for (unsigned i = 0; i < route_count; i++) {
        const struct route *route;
        write_path(routes[i].path, path, sizeof path);
        if (find(routes[i].method, path, &route) != OK || route != &routes[i])
            fail_msg("%s %s", routes[i].method, path);
    }
}

static void test_every_row_has_its_parameters_as_they_stand_in_the_path(void **state)
{
    const struct route *route;
    (void)state;
    assert_int_equal(find("GET", "/v1/contacts/contact_%41b/timeline", &route), OK);
    assert_true(slice_is(params[0], "contact_%41b"));
    assert_int_equal(find("POST", "/functions/v1/make-server-b43c05fb/track-event", &route), OK);
    assert_true(slice_is(params[0], "make-server-b43c05fb"));
}

static void test_one_slash_at_the_end_is_ignored_and_no_second_one(void **state)
{
    char path[204];
    (void)state;
    for (unsigned i = 0; i < route_count; i++) {
        const struct route *route;
        write_path(routes[i].path, path, sizeof path - 2);
        strcat(path, "/");
        if (find(routes[i].method, path, &route) != OK || route != &routes[i])
            fail_msg("%s %s", routes[i].method, path);
        strcat(path, "/");
        if (find(routes[i].method, path, &route) == OK && route == &routes[i])
            fail_msg("%s %s", routes[i].method, path);
    }
}

static void test_b03_any_make_server_name_and_the_named_function_are_served(void **state)
{
    (void)state;
    check("POST", "/make-server-b43c05fb/track-event", "event_track");
    check("POST", "/make-server-1/track-event", "event_track");
    check("POST", "/crm-events/track-event", "event_track");
    check("POST", "/functions/v1/crm-events/track-event", "event_track");
    check("GET", "/crm-events/health", "health");
    check("POST", "/make-server-/track-event", NULL);
    check("POST", "/make-serverx/track-event", NULL);
    check("POST", "/Make-Server-x/track-event", NULL);
    check("POST", "/crm-event/track-event", NULL);
    check("POST", "/crm-eventss/track-event", NULL);
    check("POST", "//track-event", NULL);
    check("POST", "/functions/v1/track-event", NULL);
}

static void test_without_a_named_function_only_make_server_names_are_served(void **state)
{
    struct router *plain = router_new("");
    const struct route *route;
    (void)state;
    assert_int_equal(
        router_find(plain, SLICE("POST"), SLICE("/crm-events/track-event"), &route, params),
        ERR_NO_SUCH_PATH);
    assert_int_equal(router_find(plain, SLICE("POST"), SLICE("//track-event"), &route, params),
                     ERR_NO_SUCH_PATH);
    assert_int_equal(
        router_find(plain, SLICE("POST"), SLICE("/make-server-x/track-event"), &route, params), OK);
    router_free(plain);
}

static void test_a_literal_beats_a_parameter(void **state)
{
    (void)state;
    check("GET", "/v1/contacts/lookup", "contact_lookup");
    check("GET", "/v1/contacts/lookups", "contact_get");
    check("GET", "/v1/contacts/Lookup", "contact_get");
    check("POST", "/v1/track-event", "event_track");
    /* Also when the literal does not take the method. */
    check("POST", "/v1/contacts/lookup", "405");
}

static void test_head_is_get(void **state)
{
    char path[200];
    (void)state;
    for (unsigned i = 0; i < route_count; i++) {
        const struct route *route;
        write_path(routes[i].path, path, sizeof path);
        bool is_get = strcmp(routes[i].method, "GET") == 0;
        enum err err = find("HEAD", path, &route);
        if (is_get && (err != OK || route != &routes[i]))
            fail_msg("HEAD %s", path);
    }
    check("HEAD", "/v1/track-event", "405");
    check("HEAD", "/v1/settings", "settings_get");
}

static void test_what_is_no_path_is_not_found(void **state)
{
    static const char *const paths[] = {
        "/",
        "",
        "//",
        "v1/contacts",
        "/v1",
        "/v1/contact",
        "/v1/contactss",
        "/V1/contacts",
        "/v1/Contacts",
        "/v1//contacts",
        "/v1/contacts//timeline",
        "/v1/contacts/x/timelines",
        "/v1/contacts/x/timeline/y",
        "/v1/contacts/x/",
        "/v1/contacts/x/y",
        "/api/leads/x/y/z/w/v",
        "/v1/contacts\n",
        "/healthz/x",
        "/v1/contacts?limit=1",
        "/{function}/health",
        "/v1/contacts/\xff/timelin",
    };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        bool is_contact = strcmp(paths[i], "/v1/contacts/x/") == 0; /* the slash is ignored */
        check("GET", paths[i], is_contact ? "contact_get" : NULL);
    }
    const struct route *route;
    assert_int_equal(router_find(router, SLICE("GET"), SLICE_NONE, &route, params),
                     ERR_NO_SUCH_PATH);
    assert_int_equal(router_find(router, SLICE("GET"), SLICE("/v1/contacts\0"), &route, params),
                     ERR_NO_SUCH_PATH);
}

static void test_another_method_is_405_and_not_404(void **state)
{
    static const char *const methods[] = {"DELETE", "PUT", "get", "GETS", "G", "", "OPTIONS"};
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        check(methods[i], "/v1/contacts", "405");
        check(methods[i], "/v1/contacts/x/timeline", "405");
        check(methods[i], "/v1/settings", "405");
        check(methods[i], "/make-server-x/track-event", "405");
        check(methods[i], "/v1/nothing", NULL);
    }
}

static void check_allow(const char *method, const char *path, const char *allow)
{
    const struct route *route;
    struct arena arena;
    arena_init(&arena, NULL, 0);
    assert_int_equal(find(method, path, &route), ERR_METHOD_NOT_ALLOWED);
    struct slice got = router_allow(route, &arena);
    if (!slice_is(got, allow))
        fail_msg("%s takes %.*s", path, SLICE_ARGS(got));
    arena_dispose(&arena);
}

static void test_allow_names_all_methods_of_the_path(void **state)
{
    (void)state;
    check_allow("PUT", "/v1/contacts", "GET, HEAD, OPTIONS");
    check_allow("PUT", "/v1/contacts/contact_x", "GET, HEAD, OPTIONS");
    check_allow("PUT", "/v1/settings/", "GET, HEAD, PATCH, OPTIONS");
    check_allow("GET", "/v1/track-event", "POST, OPTIONS");
    check_allow("GET", "/make-server-x/track-event", "POST, OPTIONS");
}

static void test_allow_and_the_routes_agree(void **state)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    struct arena arena;
    char path[200];
    (void)state;
    arena_init(&arena, NULL, 0);
    for (unsigned i = 0; i < route_count; i++) {
        struct slice rest = router_allow(&routes[i], &arena), one;
        unsigned allowed = 0, taken = 0;
        write_path(routes[i].path, path, sizeof path);
        while (slice_cut(&rest, ',', &one)) {
            struct slice method = slice_trim(one);
            const struct route *route;
            allowed++;
            if (!slice_is(method, "OPTIONS"))
                assert_int_equal(router_find(router, method, slice_of(path), &route, params), OK);
        }
        for (size_t j = 0; j < sizeof methods / sizeof methods[0]; j++) {
            const struct route *route;
            taken += find(methods[j], path, &route) == OK;
        }
        assert_int_equal(allowed, taken + 1); /* OPTIONS */
    }
    arena_dispose(&arena);
}

static void test_errors_of_unknown_paths_look_as_their_neighbours_do(void **state)
{
    (void)state;
    assert_int_equal(router_style(SLICE("/api/leads")), STYLE_SEED);
    assert_int_equal(router_style(SLICE("/make-server-x/y")), STYLE_SEED);
    assert_int_equal(router_style(SLICE("/functions/v1/x")), STYLE_SEED);
    assert_int_equal(router_style(SLICE("/v1/x")), STYLE_PROBLEM);
    assert_int_equal(router_style(SLICE("/apiary")), STYLE_PROBLEM);
    assert_int_equal(router_style(SLICE("/")), STYLE_PROBLEM);
    assert_int_equal(router_style(SLICE("")), STYLE_PROBLEM);
}

static void test_each_route_of_the_table_is_complete(void **state)
{
    (void)state;
    for (unsigned i = 0; i < route_count; i++) {
        const struct op *op = routes[i].op;
        assert_non_null(op);
        assert_non_null(op->run);
        assert_true(strlen(op->name) > 0);
        /* What writes takes an Idempotency-Key, and is no GET; a preview asks with a body. */
        bool asks =
            strcmp(routes[i].method, "GET") == 0 || strcmp(op->name, "segment_preview") == 0;
        assert_int_equal(op->writes, !asks);
        for (unsigned j = 0; j < i; j++)
            assert_false(strcmp(routes[i].path, routes[j].path) == 0 &&
                         strcmp(routes[i].method, routes[j].method) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_of_the_table_is_found),
        cmocka_unit_test(test_every_row_has_its_parameters_as_they_stand_in_the_path),
        cmocka_unit_test(test_one_slash_at_the_end_is_ignored_and_no_second_one),
        cmocka_unit_test(test_b03_any_make_server_name_and_the_named_function_are_served),
        cmocka_unit_test(test_without_a_named_function_only_make_server_names_are_served),
        cmocka_unit_test(test_a_literal_beats_a_parameter),
        cmocka_unit_test(test_head_is_get),
        cmocka_unit_test(test_what_is_no_path_is_not_found),
        cmocka_unit_test(test_another_method_is_405_and_not_404),
        cmocka_unit_test(test_allow_names_all_methods_of_the_path),
        cmocka_unit_test(test_allow_and_the_routes_agree),
        cmocka_unit_test(test_errors_of_unknown_paths_look_as_their_neighbours_do),
        cmocka_unit_test(test_each_route_of_the_table_is_complete),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
