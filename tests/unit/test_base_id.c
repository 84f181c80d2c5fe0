/* test_base_id.c: ids have their form, sort by time, and contact numbers come back.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "kvcrm/base/id.h"

enum { MANY = 20000 };

struct uuid {
    char text[ID_UUID_LEN + 1];
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct uuid *)a)->text, ((const struct uuid *)b)->text);
}

static void assert_all_different(struct uuid *ids, size_t count)
{
    qsort(ids, count, sizeof(ids[0]), compare);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(ids[i - 1].text, ids[i].text);
}

static void test_a_uuid_carries_its_time_version_and_variant(void **state)
{
    static const int64_t times[] = {0, 1, 1762855200000, INT64_C(253402300799999),
                                    (INT64_C(1) << 48) - 1};
    struct uuid id;

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char hex[13];

        memset(&id, 'x', sizeof(id));
        id_uuid7(times[i], id.text);
        assert_int_equal(strlen(id.text), ID_UUID_LEN);
        assert_true(id_is_uuid(slice_of(id.text)));
        assert_int_equal(id_uuid7_ms(slice_of(id.text)), times[i]);
        memcpy(hex, id.text, 8);
        memcpy(hex + 8, id.text + 9, 4);
        hex[12] = '\0';
        assert_true(strtoll(hex, NULL, 16) == times[i]);
        assert_true(id_uuid7_ms(slice_of(id.text)) == times[i]);
        assert_int_equal(id.text[14], '7');
        assert_non_null(strchr("89ab", id.text[19]));
    }
}

static void test_uuids_of_one_millisecond_sort_in_order_of_making(void **state)
{
    struct uuid before, after;

    (void)state;
    for (int round = 0; round < 4; round++) {
        id_uuid7(1000 + round, before.text);
        for (int i = 0; i < MANY; i++) {
            id_uuid7(1000 + round, after.text);
            assert_true(compare(&before, &after) < 0);
            before = after;
        }
    }
}

static void test_more_uuids_than_a_millisecond_holds_are_still_different(void **state)
{
    enum { FLOOD = 200000 };
    struct uuid *ids = malloc(FLOOD * sizeof(*ids));

    (void)state;
    assert_non_null(ids);
    for (int i = 0; i < FLOOD; i++)
        id_uuid7(7, ids[i].text);
    assert_all_different(ids, FLOOD);
    free(ids);
}

static void *make_one(void *id)
{
    id_uuid7(1000, ((struct uuid *)id)->text);
    return NULL;
}

static void
test_uuids_of_one_millisecond_sort_in_order_of_making_whichever_thread_makes_them(void **state)
{
    struct uuid before, after;
    pthread_t thread;

    (void)state;
    id_uuid7(1000, before.text);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(pthread_create(&thread, NULL, make_one, &after), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(compare(&before, &after) < 0);
        id_uuid7(1000, before.text);
        assert_true(compare(&after, &before) < 0);
    }
}

static void *make_many(void *ids)
{
    for (int i = 0; i < MANY; i++)
        id_uuid7(1762855200000, ((struct uuid *)ids)[i].text);
    return NULL;
}

static void test_threads_never_make_the_same_uuid(void **state)
{
    static struct uuid ids[3 * MANY];
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids + i * MANY), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_all_different(ids, 3 * MANY);
}

static void test_the_random_bits_of_uuids_are_even(void **state)
{
    unsigned ones[48] = {0};
    struct uuid id;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        id_uuid7(i, id.text);
        uint64_t low = strtoull(id.text + 24, NULL, 16);
        for (int bit = 0; bit < 48; bit++)
            ones[bit] += low >> bit & 1;
    }
    for (int bit = 0; bit < 48; bit++) /* 10,000 expected; 14 standard deviations */
        assert_in_range(ones[bit], 9000, 11000);
}

static void test_only_canonical_uuids_are_uuids(void **state)
{
    (void)state;
    assert_true(id_is_uuid(SLICE("019a7235-7b00-7000-8000-000000000000")));
    assert_int_equal(id_uuid7_ms(SLICE("019a7235")), 0);
    assert_true(id_is_uuid(SLICE("ffffffff-ffff-ffff-ffff-ffffffffffff")));
    assert_true(id_is_uuid(SLICE("6ba7b810-9dad-11d1-80b4-00c04fd430c8")));
    assert_false(id_is_uuid(SLICE("019A7235-7B00-7000-8000-000000000000")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-8000-00000000000")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-8000-0000000000000")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-8000-00000000000g")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-80000-00000000000")));
    assert_false(id_is_uuid(SLICE("019a7235a7b00-7000-8000-000000000000")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-8000-0000000-0000")));
    assert_false(id_is_uuid(SLICE("{19a7235-7b00-7000-8000-00000000000}")));
    assert_false(id_is_uuid(SLICE("019a7235-7b00-7000-8000-00000000000\0")));
    assert_false(id_is_uuid(SLICE("")));
    assert_false(id_is_uuid(SLICE_NONE));
}

static struct id_key key_of(const char *secret)
{
    struct id_key key;

    id_key_init(&key, slice_of(secret));
    return key;
}

/* Made by a second implementation, in another language: ids of stored contacts must never change.
 */
static void test_contact_ids_are_those_of_the_format(void **state)
{
    static const struct {
        uint64_t number;
        const char *id;
    } rows[] = {
        {0, "0n0k3t41req0m"},
        {1, "ddcvfh4p1xm8e"},
        {2, "04ctxt5t1ednw"},
        {1000000, "cbthwkrgztbvf"},
        {UINT64_C(1) << 63, "apnt8dbq0453j"},
        {UINT64_MAX, "c41cm28dfxxkg"},
    };
    struct id_key key = key_of("a secret of the test suite");
    char id[ID_CONTACT_LEN + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t number = 4711;

        id_contact_encode(&key, rows[i].number, id);
        assert_string_equal(id, rows[i].id);
        assert_true(id_contact_decode(&key, slice_of(rows[i].id), &number));
        assert_true(number == rows[i].number);
    }
}

static void assert_round_trip(const struct id_key *key, uint64_t number)
{
    char id[ID_CONTACT_LEN + 1];
    uint64_t back = ~number;

    id_contact_encode(key, number, id);
    assert_int_equal(strlen(id), ID_CONTACT_LEN);
    assert_true(id_is_contact(slice_of(id)));
    assert_true(id_contact_decode(key, slice_of(id), &back));
    assert_true(back == number);
}

static void test_every_contact_number_comes_back(void **state)
{
    struct id_key key = key_of("0123456789abcdef");
    uint64_t noise = 1;

    (void)state;
    for (uint64_t n = 0; n < MANY; n++) {
        assert_round_trip(&key, n);
        assert_round_trip(&key, UINT64_MAX - n);
        assert_round_trip(&key, (UINT64_C(1) << 32) - MANY / 2 + n);
        noise = noise * 6364136223846793005 + 1442695040888963407;
        assert_round_trip(&key, noise ^ noise >> 29);
    }
    for (int bit = 0; bit < 64; bit++)
        assert_round_trip(&key, UINT64_C(1) << bit);
}

static void test_the_secret_decides_the_ids(void **state)
{
    struct id_key a = key_of("0123456789abcdef"), again = key_of("0123456789abcdef");
    struct id_key b = key_of("0123456789abcdeg");
    char id[ID_CONTACT_LEN + 1], other[ID_CONTACT_LEN + 1];

    (void)state;
    id_contact_encode(&a, 42, id);
    id_contact_encode(&again, 42, other);
    assert_string_equal(id, other);
    id_contact_encode(&b, 42, other);
    assert_string_not_equal(id, other);
}

/* Value of an id's 64 bits before the permutation is undone. */
static uint64_t bits_of(const char *id)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint64_t v = 0;

    for (int i = 0; i < ID_CONTACT_LEN; i++)
        v = v << 5 | (uint64_t)(strchr(alphabet, id[i]) - alphabet);
    return v;
}

static void test_neighbouring_numbers_have_unrelated_ids(void **state)
{
    struct id_key key = key_of("0123456789abcdef");
    unsigned changed[64] = {0};
    char id[ID_CONTACT_LEN + 1], next[ID_CONTACT_LEN + 1];

    (void)state;
    id_contact_encode(&key, 0, id);
    for (uint64_t n = 1; n <= MANY; n++) {
        id_contact_encode(&key, n, next);
        for (int bit = 0; bit < 64; bit++)
            changed[bit] += (bits_of(id) ^ bits_of(next)) >> bit & 1;
        strcpy(id, next);
    }
    for (int bit = 0; bit < 64; bit++)
        assert_in_range(changed[bit], 9000, 11000);
}

static void test_what_is_no_contact_id_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "000000000000",
                                        "00000000000000",
                                        "000000000000i",
                                        "000000000000l",
                                        "000000000000o",
                                        "000000000000u",
                                        "000000000000A",
                                        "000000_000000",
                                        "000000 000000",
                                        "contact_00000"};
    struct id_key key = key_of("0123456789abcdef");
    uint64_t number = 4711;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(id_is_contact(slice_of(wrong[i])));
        assert_false(id_contact_decode(&key, slice_of(wrong[i]), &number));
    }
    assert_false(id_is_contact(SLICE("000000000000\0")));
    assert_false(id_contact_decode(&key, SLICE_NONE, &number));
    assert_int_equal(number, 4711);
}

static void test_an_id_beyond_64_bits_has_the_form_but_no_number(void **state)
{
    struct id_key key = key_of("0123456789abcdef");
    uint64_t number = 4711;

    (void)state;
    assert_true(id_is_contact(SLICE("g000000000000")));
    assert_false(id_contact_decode(&key, SLICE("g000000000000"), &number));
    assert_false(id_contact_decode(&key, SLICE("zzzzzzzzzzzzz"), &number));
    assert_int_equal(number, 4711);
    assert_true(id_contact_decode(&key, SLICE("fzzzzzzzzzzzz"), &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_uuid_carries_its_time_version_and_variant),
        cmocka_unit_test(test_uuids_of_one_millisecond_sort_in_order_of_making),
        cmocka_unit_test(
            test_uuids_of_one_millisecond_sort_in_order_of_making_whichever_thread_makes_them),
        cmocka_unit_test(test_more_uuids_than_a_millisecond_holds_are_still_different),
        cmocka_unit_test(test_threads_never_make_the_same_uuid),
        cmocka_unit_test(test_the_random_bits_of_uuids_are_even),
        cmocka_unit_test(test_only_canonical_uuids_are_uuids),
        cmocka_unit_test(test_contact_ids_are_those_of_the_format),
        cmocka_unit_test(test_every_contact_number_comes_back),
        cmocka_unit_test(test_the_secret_decides_the_ids),
        cmocka_unit_test(test_neighbouring_numbers_have_unrelated_ids),
        cmocka_unit_test(test_what_is_no_contact_id_is_refused),
        cmocka_unit_test(test_an_id_beyond_64_bits_has_the_form_but_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
