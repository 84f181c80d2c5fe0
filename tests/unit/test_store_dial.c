/* test_store_dial.c: names with several addresses, and name lookups that take their time.
 *
 * getaddrinfo is ours here: it answers with the addresses that a test has laid out, once it may.
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <h2o/socket.h>

#include "dial.h"
#include "kvcrm/base/clock.h"

#define PATIENCE_US 20000000
#define MOST_ADDRESSES 12

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_held; /* lookups wait */
    atomic_uint answered;
    uint16_t ports[MOST_ADDRESSES]; /* of 127.0.0.1, in network order */
    unsigned count;
} names = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
    (void)node;
    (void)service;
    (void)hints;
    pthread_mutex_lock(&names.mutex);
    while (names.is_held)
        pthread_cond_wait(&names.changed, &names.mutex);
    *found = NULL;
    for (unsigned i = names.count; i-- > 0;) {
        struct addrinfo *info = calloc(1, sizeof(*info) + sizeof(struct sockaddr_in));
        struct sockaddr_in *address = (struct sockaddr_in *)(info + 1);
        address->sin_family = AF_INET;
        address->sin_port = names.ports[i];
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *info = (struct addrinfo){.ai_family = AF_INET,
                                  .ai_addrlen = sizeof(*address),
                                  .ai_addr = (struct sockaddr *)address,
                                  .ai_next = *found};
        *found = info;
    }
    names.answered++;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.mutex);
    return names.count > 0 ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info != NULL) {
        struct addrinfo *next = info->ai_next;
        free(info);
        info = next;
    }
}

static void hold(bool is_held)
{
    pthread_mutex_lock(&names.mutex);
    names.is_held = is_held;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.mutex);
}

/* A socket that listens, and its port; or, closed again, a port where nobody is. */
static int listener(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = address.sin_port;
    return fd;
}

static uint16_t closed_port(void)
{
    uint16_t port;
    close(listener(&port));
    return port;
}

struct attempt {
    struct loop *loop;
    struct dial dial;
    struct loop_timer begin; /* dialling is for the loop's callbacks */
    unsigned calls;
    uint16_t port; /* that it got through to */
    char why[160];
};

static void on_done(void *owner, h2o_socket_t *sock, const char *why)
{
    struct attempt *a = owner;
    a->calls++;
    snprintf(a->why, sizeof(a->why), "%s", why != NULL ? why : "");
    if (sock != NULL) {
        struct sockaddr_storage peer;
        h2o_socket_getpeername(sock, (struct sockaddr *)&peer);
        a->port = ((struct sockaddr_in *)&peer)->sin_port;
        sock->data = NULL;
        h2o_socket_close(sock);
    }
}

static void on_begin(struct loop_timer *timer)
{
    struct attempt *a = timer->data;
    dial_start(&a->dial);
}

static void begin(struct attempt *a)
{
    static char host[] = "a-name", port[] = "6379";
    static struct store_url url = {.host = host, .port = port};
    *a = (struct attempt){.loop = loop_new()};
    a->dial = (struct dial){.loop = a->loop, .url = &url, .on_done = on_done, .owner = a};
    loop_timer_init(&a->begin, on_begin, a);
    loop_timer_set(a->loop, &a->begin, LOOP_TURN_END);
    loop_turn(a->loop, 0);
}

static void turn_until_done(struct attempt *a)
{
    int64_t end_us = clock_mono_us() + PATIENCE_US;
    while (a->calls == 0 && clock_mono_us() < end_us)
        loop_turn(a->loop, 50);
    assert_int_equal(a->calls, 1);
}

static void test_addresses_are_tried_in_turn_until_one_answers(void **state)
{
    struct attempt a;
    int fd = listener(&names.ports[2]);
    (void)state;
    names.ports[0] = closed_port();
    names.ports[1] = closed_port();
    names.ports[3] = closed_port();
    names.count = 4;
    begin(&a);
    turn_until_done(&a);
    assert_string_equal(a.why, "");
    assert_int_equal(a.port, names.ports[2]);
    loop_free(a.loop);
    close(fd);
}

static void test_when_no_address_answers_the_last_fault_is_the_reason(void **state)
{
    struct attempt a;
    (void)state;
    for (names.count = 0; names.count < MOST_ADDRESSES; names.count++)
        names.ports[names.count] = closed_port();
    begin(&a);
    turn_until_done(&a);
    assert_string_equal(a.why, "Connection refused");
    loop_free(a.loop);
}

static void test_a_name_without_an_address_is_the_reason(void **state)
{
    struct attempt a;
    (void)state;
    names.count = 0;
    begin(&a);
    turn_until_done(&a);
    assert_string_equal(a.why, "host name: Name or service not known");
    loop_free(a.loop);
}

static void test_a_lookup_that_takes_too_long_is_given_up_and_its_answer_ignored(void **state)
{
    struct attempt a;
    (void)state;
    names.count = 1;
    names.ports[0] = closed_port();
    hold(true);
    begin(&a);
    dial_tick(&a.dial, clock_mono_us());
    assert_int_equal(a.calls, 0);
    dial_tick(&a.dial, clock_mono_us() + DIAL_TIMEOUT_US);
    assert_int_equal(a.calls, 1);
    assert_string_equal(a.why, "host name: lookup timed out");
    unsigned before = names.answered;
    hold(false);
    while (names.answered == before)
        loop_turn(a.loop, 10);
    for (int i = 0; i < 20; i++)
        loop_turn(a.loop, 10);
    assert_int_equal(a.calls, 1);
    loop_free(a.loop);
}

static void test_a_loop_may_be_freed_while_a_lookup_is_under_way(void **state)
{
    static struct attempt a; /* the loop is left behind, and found here by a leak checker */
    (void)state;
    names.count = 1;
    hold(true);
    begin(&a);
    dial_stop(&a.dial);
    loop_free(a.loop);
    pthread_mutex_lock(&names.mutex);
    unsigned before = names.answered;
    names.is_held = false;
    pthread_cond_broadcast(&names.changed);
    while (names.answered == before)
        pthread_cond_wait(&names.changed, &names.mutex);
    pthread_mutex_unlock(&names.mutex);
    assert_int_equal(a.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_tried_in_turn_until_one_answers),
        cmocka_unit_test(test_when_no_address_answers_the_last_fault_is_the_reason),
        cmocka_unit_test(test_a_name_without_an_address_is_the_reason),
        cmocka_unit_test(test_a_lookup_that_takes_too_long_is_given_up_and_its_answer_ignored),
        cmocka_unit_test(test_a_loop_may_be_freed_while_a_lookup_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
