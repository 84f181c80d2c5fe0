/* json_bench.c: CPU time of reading one body, our reader beside jansson in the same run.
 *
 * For us: jr_parse, and jr_parse with a walk over every value through the accessors; for jansson:
 * json_loadb with the options that make it as strict. Each figure is the best of several rounds, in
 * nanoseconds of process CPU time, so that a busy machine changes it little.
 *
 *     cmake --build --preset release --target bench_json && build/release/bench/bench_json
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 15
#define ROUND_NS 40000000 /* about how long a round takes */

static const char small_event[] =
    "{\"event_type\":\"vehicle.viewed\",\"customer\":{\"id\":\"user123\",\"email\":"
    "\"john@example.com\",\"name\":\"John Doe\"},\"event_data\":{\"vehicle_id\":\"car_789\","
    "\"vehicle_name\":\"Toyota Camry\",\"vehicle_type\":\"sedan\",\"daily_rate\":45.00,"
    "\"timestamp\":\"2025-11-11T10:00:00.000Z\"},\"session\":{\"session_id\":"
    "\"sess_1762855200000_k3j9x2m1q\",\"device\":\"mobile\",\"browser\":\"Chrome\"}}";

/* The sample of the booking site's integration, laid out as it is printed, with every member. */
static const char sample_event[] = "{\n"
                                   "  \"event_type\": \"booking.completed\",\n"
                                   "  \"customer\": {\n"
                                   "    \"id\": \"user123\",\n"
                                   "    \"email\": \"john@example.com\",\n"
                                   "    \"name\": \"John Doe\",\n"
                                   "    \"phone\": \"+1234567890\"\n"
                                   "  },\n"
                                   "  \"event_data\": {\n"
                                   "    \"vehicle_id\": \"car_789\",\n"
                                   "    \"vehicle_name\": \"Toyota Camry\",\n"
                                   "    \"pickup_location\": \"Airport\",\n"
                                   "    \"total_amount\": 450.00\n"
                                   "  },\n"
                                   "  \"session\": {\n"
                                   "    \"session_id\": \"sess_abc123\",\n"
                                   "    \"device\": \"mobile\",\n"
                                   "    \"browser\": \"Chrome\",\n"
                                   "    \"ip_address\": \"203.0.113.7\"\n"
                                   "  }\n"
                                   "}\n";

/* A chat transcript of about 2.5 KB: escapes, text that is not ASCII, an array of objects. */
static size_t make_large(char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size,
                                "{\"event_type\":\"chat.closed\",\"customer\":{\"email\":"
                                "\"zo\xC3\xAB@example.com\",\"name\":\"Zo\xC3\xAB M\xC3\xBCller\"},"
                                "\"messages\":[");
    for (int i = 0; i < 16; i++)
        n += (size_t)snprintf(
            out + n, size - n,
            "%s{\"id\":\"0193a1b2-7c3d-7e4f-8a5b-%012d\",\"from\":\"visitor\","
            "\"at\":%lld,\"text\":\"Is it \\\"free\\\" on Friday?\\nBest, Zo\xC3\xAB\"}",
            i > 0 ? "," : "", i, 1762855200000LL + i * 1500LL);
    n += (size_t)snprintf(out + n, size - n, "],\"closed\":true,\"rating\":4.5}");
    return n;
}

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void refused(void)
{
    fputs("bench_json: a text of the benchmark was refused\n", stderr);
    exit(1);
}

static void read_ours(struct slice text)
{
    struct jr_value root;
    struct jr_fault fault;
    if (jr_parse(text, &root, &fault) != OK)
        refused();
}

/* Every value once, as an operation that needs all of them would. */
static size_t walk(struct jr_value value)
{
    size_t sum = value.raw.n;
    struct jr_value name, element;
    struct jr_iter it = jr_iter(value);
    while (jr_next(&it, &name, &element))
        sum +=
            element.type == JR_OBJECT || element.type == JR_ARRAY ? walk(element) : element.raw.n;
    return sum;
}

static void read_and_walk_ours(struct slice text)
{
    struct jr_value root;
    struct jr_fault fault;
    if (jr_parse(text, &root, &fault) != OK || walk(root) == 0)
        refused();
}

static void read_jansson(struct slice text)
{
    json_t *root =
        json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        refused();
    json_decref(root);
}

/* Nanoseconds of one call, the best of ROUNDS. */
static double time_of(void (*read)(struct slice), struct slice text)
{
    long calls = 1;
    int64_t took = 0;
    while (took < ROUND_NS / 8) {
        calls *= 2;
        int64_t begin = cpu_ns();
        for (long i = 0; i < calls; i++)
            read(text);
        took = cpu_ns() - begin;
    }
    calls = (long)((double)calls * ROUND_NS / (double)took) + 1;
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t begin = cpu_ns();
        for (long i = 0; i < calls; i++)
            read(text);
        double each = (double)(cpu_ns() - begin) / (double)calls;
        if (round == 0 || each < best)
            best = each;
    }
    return best;
}

int main(void)
{
    static char large[4096];
    struct slice large_event = {large, make_large(large, sizeof(large))};
    const struct slice texts[] = {SLICE(small_event), SLICE(sample_event), large_event};

    printf("%10s %12s %14s %14s %10s\n", "bytes", "ours ns", "with walk ns", "jansson ns", "ratio");
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double ours = time_of(read_ours, texts[i]);
        double walked = time_of(read_and_walk_ours, texts[i]);
        double theirs = time_of(read_jansson, texts[i]);
        printf("%10zu %12.0f %14.0f %14.0f %9.1fx\n", texts[i].n, ours, walked, theirs,
               theirs / ours);
    }
    return 0;
}
