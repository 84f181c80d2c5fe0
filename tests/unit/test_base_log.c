/* test_base_log.c: what is written when, in how many writes, with which time.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/base/log.h"
#include "log_capture.h"

static void test_the_time_is_the_real_one_even_when_the_clock_was_moved(void **state)
{
    struct pair pairs[MOST_PAIRS];
    int64_t before, after, ts;

    (void)state;
    capture_begin();
    clock_set_ms(0);
    before = (int64_t)time(NULL) * 1000 - 1000;
    log_info("m", LOG_INT("n", 1));
    log_flush();
    after = (int64_t)time(NULL) * 1000 + 2000;
    clock_set_ms(after);
    capture_end();
    assert_int_equal(read_logfmt(output.bytes, pairs), 4);
    assert_string_equal(pairs[0].key, "ts");
    assert_int_equal(pairs[0].n, strlen("2025-11-11T10:00:00.000Z"));
    assert_true(clock_parse(slice_of(pairs[0].value), &ts));
    assert_true(ts >= before && ts <= after);
}

static void test_the_cached_second_moves_on(void **state)
{
    struct pair pairs[MOST_PAIRS];
    int64_t deadline = clock_mono_us() + 20000000, first = 0, ts = 0;

    (void)state;
    while (ts - first < 1100) {
        assert_true(clock_mono_us() < deadline);
        capture_begin();
        log_info("m", LOG_INT("n", 1));
        log_flush();
        capture_end();
        read_logfmt(output.bytes, pairs);
        assert_true(clock_parse(slice_of(pairs[0].value), &ts));
        if (first == 0)
            first = ts;
        assert_true(ts >= first);
    }
}

static void test_lower_levels_than_the_least_are_not_written(void **state)
{
    (void)state;
    capture_begin();
    log_debug("not this", LOG_INT("n", 1));
    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT);
    log_warn("nor this", LOG_INT("n", 1));
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    log_debug("this", LOG_INT("n", 1));
    log_flush();
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    capture_end();
    assert_line_ends("level=debug msg=this n=1\n");
}

static void test_info_lines_wait_for_the_flush_and_leave_in_one_write(void **state)
{
    size_t before_flush;

    (void)state;
    capture_begin();
    for (int i = 0; i < 20; i++)
        log_info("m", LOG_INT("n", i));
    capture_read();
    before_flush = output.writes;
    log_flush();
    log_flush(); /* nothing left: no write */
    capture_end();
    assert_int_equal(before_flush, 0);
    assert_int_equal(output.writes, 1);
    assert_int_equal(line_count(), 20);
}

static void test_warnings_and_errors_leave_at_once_after_what_waited(void **state)
{
    size_t after_warning, after_error;

    (void)state;
    capture_begin();
    log_info("first", LOG_INT("n", 1));
    log_warn("second", LOG_INT("n", 2));
    capture_read();
    after_warning = line_count();
    log_error("third", LOG_INT("n", 3));
    capture_read();
    after_error = line_count();
    capture_end();
    assert_int_equal(after_warning, 2);
    assert_int_equal(after_error, 3);
    assert_non_null(strstr(output.bytes, "level=info msg=first n=1\n"));
    assert_non_null(strstr(output.bytes, "level=warn msg=second n=2\n"));
    assert_non_null(strstr(output.bytes, "level=error msg=third n=3\n"));
}

static void test_a_full_buffer_leaves_in_whole_lines_and_nothing_is_lost(void **state)
{
    enum { COUNT = 1000 };
    char value[150];
    const char *line = output.bytes;
    size_t before_flush = 0;

    (void)state;
    memset(value, 'x', sizeof(value));
    capture_begin();
    for (int i = 0; i < COUNT; i++) {
        log_info("m", LOG_INT("n", i), LOG_STR("v", ((struct slice){value, (size_t)(i % 150)})));
        capture_read();
    }
    before_flush = output.writes;
    log_flush();
    capture_end();
    assert_true(before_flush > 0);
    assert_int_equal(line_count(), COUNT);
    for (int i = 0; i < COUNT; i++) {
        struct pair pairs[MOST_PAIRS];

        assert_int_equal(read_logfmt(line, pairs), i % 150 == 0 ? 4 : 5);
        assert_int_equal(strtol(pairs[3].value, NULL, 10), i);
        line = strchr(line, '\n') + 1;
    }
    for (size_t i = 0; i < output.writes; i++) {
        assert_int_equal(output.bytes[output.ends[i] - 1], '\n');
        assert_true(output.ends[i] - (i > 0 ? output.ends[i - 1] : 0) <= PIPE_BUF);
    }
}

enum { THREADS = 3, PER_THREAD = 200 };

static void *log_many(void *number)
{
    for (int i = 0; i < PER_THREAD; i++) {
        log_info("m", LOG_INT("thread", *(int *)number), LOG_INT("n", i));
        if (i % 10 == 9)
            log_flush();
    }
    return NULL;
}

static void test_threads_keep_their_lines_whole_and_in_order(void **state)
{
    int numbers[THREADS], next[THREADS] = {0};
    pthread_t threads[THREADS];
    const char *line = output.bytes;

    (void)state;
    capture_begin();
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, log_many, &numbers[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    capture_end();
    assert_int_equal(line_count(), THREADS * PER_THREAD);
    for (int i = 0; i < THREADS * PER_THREAD; i++) {
        struct pair pairs[MOST_PAIRS];
        long thread;

        assert_int_equal(read_logfmt(line, pairs), 5);
        thread = strtol(pairs[3].value, NULL, 10);
        assert_in_range(thread, 0, THREADS - 1);
        assert_int_equal(strtol(pairs[4].value, NULL, 10), next[thread]++);
        line = strchr(line, '\n') + 1;
    }
}

static void *log_one(void *unused)
{
    log_info("left behind", LOG_INT("n", 1));
    return unused;
}

static void test_a_flush_writes_the_lines_of_its_own_thread_only(void **state)
{
    pthread_t thread;

    (void)state;
    capture_begin();
    if (pthread_create(&thread, NULL, log_one, NULL) != 0)
        abort();
    pthread_join(thread, NULL);
    log_flush();
    capture_end();
    assert_int_equal(output.n, 0);
}

static void test_a_closed_standard_error_does_no_harm(void **state)
{
    int saved = dup(STDERR_FILENO);

    (void)state;
    close(STDERR_FILENO);
    log_error("nobody reads this", LOG_INT("n", 1));
    dup2(saved, STDERR_FILENO);
    close(saved);
    capture_begin();
    log_info("m", LOG_INT("n", 2));
    log_flush();
    capture_end();
    assert_line_ends("level=info msg=m n=2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_time_is_the_real_one_even_when_the_clock_was_moved),
        cmocka_unit_test(test_the_cached_second_moves_on),
        cmocka_unit_test(test_lower_levels_than_the_least_are_not_written),
        cmocka_unit_test(test_info_lines_wait_for_the_flush_and_leave_in_one_write),
        cmocka_unit_test(test_warnings_and_errors_leave_at_once_after_what_waited),
        cmocka_unit_test(test_a_full_buffer_leaves_in_whole_lines_and_nothing_is_lost),
        cmocka_unit_test(test_threads_keep_their_lines_whole_and_in_order),
        cmocka_unit_test(test_a_flush_writes_the_lines_of_its_own_thread_only),
        cmocka_unit_test(test_a_closed_standard_error_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
