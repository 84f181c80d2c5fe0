/* metric.c: the registry of series, and the page that Prometheus reads.
 *
 * Families are kept in order of name, the series of a family in order of making. The registry only
 * grows, and only before the threads start; after that it is read without a lock, and all that
 * changes are the atomics inside the series. A histogram keeps one counter per bucket, not
 * cumulated, so an observation costs two additions; the page adds them up, which makes _count agree
 * with le="+Inf".
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/metric.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct bucket {
    int64_t most_us;
    const char *le;
};

static const struct bucket buckets[] = {
    {500, "0.0005"},  {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},     {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},    {500000, "0.5"},
    {1000000, "1"},   {2500000, "2.5"}, {5000000, "5"},   {INT64_MAX, "+Inf"},
};
enum { BUCKETS = sizeof(buckets) / sizeof(buckets[0]) };

struct metric {
    struct metric *next;
    char *labels;
    atomic_bool is_hidden;      /* quiet, and never touched */
    atomic_int_least64_t value; /* sum of microseconds in a histogram */
    atomic_int_least64_t counts[];
};

struct family {
    struct family *next;
    char *name, *help;
    enum metric_kind kind;
    struct metric *first, *last;
};

/* The process's registry, see above. */
static struct family *families;
static pthread_mutex_t registration = PTHREAD_MUTEX_INITIALIZER;

static void *checked(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static struct family *family_of(enum metric_kind kind, const char *name, const char *help)
{
    struct family **at = &families, *f;
    int order = -1;

    while (*at != NULL && (order = strcmp((*at)->name, name)) < 0)
        at = &(*at)->next;
    if (*at != NULL && order == 0) {
        assert((*at)->kind == kind);
        return *at;
    }
    f = checked(malloc(sizeof(*f)));
    *f = (struct family){*at, checked(strdup(name)), checked(strdup(help)), kind, NULL, NULL};
    *at = f;
    return f;
}

struct metric *metric_new(enum metric_kind kind, const char *family, const char *help,
                          const char *labels, bool quiet)
{
    size_t counts = kind == METRIC_HISTOGRAM ? BUCKETS : 0;
    struct metric *m = checked(calloc(1, sizeof(*m) + counts * sizeof(m->counts[0])));
    struct family *f;

    m->labels = checked(strdup(labels));
    atomic_init(&m->is_hidden, quiet);
    pthread_mutex_lock(&registration);
    f = family_of(kind, family, help);
    if (f->last != NULL)
        f->last->next = m;
    else
        f->first = m;
    f->last = m;
    pthread_mutex_unlock(&registration);
    return m;
}

/* Loads before it stores: a store per event would bounce the cache line between the threads. */
static void show(struct metric *m)
{
    if (atomic_load_explicit(&m->is_hidden, memory_order_relaxed))
        atomic_store_explicit(&m->is_hidden, false, memory_order_relaxed);
}

void metric_add(struct metric *m, int64_t v)
{
    atomic_fetch_add_explicit(&m->value, v, memory_order_relaxed);
    show(m);
}

void metric_set(struct metric *m, int64_t v)
{
    atomic_store_explicit(&m->value, v, memory_order_relaxed);
    show(m);
}

int64_t metric_get(const struct metric *m)
{
    return atomic_load_explicit(&m->value, memory_order_relaxed);
}

void metric_observe_us(struct metric *m, int64_t us)
{
    unsigned i = 0;

    while (us > buckets[i].most_us)
        i++;
    atomic_fetch_add_explicit(&m->counts[i], 1, memory_order_relaxed);
    metric_add(m, us);
}

/* HELP texts escape backslash and newline only (text format 0.0.4). */
static void print_help(struct buf *out, const char *help)
{
    for (; *help != '\0'; help++) {
        if (*help == '\\')
            buf_str(out, "\\\\");
        else if (*help == '\n')
            buf_str(out, "\\n");
        else
            buf_char(out, *help);
    }
}

static void print_head(struct buf *out, const struct family *f)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    buf_str(out, "# HELP ");
    buf_str(out, f->name);
    buf_char(out, ' ');
    print_help(out, f->help);
    buf_str(out, "\n# TYPE ");
    buf_str(out, f->name);
    buf_char(out, ' ');
    buf_str(out, kinds[f->kind]);
    buf_char(out, '\n');
}

/* name + suffix {labels, le="…"}, and the blank before the value. */
static void print_name(struct buf *out, const struct family *f, const char *suffix,
                       const struct metric *m, const char *le)
{
    buf_str(out, f->name);
    buf_str(out, suffix);
    if (m->labels[0] != '\0' || le != NULL) {
        buf_char(out, '{');
        buf_str(out, m->labels);
        if (le != NULL) {
            buf_str(out, m->labels[0] != '\0' ? ",le=\"" : "le=\"");
            buf_str(out, le);
            buf_char(out, '"');
        }
        buf_char(out, '}');
    }
    buf_char(out, ' ');
}

static void print_histogram(struct buf *out, const struct family *f, const struct metric *m)
{
    int64_t count = 0;

    for (int i = 0; i < BUCKETS; i++) {
        count += atomic_load_explicit(&m->counts[i], memory_order_relaxed);
        print_name(out, f, "_bucket", m, buckets[i].le);
        buf_i64(out, count);
        buf_char(out, '\n');
    }
    print_name(out, f, "_sum", m, NULL);
    buf_money(out, metric_get(m), 6); /* microseconds as seconds */
    buf_char(out, '\n');
    print_name(out, f, "_count", m, NULL);
    buf_i64(out, count);
    buf_char(out, '\n');
}

static void print_series(struct buf *out, const struct family *f, const struct metric *m)
{
    if (f->kind == METRIC_HISTOGRAM) {
        print_histogram(out, f, m);
        return;
    }
    print_name(out, f, "", m, NULL);
    buf_i64(out, metric_get(m));
    buf_char(out, '\n');
}

void metric_print(struct buf *out)
{
    for (const struct family *f = families; f != NULL; f = f->next) {
        bool is_first = true;

        for (const struct metric *m = f->first; m != NULL; m = m->next) {
            if (atomic_load_explicit(&m->is_hidden, memory_order_relaxed))
                continue;
            if (is_first)
                print_head(out, f);
            is_first = false;
            print_series(out, f, m);
        }
    }
}
