/* op.h: the table of operations and of the routes that lead to them.
 *
 * An operation is one file of src/ops that exports one const struct op: who may call it, what its
 * body looks like, and `run`, which answers once (call.h), now or when the store has replied.
 * ops.def is the list of routes, one row for each line of API.md's table of endpoints.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_OP_H
#define KVCRM_OPS_OP_H

#include "kvcrm/model/field.h"

struct call;

#define OP_BODY_MAX ((size_t)256 * 1024)
#define OP_BODY_LARGEST ((size_t)4 * 1024 * 1024) /* that any operation may say */

/* The least that may call; each may also do what those before it may. */
enum op_auth { AUTH_OPEN, AUTH_WRITE, AUTH_READER, AUTH_AGENT, AUTH_ADMIN, AUTH_OWNER };

struct op {
    const char *name;
    enum op_auth auth;
    const struct field *input; /* of the body; NULL: the body is not looked at */
    bool capture;              /* takes events: null is absent, unknown members are kept */
    bool any_body;   /* the body is checked by run, which finds it parsed in call->in.body */
    bool writes;     /* takes Idempotency-Key */
    bool visitor;    /* takes what a browser says of its visitor: struct call_input's visitor */
    size_t body_max; /* bytes, also after decompression; 0: OP_BODY_MAX */
    /* Looks at the body as it came (struct call_input's sent), before anything reads it. False: it
     * has answered the call. NULL: whoever may call may send what they like. */
    bool (*admit)(struct call *call);
    /* With admit: answers, instead of run, a body that is proven to be its sender's
     * (sent.authentic) and cannot be read. */
    void (*unreadable)(struct call *call);
    void (*run)(struct call *call);
    void (*failed)(const struct call *call); /* hears of each answer that is an error, or NULL */
};

/* How errors look (API.md, "Errors"). */
enum route_style { STYLE_SEED, STYLE_PROBLEM };

struct route {
    const char *method;
    /* "/v1/contacts/{id}/timeline": {…} is one segment; {function} only matches the edge function
     * names that are served (make-server-<name> and --function-name). A literal beats a parameter.
     */
    const char *path;
    const struct op *op;
    enum route_style style;
};

/* Makes the operations' metrics; once, before the threads start. */
void ops_init(void);

extern const struct route routes[];
extern const unsigned route_count;

#endif
