/* fuzz_http_form.c: what a form becomes is JSON that our own reader takes, or it is refused with a
 * reason.
 *
 * The first byte tells which: 'm' a multipart body with the boundary "b", anything else a
 * urlencoded one.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "form.h"
#include "kvcrm/model/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_json(struct slice json)
{
    struct jr_value root;
    struct jr_fault fault;

    require(jr_parse(json, &root, &fault) == OK);
    require(root.type == JR_OBJECT);
}

static void check_refusal(enum err err, const struct form_refusal *why)
{
    require(err == ERR_BAD_BODY || err == ERR_VALIDATION);
    require(err != ERR_VALIDATION || why->faults.count > 0);
    for (unsigned i = 0; i < why->faults.count && i < FIELD_MAX_FAULTS; i++)
        require(why->faults.list[i].code != NULL && why->faults.list[i].detail.n > 0 &&
                why->faults.list[i].field.n <= FORM_MAX_NAME);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = {(const char *)data + 1, size - 1}, json = SLICE_NONE;
    struct form_refusal why = {0};
    struct arena arena;
    enum err err;

    if (size == 0)
        return 0;
    arena_init(&arena, NULL, 0);
    if (*data == 'm')
        err = form_multipart(body, SLICE("b"), &arena, &json, &why);
    else
        err = form_urlencoded(body, &arena, &json, &why);
    if (err == OK)
        check_json(json);
    else
        check_refusal(err, &why);
    arena_dispose(&arena);
    return 0;
}
