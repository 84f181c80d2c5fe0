/* test_base_metric.c: the page is what Prometheus expects, and no observation is lost.
 *
 * The registry is the process's, so each test makes families of its own and looks for them.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "kvcrm/base/metric.h"

static struct buf page;

static const char *find(const char *text)
{
    return memmem(page.p, page.n, text, strlen(text));
}

static void print_page(void)
{
    buf_clear(&page);
    metric_print(&page);
    assert_false(page.full);
}

static int free_page(void **state)
{
    (void)state;
    buf_dispose(&page);
    return 0;
}

static int make_page(void **state)
{
    (void)state;
    buf_init(&page, 1 << 20);
    return 0;
}

static void test_a_series_is_printed_as_0_before_it_is_touched(void **state)
{
    struct metric *m = metric_new(METRIC_COUNTER, "a_events_total", "Events", "type=\"x\"", false);

    (void)state;
    print_page();
    assert_non_null(find("# HELP a_events_total Events\n# TYPE a_events_total counter\n"
                         "a_events_total{type=\"x\"} 0\n"));
    metric_add(m, 2);
    metric_add(m, 40);
    assert_int_equal(metric_get(m), 42);
    print_page();
    assert_non_null(find("\na_events_total{type=\"x\"} 42\n"));
}

static void test_a_quiet_series_appears_with_its_first_value(void **state)
{
    struct metric *one = metric_new(METRIC_COUNTER, "b_total", "B", "code=\"200\"", true);
    struct metric *two = metric_new(METRIC_COUNTER, "b_total", "B", "code=\"500\"", true);
    struct metric *gauge = metric_new(METRIC_GAUGE, "b_gauge", "B", "", true);

    (void)state;
    print_page();
    assert_null(find("b_total"));
    assert_null(find("b_gauge"));
    metric_add(two, 1);
    metric_set(gauge, 0); /* 0 is a value, too */
    print_page();
    assert_non_null(find("# TYPE b_total counter\nb_total{code=\"500\"} 1\n"));
    assert_null(find("code=\"200\""));
    assert_non_null(find("# TYPE b_gauge gauge\nb_gauge 0\n"));
    assert_int_equal(metric_get(one), 0);
}

static void test_a_gauge_goes_up_and_down(void **state)
{
    struct metric *m = metric_new(METRIC_GAUGE, "c_open", "Open", "", false);

    (void)state;
    metric_add(m, 5);
    metric_add(m, -7);
    assert_int_equal(metric_get(m), -2);
    print_page();
    assert_non_null(find("\nc_open -2\n"));
    metric_set(m, 9);
    print_page();
    assert_non_null(find("\nc_open 9\n"));
}

static void test_families_are_in_order_and_have_one_head_each(void **state)
{
    const char *m, *k, *z, *head = "# TYPE d_k_total counter";

    (void)state;
    metric_new(METRIC_COUNTER, "d_z_total", "Z", "", false);
    metric_new(METRIC_COUNTER, "d_k_total", "K", "n=\"1\"", false);
    metric_new(METRIC_COUNTER, "d_m_total", "M", "", false);
    metric_new(METRIC_COUNTER, "d_k_total", "another help", "n=\"2\"", false);
    print_page();
    k = find("d_k_total{n=\"1\"} 0\nd_k_total{n=\"2\"} 0\n");
    m = find("\nd_m_total 0\n");
    z = find("\nd_z_total 0\n");
    assert_non_null(k);
    assert_non_null(m);
    assert_non_null(z);
    assert_true(k < m && m < z);
    assert_null(find("another help"));
    k = find(head);
    assert_null(memmem(k + 1, page.n - (size_t)(k + 1 - page.p), head, strlen(head)));
}

static void test_names_and_labels_are_copied(void **state)
{
    char family[] = "e_total", labels[] = "l=\"1\"", help[] = "Back\\slash\nand line";

    (void)state;
    metric_new(METRIC_COUNTER, family, help, labels, false);
    family[0] = labels[0] = help[0] = 'x';
    print_page();
    assert_non_null(find("# HELP e_total Back\\\\slash\\nand line\n"));
    assert_non_null(find("\ne_total{l=\"1\"} 0\n"));
}

static void test_a_histogram_counts_each_observation_up_to_its_bound(void **state)
{
    struct metric *m = metric_new(METRIC_HISTOGRAM, "f_seconds", "Time", "route=\"/x\"", false);

    (void)state;
    metric_observe_us(m, 0);
    metric_observe_us(m, 500); /* le: the bound belongs to the bucket */
    metric_observe_us(m, 501);
    metric_observe_us(m, 1000);
    metric_observe_us(m, 30000);
    metric_observe_us(m, 5000000);
    metric_observe_us(m, 5000001);
    metric_observe_us(m, 3600000000);
    print_page();
    assert_non_null(find("# TYPE f_seconds histogram\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.0005\"} 2\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.001\"} 4\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.0025\"} 4\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.005\"} 4\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.01\"} 4\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.025\"} 4\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.05\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.1\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.25\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"0.5\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"1\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"2.5\"} 5\n"
                         "f_seconds_bucket{route=\"/x\",le=\"5\"} 6\n"
                         "f_seconds_bucket{route=\"/x\",le=\"+Inf\"} 8\n"
                         "f_seconds_sum{route=\"/x\"} 3610.032002\n"
                         "f_seconds_count{route=\"/x\"} 8\n"));
}

static void test_a_histogram_without_labels_and_a_quiet_one(void **state)
{
    struct metric *m = metric_new(METRIC_HISTOGRAM, "g_seconds", "Time", "", true);

    (void)state;
    print_page();
    assert_null(find("g_seconds"));
    metric_observe_us(m, 0);
    print_page();
    assert_non_null(find("g_seconds_bucket{le=\"+Inf\"} 1\ng_seconds_sum 0.000000\n"
                         "g_seconds_count 1\n"));
}

enum { PER_THREAD = 500000 };

static pthread_barrier_t start;

static void *count(void *series)
{
    struct metric **two = series;

    pthread_barrier_wait(&start); /* all of them at once */
    for (int i = 0; i < PER_THREAD; i++) {
        metric_add(two[0], 1);
        metric_observe_us(two[1], i & 1 ? 100 : 900);
    }
    return NULL;
}

static void test_threads_lose_no_count(void **state)
{
    struct metric *series[2] = {metric_new(METRIC_COUNTER, "h_total", "H", "", false),
                                metric_new(METRIC_HISTOGRAM, "h_seconds", "H", "", false)};
    pthread_t threads[4];

    (void)state;
    assert_int_equal(pthread_barrier_init(&start, NULL, 4), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, series), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    print_page();
    assert_non_null(find("\nh_total 2000000\n"));
    assert_non_null(find("h_seconds_bucket{le=\"0.0005\"} 1000000\n"
                         "h_seconds_bucket{le=\"0.001\"} 2000000\n"));
    assert_non_null(find("h_seconds_sum 1000.000000\nh_seconds_count 2000000\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_series_is_printed_as_0_before_it_is_touched),
        cmocka_unit_test(test_a_quiet_series_appears_with_its_first_value),
        cmocka_unit_test(test_a_gauge_goes_up_and_down),
        cmocka_unit_test(test_families_are_in_order_and_have_one_head_each),
        cmocka_unit_test(test_names_and_labels_are_copied),
        cmocka_unit_test(test_a_histogram_counts_each_observation_up_to_its_bound),
        cmocka_unit_test(test_a_histogram_without_labels_and_a_quiet_one),
        cmocka_unit_test(test_threads_lose_no_count),
    };
    return cmocka_run_group_tests(tests, make_page, free_page);
}
