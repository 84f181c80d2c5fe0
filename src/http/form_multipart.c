/* form_multipart.c: multipart/form-data (RFC 7578), text fields only.
 *
 * A delimiter is CR LF "--" boundary; the first may stand at the very start. What stands before the
 * first and after the closing one is ignored; everything between must be exact: a body that was cut
 * short has no closing delimiter and is refused as a whole.
 *
 * SPDX-License-Identifier: MIT */
#include "form.h"

#include "form_tree.h"

#define MAX_BOUNDARY 70 /* RFC 2046, 5.1.1 */

/* CR LF "--" boundary, built once for each body. */
struct delimiter {
    char text[4 + MAX_BOUNDARY];
    size_t n;
};

/* What a part's headers say. */
struct part {
    struct slice name, filename;
    bool has_disposition, has_name, is_file;
};

enum param { PARAM_END, PARAM_FOUND, PARAM_BAD };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip(struct slice *s, size_t n)
{
    s->p += n;
    s->n -= n;
}

static void skip_blanks(struct slice *s)
{
    while (s->n > 0 && is_blank(*s->p))
        skip(s, 1);
}

/* A quoted string, *rest standing on its first quote; its backslashes are left in *value. */
static bool quoted_string(struct slice *rest, struct slice *value)
{
    size_t i = 1;

    while (i < rest->n && rest->p[i] != '"')
        i += rest->p[i] == '\\' ? 2 : 1;
    if (i >= rest->n)
        return false;
    *value = (struct slice){rest->p + 1, i - 1};
    skip(rest, i + 1);
    return true;
}

/* Takes `; name=value` off *rest. */
static enum param param_next(struct slice *rest, struct slice *name, struct slice *value)
{
    size_t i = 0;

    skip_blanks(rest);
    if (rest->n == 0)
        return PARAM_END;
    if (*rest->p != ';')
        return PARAM_BAD;
    skip(rest, 1);
    skip_blanks(rest);
    if (rest->n == 0)
        return PARAM_END;
    while (i < rest->n && rest->p[i] != '=' && rest->p[i] != ';' && !is_blank(rest->p[i]))
        i++;
    if (i == 0 || i == rest->n || rest->p[i] != '=')
        return PARAM_BAD;
    *name = (struct slice){rest->p, i};
    skip(rest, i + 1);
    if (rest->n > 0 && *rest->p == '"')
        return quoted_string(rest, value) ? PARAM_FOUND : PARAM_BAD;
    for (i = 0; i < rest->n && rest->p[i] != ';' && !is_blank(rest->p[i]);)
        i++;
    *value = (struct slice){rest->p, i};
    skip(rest, i);
    return PARAM_FOUND;
}

static bool is_boundary(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_alnum && (c == 0 || strchr("'()+_,-./:=? ", c) == NULL))
            return false;
    }
    return s.n > 0 && s.n <= MAX_BOUNDARY && s.p[s.n - 1] != ' ';
}

/* The part of a header value before its parameters, without blanks. */
static struct slice header_type(struct slice *rest)
{
    size_t i = 0;

    while (i < rest->n && rest->p[i] != ';')
        i++;
    struct slice type = slice_trim((struct slice){rest->p, i});
    skip(rest, i);
    return type;
}

struct slice form_boundary(struct slice content_type)
{
    struct slice rest = content_type, name, value, boundary = SLICE_NONE;
    enum param found;

    if (!slice_ieq(header_type(&rest), SLICE("multipart/form-data")))
        return SLICE_NONE;
    while ((found = param_next(&rest, &name, &value)) == PARAM_FOUND) {
        if (slice_ieq(name, SLICE("boundary"))) {
            if (boundary.p != NULL || !is_boundary(value))
                return SLICE_NONE;
            boundary = value;
        }
    }
    return found == PARAM_END ? boundary : SLICE_NONE;
}

static struct delimiter delimiter_of(struct slice boundary)
{
    struct delimiter d = {.text = "\r\n--", .n = 4 + boundary.n};

    memcpy(d.text + 4, boundary.p, boundary.n);
    return d;
}

/* *before: what stands before the next delimiter; *rest: what stands after it. */
static bool cut_delimiter(struct slice *rest, const struct delimiter *d, struct slice *before)
{
    const char *at = memmem(rest->p, rest->n, d->text, d->n);

    if (at == NULL)
        return false;
    *before = (struct slice){rest->p, (size_t)(at - rest->p)};
    skip(rest, before->n + d->n);
    return true;
}

/* As cut_delimiter, for the first one. */
static bool cut_preamble(struct slice *rest, const struct delimiter *d)
{
    struct slice preamble;

    if (slice_starts(*rest, (struct slice){d->text + 2, d->n - 2})) {
        skip(rest, d->n - 2);
        return true;
    }
    return cut_delimiter(rest, d, &preamble);
}

bool form_has_delimiter(struct slice body, struct slice boundary)
{
    struct delimiter d;

    if (!is_boundary(boundary))
        return false;
    d = delimiter_of(boundary);
    return cut_preamble(&body, &d);
}

/* A quoted name's text: \" and \\ lose their backslash, any other backslash is one. */
static struct slice unquote(struct slice s, struct arena *arena)
{
    char *p;
    size_t n = 0;

    if (s.n == 0 || memchr(s.p, '\\', s.n) == NULL)
        return s;
    p = arena_alloc(arena, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
            i++;
        p[n++] = s.p[i];
    }
    return (struct slice){p, n};
}

static bool read_disposition(struct slice value, struct part *part)
{
    struct slice name;
    enum param found;

    if (part->has_disposition || !slice_ieq(header_type(&value), SLICE("form-data")))
        return false;
    part->has_disposition = true;
    for (struct slice text; (found = param_next(&value, &name, &text)) == PARAM_FOUND;) {
        if (slice_ieq(name, SLICE("name"))) {
            if (part->has_name)
                return false;
            part->has_name = true;
            part->name = text;
        } else if (slice_ieq(name, SLICE("filename")) || slice_ieq(name, SLICE("filename*"))) {
            part->is_file = true;
            part->filename = text;
        }
    }
    return found == PARAM_END;
}

/* Bytes are taken as they are: a transfer encoding that would change them is refused. */
static bool is_plain_encoding(struct slice value)
{
    return slice_ieq(value, SLICE("7bit")) || slice_ieq(value, SLICE("8bit")) ||
           slice_ieq(value, SLICE("binary"));
}

static bool read_header(struct slice line, struct part *part)
{
    struct slice name, value = line;

    if (memchr(line.p, '\r', line.n) != NULL || memchr(line.p, '\n', line.n) != NULL ||
        is_blank(*line.p) || !slice_cut(&value, ':', &name) || value.p == NULL)
        return false;
    value = slice_trim(value);
    if (slice_ieq(name, SLICE("content-disposition")))
        return read_disposition(value, part);
    return !slice_ieq(name, SLICE("content-transfer-encoding")) || is_plain_encoding(value);
}

/* Header lines up to the empty one; what stands after it stays in *rest. */
static bool read_headers(struct slice *rest, struct part *part)
{
    for (;;) {
        const char *end = memmem(rest->p, rest->n, "\r\n", 2);
        struct slice line;

        if (end == NULL)
            return false;
        line = (struct slice){rest->p, (size_t)(end - rest->p)};
        skip(rest, line.n + 2);
        if (line.n == 0)
            return part->has_name && part->name.n > 0;
        if (!read_header(line, part))
            return false;
    }
}

static enum err broken(struct form_tree *tree, const char *detail)
{
    tree->why->detail = detail;
    return ERR_BAD_BODY;
}

static enum err add_part(struct form_tree *tree, struct slice text)
{
    struct part part = {0};
    struct slice name, value = text;

    if (!read_headers(&value, &part))
        return broken(tree, "A part of the form has no valid headers with a name");
    name = unquote(part.name, tree->arena);
    if (!part.is_file)
        return form_tree_add(tree, name, value);
    /* A browser sends an empty file without a name where nobody has chosen one. */
    if (part.filename.n > 0 || value.n > 0)
        form_tree_refuse_file(tree, name);
    return OK;
}

enum err form_multipart(struct slice body, struct slice boundary, struct arena *arena,
                        struct slice *json, struct form_refusal *why)
{
    struct delimiter d = delimiter_of(boundary);
    struct form_tree tree;
    struct slice part;

    form_tree_init(&tree, arena, why);
    if (!cut_preamble(&body, &d))
        return broken(&tree, "The form has no delimiter");
    while (!slice_starts(body, SLICE("--"))) {
        enum err err = form_tree_count(&tree);

        if (err != OK)
            return err;
        skip_blanks(&body); /* transport padding */
        if (!slice_starts(body, SLICE("\r\n")))
            return broken(&tree, "A delimiter of the form must end in CR LF");
        skip(&body, 2);
        if (!cut_delimiter(&body, &d, &part))
            return broken(&tree, "The form is cut short, it has no closing delimiter");
        err = add_part(&tree, part);
        if (err != OK)
            return err;
    }
    return form_tree_json(&tree, json);
}
