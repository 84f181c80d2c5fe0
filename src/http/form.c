/* form.c: application/x-www-form-urlencoded.
 *
 * A body reaches this file because nothing else fits, so a form must look like one before it is
 * taken for one: text in another language (XML, a quoted JSON string) is refused as such, not
 * stored as a strangely named field. Values are taken as loosely as curl -d sends them, names are
 * not.
 *
 * SPDX-License-Identifier: MIT */
#include "form.h"

#include "form_tree.h"
#include "kvcrm/model/query.h"

static bool is_name_char(char c)
{
    unsigned char u = (unsigned char)c;

    return u > ' ' && u != 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

static bool is_value_char(char c)
{
    unsigned char u = (unsigned char)c;

    return (u >= ' ' && u != 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

bool form_looks_urlencoded(struct slice body)
{
    size_t i = 0;

    do {
        size_t start = i;

        while (i < body.n && body.p[i] != '=' && body.p[i] != '&' && is_name_char(body.p[i]))
            i++;
        if (i == start || i == body.n || body.p[i] != '=')
            return false;
        while (i < body.n && body.p[i] != '&' && is_value_char(body.p[i]))
            i++;
        if (i < body.n && body.p[i] != '&')
            return false;
    } while (i++ < body.n);
    return true;
}

static enum err add_pair(struct form_tree *tree, struct slice pair)
{
    struct slice name, value;
    enum err err = form_tree_count(tree);

    if (err != OK)
        return err;
    slice_cut(&pair, '=', &name);
    if (!query_unescape(name, tree->arena, &name) || !query_unescape(pair, tree->arena, &value)) {
        tree->why->detail = "The form has a % without two hexadecimal digits";
        return ERR_BAD_BODY;
    }
    return form_tree_add(tree, name, value);
}

enum err form_urlencoded(struct slice body, struct arena *arena, struct slice *json,
                         struct form_refusal *why)
{
    struct form_tree tree;
    struct slice pair;

    if (!form_looks_urlencoded(body))
        return ERR_BAD_BODY;
    form_tree_init(&tree, arena, why);
    while (slice_cut(&body, '&', &pair)) {
        enum err err = add_pair(&tree, pair);

        if (err != OK)
            return err;
    }
    return form_tree_json(&tree, json);
}
