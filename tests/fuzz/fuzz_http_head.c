/* fuzz_http_head.c: a head that is taken has one reading only.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Lines of the head whose name is `name`, counted in another way than head.c does. */
static unsigned count(struct slice head, struct slice name)
{
    unsigned n = 0;

    for (size_t i = 1; i + name.n < head.n; i++) {
        struct slice there = {head.p + i, name.n};

        n += head.p[i - 1] == '\n' && slice_ieq(there, name) && head.p[i + name.n] == ':';
    }
    return n;
}

static void check_good(struct slice raw, const struct head_facts *facts)
{
    struct slice head = {raw.p, facts->length};
    struct head_facts again;

    require(facts->reason == NULL && head.n <= raw.n && head.n <= HEAD_MAX);
    require(head.n > 4 && memcmp(head.p + head.n - 4, "\r\n\r\n", 4) == 0);
    for (size_t i = 0; i < head.n; i++) {
        require(head.p[i] != 0);
        require(head.p[i] != '\n' || (i > 0 && head.p[i - 1] == '\r'));
        require(head.p[i] != '\r' || (i + 1 < head.n && head.p[i + 1] == '\n'));
    }
    require(count(head, SLICE("content-length")) == facts->has_content_length);
    require(count(head, SLICE("transfer-encoding")) == facts->has_transfer_encoding);
    require(!facts->has_content_length || !facts->has_transfer_encoding);
    require(facts->has_content_length || facts->content_length == 0);
    require(count(head, SLICE("host")) <= 1);

    /* What follows the head has no say in it. */
    require(head_check(head, &again) == HEAD_OK && again.length == head.n);
    require(again.content_length == facts->content_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice raw = {(const char *)data, size};
    struct head_facts facts;

    if (head_check(raw, &facts) == HEAD_OK)
        check_good(raw, &facts);
    else
        require(facts.reason != NULL);
    return 0;
}
