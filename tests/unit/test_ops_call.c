/* test_ops_call.c: a call answers once, whichever way its script ends; entity tags match weakly.
 *
 * The store is a fake: script_run keeps the call, and the test says what came of it.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kvcrm/ops/call.h"

/* The fake store ------------------------------------------------------------------------------- */

static enum err refusal; /* what script_run answers */
static unsigned runs;

void script_begin(struct script_call *call, const struct script *script,
                  void (*done)(struct script_call *, enum err, const struct reply *), void *data)
{
    call->script = script;
    call->keys = call->count = 0;
    call->done = done;
    call->data = data;
}

void script_key(struct script_call *call, struct slice key)
{
    call->keys++;
    script_arg(call, key);
}

void script_arg(struct script_call *call, struct slice arg)
{
    call->args[call->count++] = arg;
}

enum err script_run(struct store *store, struct script_call *call)
{
    (void)store;
    (void)call;
    runs++;
    return refusal;
}

/* A call --------------------------------------------------------------------------------------- */

static struct env env;
static struct call *call;
static unsigned answers;
static struct answer told; /* what respond found, with the body copied */
static char body[64];

static void respond(struct call *answered)
{
    assert_ptr_equal(answered, call);
    answers++;
    told = answered->out;
    assert_true(told.body.n < sizeof body);
    memcpy(body, told.body.n > 0 ? told.body.p : "", told.body.n);
    body[told.body.n] = '\0';
}

static int begin(void **state)
{
    (void)state;
    call = malloc(sizeof *call);
    memset(call, 0xA5, sizeof *call); /* call_init leaves nothing to chance */
    memset(&env, 0, sizeof env);
    buf_init(&env.body, 1 << 16);
    key_tag(&env.tag, SLICE("acme"), false);
    answers = runs = 0;
    refusal = OK;
    call_init(call, &env, NULL, respond, &answers);
    return 0;
}

static int end(void **state)
{
    (void)state;
    call_dispose(call);
    free(call);
    buf_dispose(&env.body);
    return 0;
}

/* Answers -------------------------------------------------------------------------------------- */

static void test_a_new_call_has_no_input_and_no_answer(void **state)
{
    (void)state;
    assert_false(call->answered);
    assert_int_equal(call->out.status, 0);
    assert_int_equal(call->faults.count, 0);
    assert_int_equal(call->fields.faults.count, 0);
    assert_int_equal(call->query.count, 0);
    assert_int_equal(call->in.idempotency_key.n, 0);
    assert_null(call->out.faults);
    assert_null(call->state);
    assert_ptr_equal(call->owner, &answers);
}

static void test_a_good_answer_has_status_and_body(void **state)
{
    (void)state;
    buf_str(call_body(call), "{\"a\":1}");
    call_ok(call, 200);
    assert_int_equal(answers, 1);
    assert_int_equal(told.status, 200);
    assert_int_equal(told.err, OK);
    assert_string_equal(body, "{\"a\":1}");
}

static void test_the_body_begins_empty_each_time(void **state)
{
    (void)state;
    buf_str(call_body(call), "left over");
    buf_str(call_body(call), "new");
    call_ok(call, 200);
    assert_string_equal(body, "new");
}

static void test_an_answer_that_did_not_fit_is_an_error_and_not_half_an_answer(void **state)
{
    (void)state;
    struct buf *out = call_body(call);
    for (int i = 0; i < (1 << 16) + 1; i++)
        buf_char(out, 'x');
    call_ok(call, 200);
    assert_int_equal(answers, 1);
    assert_int_equal(told.err, ERR_INTERNAL);
    assert_int_equal(told.status, 500);
    assert_int_equal(told.body.n, 0);
}

static void test_an_error_has_the_status_of_its_row(void **state)
{
    (void)state;
    call_fail(call, ERR_NOT_FOUND, NULL);
    assert_int_equal(answers, 1);
    assert_int_equal(told.err, ERR_NOT_FOUND);
    assert_int_equal(told.status, 404);
    assert_int_equal(told.detail.n, 0);
}

static void test_an_error_may_say_more(void **state)
{
    (void)state;
    call_fail(call, ERR_BAD_QUERY, "Expected one of three");
    assert_true(slice_is(told.detail, "Expected one of three"));
    assert_int_equal(told.status, 400);
}

static void test_faults_are_answered_422_with_their_list(void **state)
{
    (void)state;
    fault_add(&call->faults, &call->arena, SLICE("title"), "required", "Required");
    call_invalid(call, &call->faults);
    assert_int_equal(told.status, 422);
    assert_int_equal(told.err, ERR_VALIDATION);
    assert_ptr_equal(told.faults, &call->faults);
}

static void test_an_unchanged_list_is_304_without_a_body(void **state)
{
    (void)state;
    buf_str(call_body(call), "left over");
    call->out.etag = SLICE("W/\"1\"");
    call_not_modified(call);
    assert_int_equal(told.status, 304);
    assert_int_equal(told.body.n, 0);
    assert_true(slice_is(told.etag, "W/\"1\""));
}

/* In a child process: true when it ended by abort(). */
static bool aborts(void (*function)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) != NULL)
            function();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void answer_once(void)
{
    call_fail(call, ERR_NOT_FOUND, NULL);
}

static void answer_twice(void)
{
    answer_once();
    call_ok(call, 200);
}

static void test_a_second_answer_is_our_mistake_and_stops_the_program(void **state)
{
    (void)state;
    assert_false(aborts(answer_once));
    assert_true(aborts(answer_twice));
}

/* Scripts -------------------------------------------------------------------------------------- */

static const struct script script = {.name = "sample", .keys = 1};
static unsigned replies;

static void on_reply(struct script_call *done, enum err err, const struct reply *reply)
{
    replies++;
    if (call_failed(done->data, err, reply))
        return;
    buf_str(call_body(done->data), "done");
    call_ok(done->data, 200);
}

static void start(void)
{
    replies = 0;
    call_script(call, &script, on_reply);
    script_key(&call->script, call_key(call, KEY_CONTACT, SLICE("x")));
    call_arg(call, SLICE("a"));
    call_arg_i64(call, -42);
    call_run_script(call);
}

static void test_keys_carry_the_workspace_and_arguments_follow_in_order(void **state)
{
    (void)state;
    start();
    assert_int_equal(runs, 1);
    assert_ptr_equal(call->script.script, &script);
    assert_int_equal(call->script.keys, 1);
    assert_int_equal(call->script.count, 3);
    assert_true(slice_is(call->script.args[0], "crm_contact_{acme}_x"));
    assert_true(slice_is(call->script.args[1], "a"));
    assert_true(slice_is(call->script.args[2], "-42"));
    assert_int_equal(answers, 0);
}

static void test_a_good_reply_is_answered_by_the_operation_once(void **state)
{
    (void)state;
    start();
    call->script.done(&call->script, OK, NULL);
    assert_int_equal(answers, 1);
    assert_string_equal(body, "done");
}

static void test_every_error_of_a_script_is_answered_once_with_its_status(void **state)
{
    (void)state;
    for (int err = OK + 1; err < ERR_COUNT; err++) {
        if (err > OK + 1) {
            end(NULL);
            begin(NULL);
        }
        start();
        call->script.done(&call->script, err, NULL);
        assert_int_equal(answers, 1);
        assert_int_equal(told.err, err);
        assert_int_equal(told.status, err_row(err)->status);
        assert_int_equal(told.body.n, 0);
    }
}

static void test_a_store_that_refuses_is_answered_at_once_and_calls_nobody_back(void **state)
{
    static const enum err refusals[] = {ERR_REDIS_UNAVAILABLE, ERR_OVERLOADED};
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (i > 0) {
            end(NULL);
            begin(NULL);
        }
        refusal = refusals[i];
        start();
        assert_int_equal(answers, 1);
        assert_int_equal(replies, 0);
        assert_int_equal(told.err, refusals[i]);
        assert_int_equal(told.status, 503);
    }
}

static void test_the_time_of_redis_is_measured_also_when_it_fails(void **state)
{
    (void)state;
    assert_int_equal(call->redis_us, 0);
    start();
    call->sent_us -= 5000;
    call->script.done(&call->script, ERR_NOT_FOUND, NULL);
    assert_true(call->redis_us >= 5000);
}

/* Entity tags ---------------------------------------------------------------------------------- */

static void test_an_entity_tag_is_found_in_the_list_of_the_caller_weak_or_strong(void **state)
{
    static const struct {
        const char *if_none_match, *etag;
        bool matches;
    } rows[] = {
        {"\"v1\"", "\"v1\"", true},
        {"W/\"v1\"", "\"v1\"", true},
        {"\"v1\"", "W/\"v1\"", true},
        {"W/\"v1\"", "W/\"v1\"", true},
        {"*", "\"v1\"", true},
        {" * ", "W/\"v1\"", true},
        {"\"a\", \"b\" ,W/\"v1\"", "\"v1\"", true},
        {"\"v1\",", "\"v1\"", true},
        {",,\"v1\"", "\"v1\"", true},
        {"\"v1\"", "\"v2\"", false},
        {"\"v1\"", "\"v11\"", false},
        {"\"v11\"", "\"v1\"", false},
        {"v1", "\"v1\"", false},
        {"w/\"v1\"", "\"v1\"", false}, /* W is a capital letter */
        {"\"*\"", "\"v1\"", false},
        {"", "\"v1\"", false},
        {",", "\"v1\"", false},
        {"\"\"", "\"v1\"", false},
        {"\"v1\"", "", false},
        {"", "", false},
        {",", "", false},
        {"W/", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (call_etag_matches(slice_of(rows[i].if_none_match), slice_of(rows[i].etag)) !=
            rows[i].matches)
            fail_msg("%s against %s", rows[i].if_none_match, rows[i].etag);
    assert_false(call_etag_matches(SLICE_NONE, SLICE("\"v1\"")));
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(test_a_new_call_has_no_input_and_no_answer),
        WITH_CALL(test_a_good_answer_has_status_and_body),
        WITH_CALL(test_the_body_begins_empty_each_time),
        WITH_CALL(test_an_answer_that_did_not_fit_is_an_error_and_not_half_an_answer),
        WITH_CALL(test_an_error_has_the_status_of_its_row),
        WITH_CALL(test_an_error_may_say_more),
        WITH_CALL(test_faults_are_answered_422_with_their_list),
        WITH_CALL(test_an_unchanged_list_is_304_without_a_body),
        WITH_CALL(test_a_second_answer_is_our_mistake_and_stops_the_program),
        WITH_CALL(test_keys_carry_the_workspace_and_arguments_follow_in_order),
        WITH_CALL(test_a_good_reply_is_answered_by_the_operation_once),
        WITH_CALL(test_every_error_of_a_script_is_answered_once_with_its_status),
        WITH_CALL(test_a_store_that_refuses_is_answered_at_once_and_calls_nobody_back),
        WITH_CALL(test_the_time_of_redis_is_measured_also_when_it_fails),
        cmocka_unit_test(test_an_entity_tag_is_found_in_the_list_of_the_caller_weak_or_strong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
