/* problem.h: the body of an error answer, in both styles (API.md, "Errors").
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_HTTP_PROBLEM_H
#define KVCRM_HTTP_PROBLEM_H

#include "kvcrm/ops/call.h"

struct problem {
    enum err err;
    int status;
    struct slice detail;   /* empty: the error's own sentence */
    struct slice instance; /* path, without query */
    struct slice request_id;
    const struct faults *faults; /* or NULL */
    struct slice members;        /* more members, or none */
    bool in_body;                /* faults are of the body: they get a JSON pointer (RFC 6901) */
};

/* RFC 9457 members; in seed style also "success":false and a string "error". */
void problem_print(const struct problem *problem, enum route_style style, struct buf *out);
const char *problem_content_type(enum route_style style);

#endif
