/* fuzz_template.c: a rendered template has no bracket but those of the facts, and those of the
 * facts mean nothing.
 *
 * The input is cut at RS (0x1E): name, date, time, guests, address, customer's phone, brand,
 * brand's phone, date, time and end of an alternative, and the body. The first byte says what the
 * numbers are. The same facts are rendered as they are and with parentheses for brackets: the
 * replies must differ in nothing else.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/link.h"
#include "kvcrm/model/template.h"
#include "kvcrm/model/utf8.h"

enum { TEXTS = 11, RS = 0x1E };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static struct slice without_brackets(struct slice s, struct arena *arena)
{
    char *copy = arena_alloc(arena, s.n);

    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] == '[' ? '(' : s.p[i] == ']' ? ')' : s.p[i];
    return (struct slice){copy, s.n};
}

static struct slice render(const struct slice texts[TEXTS], struct slice body, unsigned numbers,
                           struct arena *arena)
{
    struct slot_alternative offered[2] = {
        {.date = texts[8], .time = texts[9], .end = texts[10], .confirmed = numbers & 1},
        {.date = texts[1], .time = texts[2], .spots = 1, .confirmed = numbers & 2},
    };
    struct template_facts facts = {
        .name = texts[0],
        .date = texts[1],
        .time = texts[2],
        .guests = texts[3],
        .place = {.address = texts[4]},
        .customer_phone = texts[5],
        .brand = texts[6],
        .brand_phone = texts[7],
        .phone_is = numbers & 4 ? TEMPLATE_PHONE_CUSTOMER : TEMPLATE_PHONE_BRAND,
        .today = (int64_t)numbers * 100,
        .alternatives = offered,
        .alternative_count = numbers >> 3 & 1 ? 2 : 0,
    };
    offered[0].spots = numbers >> 4;
    return template_render(body, &facts, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned numbers = data[0];
    struct slice rest = {(const char *)data + 1, size - 1}, body;
    struct slice texts[TEXTS] = {{0}}, plain_texts[TEXTS];
    bool is_utf8 = utf8_is_valid(rest);
    struct arena arena;

    arena_init(&arena, NULL, 0);
    for (unsigned i = 0; i < TEXTS; i++) {
        (void)slice_cut(&rest, RS, &texts[i]);
        plain_texts[i] = without_brackets(texts[i], &arena);
    }
    body = rest;

    struct slice reply = render(texts, body, numbers, &arena);
    struct slice plain = render(plain_texts, body, numbers, &arena);
    require(reply.n <= TEMPLATE_TEXT_MAX);
    require(utf8_is_valid(reply) || !is_utf8);
    require(slice_eq(without_brackets(reply, &arena), plain));
    require(plain.n == 0 ||
            (memchr(plain.p, '[', plain.n) == NULL && memchr(plain.p, ']', plain.n) == NULL));

    struct slice link = link_email(SLICE("a@b"), texts[0], reply, &arena);
    for (size_t i = 0; i < link.n; i++)
        require(link.p[i] > ' ' && link.p[i] < 0x7F);
    arena_dispose(&arena);
    return 0;
}
