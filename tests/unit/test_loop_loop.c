/* test_loop_loop.c: timers, the order of a turn, the letter box, and a wall clock that is set back.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <cmocka.h>

#include "kvcrm/base/clock.h"
#include "kvcrm/loop/loop.h"

#define PATIENCE_US 20000000

/* h2o asks this for the time of a turn. */
static time_t wall_offset_s;

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    struct timespec now;
    (void)tz;
    clock_gettime(CLOCK_REALTIME, &now);
    tv->tv_sec = now.tv_sec + wall_offset_s;
    tv->tv_usec = now.tv_nsec / 1000;
    return 0;
}

/* What fired, in order, as one letter each. */
struct record {
    struct loop *loop;
    char fired[64];
    size_t n;
};

struct named_timer {
    struct loop_timer timer; /* first */
    char name;
    struct named_timer *sets; /* at the end of the turn, when it fires */
};

static void on_time(struct loop_timer *timer)
{
    struct record *r = timer->data;
    struct named_timer *named = (struct named_timer *)timer;
    assert_true(loop_is_turning(r->loop));
    assert_false(loop_timer_is_set(timer));
    r->fired[r->n++] = named->name;
    if (named->sets != NULL)
        loop_timer_set(r->loop, &named->sets->timer, LOOP_TURN_END);
}

static void turn_until_fired(struct record *r, size_t n)
{
    int64_t end_us = clock_mono_us() + PATIENCE_US;
    while (r->n < n && clock_mono_us() < end_us)
        loop_turn(r->loop, 50);
    assert_int_equal(r->n, n);
}

static void test_each_period_fires_once_and_not_early(void **state)
{
    struct record r = {.loop = loop_new()};
    struct named_timer a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'};
    int64_t start_us = clock_mono_us();
    (void)state;
    loop_timer_init(&a.timer, on_time, &r);
    loop_timer_init(&b.timer, on_time, &r);
    loop_timer_init(&c.timer, on_time, &r);
    loop_timer_set(r.loop, &c.timer, LOOP_TICK_100MS);
    loop_timer_set(r.loop, &b.timer, LOOP_TICK_20MS);
    loop_timer_set(r.loop, &b.timer, LOOP_TICK_20MS);
    loop_timer_set(r.loop, &a.timer, LOOP_TURN_END);
    turn_until_fired(&r, 1);
    assert_true(loop_timer_is_set(&c.timer));
    turn_until_fired(&r, 3);
    /* h2o counts whole milliseconds of the turn in which a timer was set. */
    assert_true(clock_mono_us() - start_us >= 98000);
    assert_string_equal(r.fired, "abc");
    loop_free(r.loop);
}

static void test_a_cleared_timer_does_not_fire(void **state)
{
    struct record r = {.loop = loop_new()};
    struct named_timer a = {.name = 'a'}, b = {.name = 'b'};
    (void)state;
    loop_timer_init(&a.timer, on_time, &r);
    loop_timer_init(&b.timer, on_time, &r);
    loop_timer_clear(&a.timer);
    loop_timer_set(r.loop, &a.timer, LOOP_TICK_20MS);
    loop_timer_set(r.loop, &b.timer, LOOP_TICK_100MS);
    loop_timer_clear(&a.timer);
    assert_false(loop_timer_is_set(&a.timer));
    turn_until_fired(&r, 1);
    assert_string_equal(r.fired, "b");
    loop_free(r.loop);
}

static void test_what_a_tick_sets_for_the_turns_end_runs_in_the_same_turn(void **state)
{
    struct record r = {.loop = loop_new()};
    struct named_timer end = {.name = 'e'}, tick = {.name = 't', .sets = &end};
    (void)state;
    loop_timer_init(&end.timer, on_time, &r);
    loop_timer_init(&tick.timer, on_time, &r);
    loop_timer_set(r.loop, &tick.timer, LOOP_TICK_20MS);
    while (r.n == 0)
        loop_turn(r.loop, 50);
    assert_string_equal(r.fired, "te");
    loop_free(r.loop);
}

static void test_timers_go_on_when_the_wall_clock_is_set_back(void **state)
{
    struct record r = {.loop = loop_new()};
    struct named_timer a = {.name = 'a'}, b = {.name = 'b'};
    (void)state;
    loop_timer_init(&a.timer, on_time, &r);
    loop_timer_init(&b.timer, on_time, &r);
    loop_turn(r.loop, 0);
    loop_timer_set(r.loop, &a.timer, LOOP_TICK_20MS);
    loop_timer_set(r.loop, &b.timer, LOOP_TURN_END);
    wall_offset_s = -3600;
    turn_until_fired(&r, 2);
    wall_offset_s = 0;
    loop_free(r.loop);
}

#define LETTERS 1000

struct letter {
    struct loop_message message; /* first */
    int number;
    struct post *post;
};

struct post {
    struct loop *loop;
    struct letter letters[LETTERS];
    int next; /* whose turn it is to arrive */
    atomic_bool stop;
};

static void on_letter(struct loop_message *message)
{
    struct letter *letter = (struct letter *)message;
    assert_int_equal(letter->number, letter->post->next);
    if (++letter->post->next == LETTERS)
        atomic_store(&letter->post->stop, true);
}

static void *post_all(void *data)
{
    struct post *post = data;
    for (int i = 0; i < LETTERS; i++)
        loop_post(post->loop, &post->letters[i].message);
    return NULL;
}

static void test_letters_of_another_thread_arrive_in_order_and_end_the_wait(void **state)
{
    static struct post post;
    pthread_t thread;
    (void)state;
    post.loop = loop_new();
    for (int i = 0; i < LETTERS; i++)
        post.letters[i] = (struct letter){{.on_message = on_letter}, i, &post};
    assert_int_equal(pthread_create(&thread, NULL, post_all, &post), 0);
    loop_run(post.loop, &post.stop);
    pthread_join(thread, NULL);
    assert_int_equal(post.next, LETTERS);
    loop_free(post.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_period_fires_once_and_not_early),
        cmocka_unit_test(test_a_cleared_timer_does_not_fire),
        cmocka_unit_test(test_what_a_tick_sets_for_the_turns_end_runs_in_the_same_turn),
        cmocka_unit_test(test_timers_go_on_when_the_wall_clock_is_set_back),
        cmocka_unit_test(test_letters_of_another_thread_arrive_in_order_and_end_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
