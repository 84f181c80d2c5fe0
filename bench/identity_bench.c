/* identity_bench.c: CPU time of making an identity of what somebody typed: the ways that need no
 * library, beside those that do.
 *
 * The first line is what identity_init costs, in memory too; then each figure is the best of
 * several rounds, in nanoseconds of process CPU time.
 *
 *     cmake --build --preset release --target bench_identity && build/release/bench/bench_identity
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "kvcrm/model/identity.h"
#include "kvcrm/model/name.h"

#define ROUNDS 15
#define CALLS 2000

static const struct identity_rules rules = {.region = "FR"};

static struct slice phone(struct slice typed, struct arena *arena)
{
    return identity_phone(typed, rules.region, arena);
}

static struct slice email(struct slice typed, struct arena *arena)
{
    return identity_email(typed, &rules, arena);
}

static const struct {
    const char *what, *typed;
    struct slice (*canonical)(struct slice typed, struct arena *arena);
} cases[] = {
    {"phone with its country", "+33 6 12 34 56 78", phone},
    {"national phone (libphonenumber)", "06 12 34 56 78", phone},
    {"e-mail", "John@Example.com", email},
    {"letters before the @ (utf8proc)", "JOS\u00c9@example.com", email},
    {"domain beyond ASCII (libidn2)", "a@b\u00fccher.example", email},
    {"name", "John Doe", name_fold},
    {"name with accents (utf8proc)", "Ji\u0159\u00ed Nov\u00e1k", name_fold},
};

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (file != NULL && fclose(file) != 0)
        resident = 0;
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Nanoseconds of one call, the best of ROUNDS. */
static double time_of(struct slice (*canonical)(struct slice, struct arena *), struct slice typed)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        static _Alignas(8) char room[64 * CALLS];
        struct arena arena;
        arena_init(&arena, room, sizeof room);
        int64_t begin = cpu_ns();
        for (int i = 0; i < CALLS; i++) {
            if (canonical(typed, &arena).n == 0)
                return 0;
        }
        double each = (double)(cpu_ns() - begin) / CALLS;
        arena_dispose(&arena);
        if (round == 0 || each < best)
            best = each;
    }
    return best;
}

int main(void)
{
    int64_t begin = cpu_ns();
    long before = resident_kib();
    identity_init();
    printf("%-34s %10.1f ms %8ld KiB\n", "identity_init, once", (double)(cpu_ns() - begin) / 1e6,
           resident_kib() - before);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        printf("%-34s %10.0f ns\n", cases[i].what,
               time_of(cases[i].canonical, slice_of(cases[i].typed)));
    return 0;
}
