/* fuzz_json.c: jr_parse against jansson, then every value of a text that was taken through the
 * accessors.
 *
 * jansson is read with JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, its strictest.
 * Both must say the same of a text, but for these differences, each of which is wanted:
 *
 *   NUL byte            jansson takes {"v":123<NUL>}; we take no NUL byte anywhere
 *   "\u0000"            taken by jansson in values (JSON_ALLOW_NUL), refused in names; we refuse it
 * in both, as well-formed: "nul" lone surrogate      a syntax error ("invalid Unicode") for
 * jansson, for us well-formed: "surrogate" depth, members      more than 32 levels or 256 members
 * are only our limits; jansson stops at 2,048 large numbers       1e309 and 9223372036854775808 are
 * refused by jansson; we keep any number as text two faults          jansson tells the first; for
 * us a text that is no JSON is bad_json, even when a duplicate or a number jansson cannot hold
 * stands before that place
 *
 * Further: a fault is well-formed, values lie inside their containers in order, each is again a
 * JSON text of its own, every member is found by its name, texts and numbers equal jansson's.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/model/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECKED_DEPTH 1024 /* so deep jr_parse checks the grammar */

#define CHECK(holds) \
    ((holds)         \
         ? (void)0   \
         : (fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds), abort()))

static enum err parse(struct slice text, struct jr_value *root, struct jr_fault *fault)
{
    memset(fault, 0x55, sizeof(*fault));
    enum err err = jr_parse(text, root, fault);
    if (err == OK)
        return OK;
    CHECK(err == ERR_BAD_JSON || err == ERR_VALIDATION);
    CHECK(fault->code != NULL && fault->detail != NULL && fault->offset <= text.n);
    CHECK(memchr(fault->path, '\0', sizeof(fault->path)) != NULL);
    CHECK((err == ERR_BAD_JSON) == (strcmp(fault->code, "bad_json") == 0));
    return err;
}

static bool is_too_deep_to_be_checked(struct slice text)
{
    size_t open = 0;
    for (size_t i = 0; i < text.n; i++)
        open += text.p[i] == '[' || text.p[i] == '{';
    return open > CHECKED_DEPTH;
}

/* May the two have said different things of this text? */
static void compare_verdicts(struct slice text, enum err ours, const struct jr_fault *fault,
                             const json_t *theirs, const json_error_t *error)
{
    enum json_error_code code = theirs == NULL ? json_error_code(error) : json_error_unknown;
    if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
        CHECK(ours == ERR_BAD_JSON || is_too_deep_to_be_checked(text));
        return;
    }
    if (ours == OK) {
        CHECK(theirs != NULL || code == json_error_numeric_overflow);
        return;
    }
    if (ours == ERR_BAD_JSON) {
        CHECK(theirs == NULL);
        return;
    }
    if (theirs != NULL) {
        CHECK(strcmp(fault->code, "nul") == 0 || strcmp(fault->code, "depth") == 0 ||
              strcmp(fault->code, "members") == 0);
        return;
    }
    switch (code) {
    case json_error_duplicate_key:
    case json_error_null_byte_in_key:
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        break;
    default: /* well-formed for us, so it can only be a lone surrogate */
        CHECK(strncmp(error->text, "invalid Unicode", 15) == 0 || is_too_deep_to_be_checked(text));
    }
}

static void compare_string(struct jr_value ours, const json_t *theirs, struct arena *arena)
{
    struct slice text = jr_text(ours, arena);
    struct slice expected = {json_string_value(theirs), json_string_length(theirs)};
    CHECK(slice_eq(text, expected));
    CHECK(jr_string_is(ours, expected));
    CHECK(ours.escaped == (memchr(ours.raw.p, '\\', ours.raw.n) != NULL));
    if (!ours.escaped)
        CHECK(text.p == ours.raw.p + 1 && text.n == ours.raw.n - 2);
}

static void compare_number(struct jr_value ours, const json_t *theirs)
{
    int64_t i = 0;
    double d = 0;
    bool integer = jr_i64(ours, &i);
    CHECK(integer == json_is_integer(theirs));
    if (integer)
        CHECK(i == json_integer_value(theirs));
    CHECK(jr_double(ours, &d));
    /* Both call strtod, but on different spellings of the number. */
    if (!integer)
        CHECK(d == json_real_value(theirs));
}

/* The value alone is a JSON text of the same type and extent. */
static void parse_again(struct jr_value value)
{
    struct jr_value root;
    struct jr_fault fault;
    CHECK(parse(value.raw, &root, &fault) == OK);
    CHECK(root.raw.p == value.raw.p && root.raw.n == value.raw.n);
    CHECK(root.type == value.type && root.escaped == value.escaped);
}

static void compare(struct jr_value ours, const json_t *theirs, struct arena *arena);

static void compare_container(struct jr_value ours, const json_t *theirs, struct arena *arena)
{
    struct jr_iter it = jr_iter(ours);
    struct jr_value name = {0}, value, found;
    const char *last = ours.raw.p + 1, *end = ours.raw.p + ours.raw.n - 1;
    size_t count = 0;
    for (; jr_next(&it, &name, &value); count++) {
        const json_t *element = NULL;
        if (ours.type == JR_OBJECT) {
            CHECK(name.raw.p >= last && name.type == JR_STRING);
            last = name.raw.p + name.raw.n;
            parse_again(name);
            struct slice key = jr_text(name, arena);
            CHECK(jr_member(ours, key, &found));
            CHECK(found.raw.p == value.raw.p && found.raw.n == value.raw.n);
            if (theirs != NULL)
                CHECK((element = json_object_getn(theirs, key.p, key.n)) != NULL);
        } else if (theirs != NULL) {
            CHECK((element = json_array_get(theirs, count)) != NULL);
        }
        CHECK(value.raw.p >= last && value.raw.n > 0 && value.raw.n <= (size_t)(end - value.raw.p));
        last = value.raw.p + value.raw.n;
        compare(value, element, arena);
    }
    CHECK(!jr_next(&it, &name, &value));
    if (theirs != NULL)
        CHECK(count ==
              (ours.type == JR_OBJECT ? json_object_size(theirs) : json_array_size(theirs)));
    CHECK(!jr_member(ours, SLICE("a name that no object has"), &found));
}

/* theirs is NULL where jansson has refused a number that is too large for it. */
static void compare(struct jr_value ours, const json_t *theirs, struct arena *arena)
{
    static const json_type types[] = {
        [JR_NULL] = JSON_NULL,     [JR_FALSE] = JSON_FALSE,   [JR_TRUE] = JSON_TRUE,
        [JR_STRING] = JSON_STRING, [JR_OBJECT] = JSON_OBJECT, [JR_ARRAY] = JSON_ARRAY};
    struct jr_value value;
    parse_again(ours);
    if (theirs != NULL)
        CHECK(ours.type == JR_NUMBER ? json_is_number(theirs)
                                     : json_typeof(theirs) == types[ours.type]);
    if (ours.type == JR_OBJECT || ours.type == JR_ARRAY) {
        compare_container(ours, theirs, arena);
        return;
    }
    struct jr_iter it = jr_iter(ours);
    CHECK(!jr_next(&it, NULL, &value));
    if (theirs != NULL && ours.type == JR_STRING)
        compare_string(ours, theirs, arena);
    if (theirs != NULL && ours.type == JR_NUMBER)
        compare_number(ours, theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct jr_value root;
    struct jr_fault fault;
    json_error_t error;
    enum err err = parse(text, &root, &fault);
    json_t *theirs = json_loadb(text.p != NULL ? text.p : "", text.n,
                                JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    compare_verdicts(text, err, &fault, theirs, &error);
    if (err == OK) {
        struct arena arena;
        arena_init(&arena, NULL, 0);
        compare(root, theirs, &arena);
        arena_dispose(&arena);
    }
    json_decref(theirs);
    return 0;
}
