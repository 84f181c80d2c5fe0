/* problem.c: the body of an error answer, in both styles.
 *
 * SPDX-License-Identifier: MIT */
#include "problem.h"

/* customer.email → /customer/email, with ~ and / escaped as RFC 6901 wants. */
static void print_pointer(struct buf *out, struct slice field)
{
    buf_str(out, ",\"pointer\":\"/");
    for (size_t i = 0; i < field.n; i++) {
        char c = field.p[i];
        if (c == '.')
            buf_char(out, '/');
        else if (c == '~')
            buf_str(out, "~0");
        else if (c == '/')
            buf_str(out, "~1");
        else if (c == '"' || c == '\\' || (unsigned char)c < ' ')
            buf_printf(out, "\\u%04x", (unsigned char)c);
        else
            buf_char(out, c);
    }
    buf_char(out, '"');
}

static void print_faults(const struct problem *problem, struct buf *out)
{
    const struct faults *faults = problem->faults;

    buf_str(out, ",\"errors\":[");
    for (unsigned i = 0; i < faults->count && i < FIELD_MAX_FAULTS; i++) {
        const struct fault *fault = &faults->list[i];
        buf_str(out, i > 0 ? ",{\"field\":" : "{\"field\":");
        buf_json_string(out, fault->field);
        if (problem->in_body && fault->field.n > 0)
            print_pointer(out, fault->field);
        buf_str(out, ",\"code\":");
        buf_json_string(out, slice_of(fault->code));
        buf_str(out, ",\"detail\":");
        buf_json_string(out, fault->detail);
        if (fault->position >= 0) {
            buf_str(out, ",\"position\":");
            buf_i64(out, fault->position);
        }
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void print_detail(const struct problem *problem, struct buf *out)
{
    const struct faults *faults = problem->faults;

    if (problem->detail.n > 0)
        buf_json_string(out, problem->detail);
    else if (faults != NULL && faults->count == 1)
        buf_str(out, "\"1 field is not valid\"");
    else if (faults != NULL && faults->count > 1)
        buf_printf(out, "\"%u fields are not valid\"", faults->count);
    else
        buf_json_string(out, slice_of(err_row(problem->err)->sentence));
}

void problem_print(const struct problem *problem, enum route_style style, struct buf *out)
{
    const struct err_row *row = err_row(problem->err);

    buf_char(out, '{');
    if (style == STYLE_SEED) {
        buf_str(out, "\"success\":false,\"error\":");
        print_detail(problem, out);
        buf_char(out, ',');
    }
    buf_printf(out, "\"type\":\"/problems/%s\",\"title\":", row->code);
    buf_json_string(out, slice_of(row->sentence));
    buf_printf(out, ",\"status\":%d,\"code\":\"%s\",\"detail\":", problem->status, row->code);
    print_detail(problem, out);
    buf_str(out, ",\"instance\":");
    buf_json_string(out, problem->instance);
    if (problem->faults != NULL)
        print_faults(problem, out);
    if (problem->members.n > 0) {
        buf_char(out, ',');
        buf_add(out, problem->members);
    }
    if (problem->request_id.n > 0) {
        buf_str(out, ",\"request_id\":");
        buf_json_string(out, problem->request_id);
    }
    buf_char(out, '}');
}

const char *problem_content_type(enum route_style style)
{
    return style == STYLE_SEED ? "application/json" : "application/problem+json";
}
