/* trace.c: W3C trace context.
 *
 * SPDX-License-Identifier: MIT */
#include "trace.h"

#include "kvcrm/base/clock.h"
#include "kvcrm/base/id.h"

#define ID_AT 3
#define SPAN_AT 36
#define FLAGS_AT 53

/* n lower-case hex digits, not all of them 0 unless zero_is_fine. */
static bool is_hex(const char *p, size_t n, bool zero_is_fine)
{
    bool zero = true;

    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= '0' && p[i] <= '9') && !(p[i] >= 'a' && p[i] <= 'f'))
            return false;
        zero = zero && p[i] == '0';
    }
    return !zero || zero_is_fine;
}

static bool is_parent(struct slice s)
{
    return s.n == TRACE_PARENT_LEN && slice_starts(s, SLICE("00-")) && s.p[SPAN_AT - 1] == '-' &&
           s.p[FLAGS_AT - 1] == '-' && is_hex(s.p + ID_AT, 32, false) &&
           is_hex(s.p + SPAN_AT, 16, false) && is_hex(s.p + FLAGS_AT, 2, true);
}

/* The last n digits of a new UUID: its random part. */
static void random_hex(char *out, size_t n)
{
    char uuid[ID_UUID_LEN + 1];

    id_uuid7(clock_now_ms(), uuid);
    for (size_t from = ID_UUID_LEN; n > 0; from--) {
        if (uuid[from - 1] != '-')
            out[--n] = uuid[from - 1];
    }
}

void trace_begin(struct trace *trace, struct slice given)
{
    if (is_parent(given)) {
        memcpy(trace->parent, given.p, TRACE_PARENT_LEN);
    } else {
        memcpy(trace->parent, "00-", ID_AT);
        random_hex(trace->parent + ID_AT, 32);
        memcpy(trace->parent + SPAN_AT - 1, "-0000000000000000-00", 20);
    }
    random_hex(trace->parent + SPAN_AT, 16);
    trace->parent[TRACE_PARENT_LEN] = '\0';
}
