/* test_store_reply.c: what Redis sends, as the typed readers see it, whole and in pieces.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reader.h"

/* The one reply in the text, which lives until the next call. */
static const struct reply *reply_of(const char *text)
{
    static struct reader *reader;
    const struct reply *reply = NULL;
    reader_free(reader);
    reader = reader_new();
    reader_feed(reader, slice_of(text));
    assert_int_equal(reader_next(reader, &reply), READER_REPLY);
    const struct reply *more;
    assert_int_equal(reader_next(reader, &more), READER_MORE);
    return reply;
}

/* reply_of, kept past the reader's next step. */
static struct reply *kept(const char *text)
{
    struct reader *reader = reader_new();
    const struct reply *reply = NULL;
    reader_feed(reader, slice_of(text));
    assert_int_equal(reader_next(reader, &reply), READER_REPLY);
    struct reply *copy = reply_copy(reply);
    reader_free(reader);
    return copy;
}

static void check(struct slice got, const char *expected)
{
    assert_true(slice_is(got, expected));
}

static void test_simple_types_read_as_themselves_and_as_nothing_else(void **state)
{
    (void)state;
    struct reply *r = kept("+OK\r\n");
    check(reply_text(r), "OK");
    assert_null(reply_error(r).p);
    assert_false(reply_is_null(r));
    assert_int_equal(reply_count(r), 0);
    free(r);
    r = kept("-OOM command not allowed\r\n");
    check(reply_error(r), "OOM command not allowed");
    assert_null(reply_text(r).p);
    assert_int_equal(reply_i64(r), 0);
    free(r);
    r = kept(":-42\r\n");
    assert_int_equal(reply_i64(r), -42);
    assert_null(reply_text(r).p);
    free(r);
    r = kept("$-1\r\n");
    assert_true(reply_is_null(r));
    assert_null(reply_text(r).p);
    free(r);
    r = kept("*-1\r\n");
    assert_true(reply_is_null(r));
    assert_int_equal(reply_count(r), 0);
    free(r);
    r = kept("$0\r\n\r\n");
    assert_false(reply_is_null(r));
    assert_non_null(reply_text(r).p);
    check(reply_text(r), "");
    free(r);
    r = kept("*0\r\n");
    assert_false(reply_is_null(r));
    assert_int_equal(reply_count(r), 0);
    free(r);
}

static void test_null_and_what_lies_beyond_read_as_empty(void **state)
{
    struct reply *r = kept("*2\r\n$1\r\na\r\n$-1\r\n");
    (void)state;
    check(reply_text_at(r, 0), "a");
    assert_true(reply_is_null(reply_at(r, 1)));
    assert_null(reply_at(r, 2));
    assert_null(reply_at(reply_at(r, 0), 0));
    assert_null(reply_at(NULL, 0));
    assert_null(reply_text_at(r, 2).p);
    assert_int_equal(reply_i64_at(r, 2), 0);
    assert_null(reply_error(NULL).p);
    assert_true(reply_is_null(NULL));
    assert_int_equal(reply_count(NULL), 0);
    assert_null(reply_field(NULL, SLICE("a")).p);
    free(r);
}

static void test_text_that_is_a_number_reads_as_one(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } rows[] = {
        {"$1\r\n7\r\n", 7},
        {"$2\r\n-7\r\n", -7},
        {"+12\r\n", 12},
        {"$19\r\n9223372036854775807\r\n", INT64_MAX},
        {"$20\r\n-9223372036854775808\r\n", INT64_MIN},
        {"$19\r\n9223372036854775808\r\n", 0},
        {"$20\r\n-9223372036854775809\r\n", 0},
        {"$3\r\n1.5\r\n", 0},
        {"$2\r\n 1\r\n", 0},
        {"$2\r\n+1\r\n", 0},
        {"$1\r\n-\r\n", 0},
        {"$0\r\n\r\n", 0},
        {":9223372036854775807\r\n", INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (reply_i64(reply_of(rows[i].text)) != rows[i].number)
            fail_msg("%s", rows[i].text);
}

static void test_a_field_is_found_by_its_name_at_even_places_only(void **state)
{
    struct reply *r = kept("*5\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n");
    (void)state;
    check(reply_field(r, SLICE("a")), "b");
    check(reply_field(r, SLICE("b")), "c");
    assert_null(reply_field(r, SLICE("c")).p);
    assert_null(reply_field(r, SLICE("d")).p); /* without a value */
    free(r);
}

static void test_bytes_of_a_text_are_kept_as_they_are(void **state)
{
    static const char bytes[] = "$7\r\na\0\r\n\xff$b\r\n";
    struct reader *reader = reader_new();
    const struct reply *reply;
    (void)state;
    reader_feed(reader, (struct slice){bytes, sizeof(bytes) - 1});
    assert_int_equal(reader_next(reader, &reply), READER_REPLY);
    assert_true(slice_eq(reply_text(reply), (struct slice){"a\0\r\n\xff$b", 7}));
    reader_free(reader);
}

static const char stream[] = "*3\r\n$5\r\nhello\r\n*2\r\n:1\r\n*1\r\n+deep\r\n$-1\r\n"
                             "+PONG\r\n"
                             "-NOSCRIPT No matching script\r\n"
                             "*0\r\n"
                             ":77\r\n";

static void check_stream_reply(unsigned n, const struct reply *r)
{
    switch (n) {
    case 0:
        assert_int_equal(reply_count(r), 3);
        check(reply_text_at(r, 0), "hello");
        assert_int_equal(reply_i64_at(reply_at(r, 1), 0), 1);
        check(reply_text_at(reply_at(reply_at(r, 1), 1), 0), "deep");
        assert_true(reply_is_null(reply_at(r, 2)));
        break;
    case 1:
        check(reply_text(r), "PONG");
        break;
    case 2:
        check(reply_error(r), "NOSCRIPT No matching script");
        break;
    case 3:
        assert_int_equal(reply_count(r), 0);
        break;
    case 4:
        assert_int_equal(reply_i64(r), 77);
        break;
    default:
        fail();
    }
}

static void test_replies_are_the_same_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof(stream); piece++) {
        struct reader *reader = reader_new();
        unsigned seen = 0;
        for (size_t at = 0; at < sizeof(stream) - 1; at += piece) {
            size_t n = sizeof(stream) - 1 - at < piece ? sizeof(stream) - 1 - at : piece;
            const struct reply *reply;
            reader_feed(reader, (struct slice){stream + at, n});
            while (reader_next(reader, &reply) == READER_REPLY)
                check_stream_reply(seen++, reply);
        }
        assert_int_equal(seen, 5);
        reader_free(reader);
    }
}

#define WIDE "*1048576\r\n"

static void test_what_is_no_reply_breaks_the_reader_with_a_reason(void **state)
{
    static const char *const texts[] = {
        "HTTP/1.1 400 Bad Request\r\n",
        "!7\r\n",
        "$-2\r\n",
        "*-2\r\n",
        "*1000000000\r\n",
        "*99999999999999999999\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        /* 7 × 8 MiB of elements are within bounds, so what comes after must not be */
        WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE,
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct reader *reader = reader_new();
        const struct reply *reply;
        reader_feed(reader, slice_of(texts[i]));
        if (reader_next(reader, &reply) != READER_BROKEN || reader_error(reader)[0] == '\0')
            fail_msg("%s", texts[i]);
        /* and stays so */
        reader_feed(reader, SLICE("+OK\r\n"));
        assert_int_equal(reader_next(reader, &reply), READER_BROKEN);
        reader_free(reader);
    }
}

/* One reply of `texts` texts of `size` bytes each; what becomes of it. */
static enum reader_result feed_large(size_t texts, size_t size)
{
    struct reader *reader = reader_new();
    const struct reply *reply;
    enum reader_result result = READER_MORE;
    char head[32], *text = malloc(size + 2);
    memset(text, 'x', size);
    memcpy(text + size, "\r\n", 2);
    snprintf(head, sizeof(head), "*%zu\r\n", texts);
    reader_feed(reader, slice_of(head));
    for (size_t i = 0; i < texts && result == READER_MORE; i++) {
        snprintf(head, sizeof(head), "$%zu\r\n", size);
        reader_feed(reader, slice_of(head));
        for (size_t at = 0; at < size + 2 && result == READER_MORE; at += 65536) {
            size_t n = size + 2 - at < 65536 ? size + 2 - at : 65536;
            reader_feed(reader, (struct slice){text + at, n});
            result = reader_next(reader, &reply);
        }
    }
    free(text);
    reader_free(reader);
    return result;
}

static void test_a_reply_is_bounded_whether_one_text_or_many(void **state)
{
    (void)state;
    assert_int_equal(feed_large(1, READER_MAX_REPLY - 1000), READER_REPLY);
    assert_int_equal(feed_large(1, READER_MAX_REPLY + 1000), READER_BROKEN);
    assert_int_equal(feed_large(64, 250000), READER_REPLY);
    assert_int_equal(feed_large(80, 250000), READER_BROKEN);
}

static void test_the_bound_is_per_reply(void **state)
{
    struct reader *reader = reader_new();
    char *text = malloc(1000000);
    (void)state;
    memset(text, 'x', 1000000);
    for (int i = 0; i < 40; i++) {
        const struct reply *reply;
        reader_feed(reader, SLICE("$1000000\r\n"));
        reader_feed(reader, (struct slice){text, 1000000});
        reader_feed(reader, SLICE("\r\n"));
        assert_int_equal(reader_next(reader, &reply), READER_REPLY);
        assert_int_equal(reply_text(reply).n, 1000000);
        assert_int_equal(reader_next(reader, &reply), READER_MORE);
    }
    free(text);
    reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple_types_read_as_themselves_and_as_nothing_else),
        cmocka_unit_test(test_null_and_what_lies_beyond_read_as_empty),
        cmocka_unit_test(test_text_that_is_a_number_reads_as_one),
        cmocka_unit_test(test_a_field_is_found_by_its_name_at_even_places_only),
        cmocka_unit_test(test_bytes_of_a_text_are_kept_as_they_are),
        cmocka_unit_test(test_replies_are_the_same_in_pieces_of_any_size),
        cmocka_unit_test(test_what_is_no_reply_breaks_the_reader_with_a_reason),
        cmocka_unit_test(test_a_reply_is_bounded_whether_one_text_or_many),
        cmocka_unit_test(test_the_bound_is_per_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
