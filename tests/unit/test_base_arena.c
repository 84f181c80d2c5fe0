/* test_base_arena.c: what the arena hands out is aligned, apart from everything else, and bounded.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvcrm/base/arena.h"

static void assert_text(struct slice s, const char *expected)
{
    assert_int_equal(s.n, strlen(expected));
    assert_memory_equal(s.p, expected, s.n);
}

static void test_the_first_chunk_is_used_before_the_heap(void **state)
{
    char first[67];
    struct arena a;
    char *p;

    (void)state;
    arena_init(&a, first + 3, sizeof(first) - 3); /* not aligned */
    p = arena_alloc(&a, 40);
    assert_true(p >= first + 3 && p + 40 <= first + sizeof(first));
    assert_int_equal((uintptr_t)p % 8, 0);
    assert_null(a.chunks);
    p = arena_alloc(&a, 40);
    assert_true(p < first || p >= first + sizeof(first));
    assert_non_null(a.chunks);
    arena_dispose(&a);
    assert_null(a.chunks);
}

static void test_an_arena_may_begin_without_a_chunk_or_with_a_useless_one(void **state)
{
    char tiny[3];
    struct arena a;

    (void)state;
    arena_init(&a, NULL, 0);
    assert_non_null(arena_alloc(&a, 0));
    arena_dispose(&a);
    arena_dispose(&a); /* twice is harmless */
    for (size_t size = 0; size <= sizeof(tiny); size++) {
        arena_init(&a, tiny, size);
        memset(arena_alloc(&a, 8), 'x', 8);
        arena_dispose(&a);
    }
}

static void test_allocations_are_aligned_and_do_not_overlap(void **state)
{
    enum { COUNT = 3000 };
    static unsigned char *place[COUNT];
    char first[256];
    struct arena a;

    (void)state;
    arena_init(&a, first, sizeof(first));
    for (unsigned i = 0; i < COUNT; i++) {
        place[i] = arena_alloc(&a, i);
        assert_int_equal((uintptr_t)place[i] % 8, 0);
        memset(place[i], (int)(i & 0xff), i);
    }
    for (unsigned i = 0; i < COUNT; i++)
        for (unsigned j = 0; j < i; j++)
            if (place[i][j] != (i & 0xff))
                fail_msg("byte %u of allocation %u was overwritten", j, i);
    arena_dispose(&a);
}

static void test_zalloc_is_zeroed_where_dirt_lay_before(void **state)
{
    static const char zeros[64];
    char first[64];
    struct arena a;

    (void)state;
    memset(first, 'x', sizeof(first));
    arena_init(&a, first, sizeof(first));
    assert_memory_equal(arena_zalloc(&a, 32), zeros, 32);
    arena_dispose(&a);
}

static void test_texts_are_copied_joined_and_printed(void **state)
{
    char source[] = "abc";
    struct arena a;
    struct slice copy;

    (void)state;
    arena_init(&a, NULL, 0);
    copy = arena_copy(&a, slice_of(source));
    source[0] = 'x';
    assert_text(copy, "abc");
    assert_null(arena_copy(&a, SLICE_NONE).p); /* absent stays absent */
    assert_non_null(arena_copy(&a, SLICE("")).p);
    assert_text(arena_join(&a, 4, SLICE("crm_"), SLICE_NONE, SLICE("contact_"), SLICE("7")),
                "crm_contact_7");
    assert_text(arena_join(&a, 0), "");
    assert_text(arena_printf(&a, "%s-%05d", "n", 42), "n-00042");
    assert_text(arena_printf(&a, "%5000d", 1).n == 5000 ? SLICE("yes") : SLICE("no"), "yes");
    assert_text(arena_i64(&a, 0), "0");
    assert_text(arena_i64(&a, INT64_MAX), "9223372036854775807");
    assert_text(arena_i64(&a, INT64_MIN), "-9223372036854775808");
    arena_dispose(&a);
}

static void assert_aborts(size_t step, unsigned steps)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        struct arena a;

        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        arena_init(&a, NULL, 0);
        while (steps-- > 0)
            arena_alloc(&a, step); /* never touched: takes no memory */
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_beyond_the_maximum_the_program_aborts(void **state)
{
    (void)state;
    assert_aborts(SIZE_MAX, 1);
    assert_aborts(SIZE_MAX - 7, 1);
    assert_aborts(((size_t)256 << 20) + 1, 1);
    assert_aborts((size_t)32 << 20, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_chunk_is_used_before_the_heap),
        cmocka_unit_test(test_an_arena_may_begin_without_a_chunk_or_with_a_useless_one),
        cmocka_unit_test(test_allocations_are_aligned_and_do_not_overlap),
        cmocka_unit_test(test_zalloc_is_zeroed_where_dirt_lay_before),
        cmocka_unit_test(test_texts_are_copied_joined_and_printed),
        cmocka_unit_test(test_beyond_the_maximum_the_program_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
