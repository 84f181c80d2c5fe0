/* test_store_script.c: a script is sent by its digest, loaded once more when Redis has forgotten
 * it, and its error words become errors.
 *
 * The connection is a fake: it notes what would be sent, and the test says what came back.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "internal.h"
#include "kvcrm/store/script.h"
#include "reader.h"

/* The fake connection -------------------------------------------------------------------------- */

static struct buf sent; /* commands as words with blanks, each ended by a new line */
static unsigned words_left;
static enum err submit_refusal, unheard_refusal;

static void end_word(void)
{
    assert_true(words_left > 0); /* as many words as were announced */
    buf_char(&sent, --words_left > 0 ? ' ' : '\n');
}

void store_args(struct store *store, unsigned count)
{
    (void)store;
    assert_int_equal(words_left, 0);
    words_left = count;
}

void store_arg(struct store *store, struct slice arg)
{
    (void)store;
    buf_add(&sent, arg);
    end_word();
}

void store_arg_i64(struct store *store, int64_t v)
{
    (void)store;
    buf_i64(&sent, v);
    end_word();
}

static enum err write_command(struct store *store, struct cmd *cmd, enum err refusal)
{
    if (refusal != OK)
        return refusal;
    cmd->store = store;
    cmd->build(cmd, store);
    assert_int_equal(words_left, 0);
    return OK;
}

enum err store_submit(struct store *store, struct cmd *cmd)
{
    return write_command(store, cmd, submit_refusal);
}

enum err store_send_unheard(struct store *store, struct cmd *shape)
{
    return write_command(store, shape, unheard_refusal);
}

/* A call --------------------------------------------------------------------------------------- */

static const struct script sample = {
    .name = "sample", .sha1 = "abc", .text = "the text and more", .length = 8, .keys = 1};
static struct store *const store = (struct store *)&sent; /* only ever passed on */
static struct script_call call;
static unsigned done_count;
static enum err done_err;
static bool had_reply;

static void on_done(struct script_call *done, enum err err, const struct reply *reply)
{
    assert_ptr_equal(done, &call);
    assert_string_equal(done->data, "mine");
    done_count++;
    done_err = err;
    had_reply = reply != NULL;
}

static int begin(void **state)
{
    static char data[] = "mine";
    (void)state;
    buf_init(&sent, 4096);
    submit_refusal = unheard_refusal = OK;
    words_left = done_count = 0;
    memset(&call, 0xA5, sizeof call); /* script_begin leaves nothing to chance */
    script_begin(&call, &sample, on_done, data);
    script_key(&call, SLICE("key1"));
    script_key(&call, SLICE("key2"));
    script_arg(&call, SLICE("arg1"));
    script_arg(&call, SLICE(""));
    script_arg(&call, SLICE("arg3"));
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_dispose(&sent);
    return 0;
}

/* What Redis answers to the command under way. */
static void reply_with(const char *resp)
{
    struct reader *reader = reader_new();
    const struct reply *reply;
    reader_feed(reader, slice_of(resp));
    assert_int_equal(reader_next(reader, &reply), READER_REPLY);
    call.cmd.done(&call.cmd, OUTCOME_REPLY, reply);
    reader_free(reader);
}

static void check_sent(const char *expected)
{
    if (!slice_is(buf_slice(&sent), expected))
        fail_msg("sent: %.*s", SLICE_ARGS(buf_slice(&sent)));
}

#define COMMAND "EVALSHA abc 2 key1 key2 arg1  arg3\n"
#define LOAD "SCRIPT LOAD the text\n"
#define FORGOTTEN "-NOSCRIPT No matching script. Please use EVAL.\r\n"

static void test_a_call_is_the_digest_the_keys_and_the_arguments(void **state)
{
    (void)state;
    assert_int_equal(script_run(store, &call), OK);
    check_sent(COMMAND);
    assert_int_equal(done_count, 0);
}

static void test_a_good_reply_is_handed_on(void **state)
{
    (void)state;
    assert_int_equal(script_run(store, &call), OK);
    reply_with("*1\r\n:1\r\n");
    assert_int_equal(done_count, 1);
    assert_int_equal(done_err, OK);
    assert_true(had_reply);
}

static void test_an_error_word_becomes_its_error_with_the_text_at_hand(void **state)
{
    static const struct {
        const char *reply;
        enum err err;
    } rows[] = {
        {"-NOTFOUND no such contact\r\n", ERR_NOT_FOUND},
        {"-VERSION 3\r\n", ERR_PRECONDITION_FAILED},
        {"-MISMATCH the key was used with another request\r\n", ERR_IDEMPOTENCY_MISMATCH},
        {"-TOOOLD the position has left the stream\r\n", ERR_SINCE_TOO_OLD},
        {"-NUMBER the contact number is taken\r\n", ERR_NUMBER_TAKEN},
        {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", ERR_REDIS_FULL},
        {"-READONLY You can't write against a read only replica.\r\n", ERR_REDIS_READONLY},
        {"-ERR user_script:1: oops\r\n", ERR_INTERNAL},
        {"-WRONGTYPE Operation against a key\r\n", ERR_INTERNAL},
        {"-NOSCRIPTS are not what this is about\r\n", ERR_INTERNAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        end(NULL);
        begin(NULL);
        assert_int_equal(script_run(store, &call), OK);
        reply_with(rows[i].reply);
        assert_int_equal(done_count, 1);
        if (done_err != rows[i].err)
            fail_msg("%s", rows[i].reply);
        assert_true(had_reply);
        check_sent(COMMAND);
    }
}

static void test_a_forgotten_script_is_loaded_and_run_again(void **state)
{
    (void)state;
    assert_int_equal(script_run(store, &call), OK);
    reply_with(FORGOTTEN);
    check_sent(COMMAND LOAD COMMAND);
    assert_int_equal(done_count, 0);
    reply_with(":7\r\n");
    assert_int_equal(done_count, 1);
    assert_int_equal(done_err, OK);
}

static void test_a_script_that_is_forgotten_every_time_was_surely_not_run(void **state)
{
    (void)state;
    assert_int_equal(script_run(store, &call), OK);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(done_count, 0);
        reply_with(FORGOTTEN);
    }
    check_sent(COMMAND LOAD COMMAND LOAD COMMAND LOAD COMMAND LOAD COMMAND LOAD COMMAND);
    assert_int_equal(done_count, 1);
    assert_int_equal(done_err, ERR_REDIS_UNAVAILABLE);
}

static void test_when_the_second_try_cannot_be_sent_it_was_surely_not_run(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        end(NULL);
        begin(NULL);
        assert_int_equal(script_run(store, &call), OK);
        *(i == 0 ? &unheard_refusal : &submit_refusal) = ERR_OVERLOADED;
        reply_with(FORGOTTEN);
        assert_int_equal(done_count, 1);
        assert_int_equal(done_err, ERR_REDIS_UNAVAILABLE);
    }
}

static void test_an_error_after_the_second_try_is_that_error(void **state)
{
    (void)state;
    assert_int_equal(script_run(store, &call), OK);
    reply_with(FORGOTTEN);
    reply_with("-NOTFOUND no such task\r\n");
    assert_int_equal(done_count, 1);
    assert_int_equal(done_err, ERR_NOT_FOUND);
}

static void test_a_lost_connection_tells_what_is_known(void **state)
{
    static const struct {
        enum outcome outcome;
        enum err err;
    } rows[] = {
        {OUTCOME_NOT_SENT, ERR_REDIS_UNAVAILABLE},
        {OUTCOME_UNKNOWN, ERR_OUTCOME_UNKNOWN},
        {OUTCOME_DEADLINE, ERR_OUTCOME_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        end(NULL);
        begin(NULL);
        assert_int_equal(script_run(store, &call), OK);
        call.cmd.done(&call.cmd, rows[i].outcome, NULL);
        assert_int_equal(done_count, 1);
        assert_int_equal(done_err, rows[i].err);
        assert_false(had_reply);
    }
}

static void test_a_refused_call_is_returned_and_calls_nobody_back(void **state)
{
    (void)state;
    submit_refusal = ERR_OVERLOADED;
    assert_int_equal(script_run(store, &call), ERR_OVERLOADED);
    assert_int_equal(done_count, 0);
}

static void test_a_call_may_have_as_many_words_as_there_is_room_for(void **state)
{
    (void)state;
    while (call.count < SCRIPT_MAX_ARGS)
        script_arg(&call, SLICE("x"));
    assert_int_equal(script_run(store, &call), OK);
    assert_int_equal(call.count, SCRIPT_MAX_ARGS);
}

static void test_each_embedded_script_is_named_and_has_its_text_and_digest(void **state)
{
    unsigned count = 0;
    (void)state;
    for (; scripts[count] != NULL; count++) {
        const struct script *script = scripts[count];
        assert_true(script->keys >= 1);
        assert_int_equal(strlen(script->sha1), 40);
        struct slice text = {script->text, script->length};
        assert_true(slice_starts(text, SLICE("#!lua")));
        assert_int_equal(script->writes, !slice_starts(text, SLICE("#!lua flags=no-writes\n")));
        for (unsigned i = 0; i < count; i++)
            assert_string_not_equal(scripts[i]->name, script->name);
    }
    assert_true(count >= 14);
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(test_a_call_is_the_digest_the_keys_and_the_arguments),
        WITH_CALL(test_a_good_reply_is_handed_on),
        WITH_CALL(test_an_error_word_becomes_its_error_with_the_text_at_hand),
        WITH_CALL(test_a_forgotten_script_is_loaded_and_run_again),
        WITH_CALL(test_a_script_that_is_forgotten_every_time_was_surely_not_run),
        WITH_CALL(test_when_the_second_try_cannot_be_sent_it_was_surely_not_run),
        WITH_CALL(test_an_error_after_the_second_try_is_that_error),
        WITH_CALL(test_a_lost_connection_tells_what_is_known),
        WITH_CALL(test_a_refused_call_is_returned_and_calls_nobody_back),
        WITH_CALL(test_a_call_may_have_as_many_words_as_there_is_room_for),
        cmocka_unit_test(test_each_embedded_script_is_named_and_has_its_text_and_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
