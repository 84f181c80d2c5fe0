/* fuzz_segment.c: a rule's text is refused with its place, or has one tree, one text and one JSON.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/field.h"
#include "kvcrm/model/name.h"
#include "kvcrm/model/segment.h"
#include "kvcrm/model/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static struct slice text_of(const struct segment_node *root, struct arena *arena)
{
    struct buf out;

    buf_init(&out, 1 << 24);
    segment_print_text(root, &out);
    struct slice text = arena_copy(arena, buf_slice(&out));
    buf_dispose(&out);
    return text;
}

static struct slice json_of(const struct segment_node *root, struct arena *arena)
{
    struct buf out;

    buf_init(&out, 1 << 24);
    struct jw w = jw_on(&out);
    segment_print_json(root, &w);
    struct slice json = arena_copy(arena, buf_slice(&out));
    buf_dispose(&out);
    return json;
}

static const struct segment_node *of_text(struct slice text, struct arena *arena)
{
    const struct segment_node *root;
    struct segment_fault fault;

    require(segment_parse_text(text, arena, &root, &fault));
    return root;
}

static const struct segment_node *of_json(struct slice json, struct arena *arena)
{
    const struct segment_node *root;
    struct segment_fault fault;
    struct jr_value value;
    struct jr_fault bad;

    require(jr_parse(json, &value, &bad) == OK);
    require(segment_parse_json(value, SLICE("rule"), arena, &root, &fault));
    return root;
}

/* As a program of its own: the bytes are also JSON, perhaps. */
static void check_json(struct slice text, struct arena *arena)
{
    const struct segment_node *root;
    struct segment_fault fault;
    struct jr_value value;
    struct jr_fault bad;

    if (jr_parse(text, &value, &bad) != OK)
        return;
    if (!segment_parse_json(value, SLICE("rule"), arena, &root, &fault))
        require(slice_starts(fault.path, SLICE("rule")) && fault.expected != NULL);
    else
        require(
            slice_eq(json_of(of_json(json_of(root, arena), arena), arena), json_of(root, arena)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    const struct segment_node *root;
    struct segment_fault fault;
    struct arena arena;

    arena_init(&arena, NULL, 0);
    check_json(text, &arena);
    if (!segment_parse_text(text, &arena, &root, &fault)) {
        require(fault.position <= field_chars(text) && fault.expected != NULL);
    } else if (utf8_is_valid(text) && memchr(text.p, 0, text.n) == NULL) {
        struct slice printed = text_of(root, &arena), json = json_of(root, &arena);
        const struct segment_node *again = of_text(printed, &arena);
        const struct segment_node *other = of_json(json, &arena);
        require(slice_eq(text_of(again, &arena), printed) &&
                slice_eq(json_of(again, &arena), json));
        require(slice_eq(text_of(other, &arena), printed));
        struct segment_facts facts = {.text = {[SEGMENT_MESSAGE] = name_fold(text, &arena)}};
        bool is_in = segment_matches(root, &facts);
        require(segment_matches(again, &facts) == is_in);
        require(segment_matches(other, &facts) == is_in);
    }
    arena_dispose(&arena);
    return 0;
}
