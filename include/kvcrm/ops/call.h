/* call.h: one call of an operation, from the checked request to its one answer.
 *
 * A call has one owner, the one who asked: the http exchange, later a batch or a journal record.
 * The owner fills `in`, runs the operation, and is told by `respond`, exactly once, that `out` is
 * ready; the operation never asks whether anybody still listens. When the owner goes away first it
 * calls call_dispose, which cancels what is under way: the script may still run in Redis, its reply
 * is swallowed. So memory has one rule: what a call needs lives in its arena, until call_dispose.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_CALL_H
#define KVCRM_OPS_CALL_H

#include "kvcrm/model/query.h"
#include "kvcrm/ops/env.h"
#include "kvcrm/ops/op.h"

#define CALL_MAX_PARAMS 4
#define CALL_ARENA_SIZE 4096
#define CALL_IDEMPOTENCY_KEY_MAX 255

/* What a browser says, asked or not (ops/visitor.h). */
struct visitor_head {
    struct slice cookie, referer, user_agent;
    struct slice address; /* bytes; behind proxies that are trusted (http/client.h) */
    bool refuses;         /* DNT: 1 or Sec-GPC: 1 */
};

/* A body and what its sender says to prove that it is theirs. */
struct sent_body {
    struct slice bytes, content_encoding;
    struct slice hub_signature, twilio_signature; /* X-Hub-Signature-256, X-Twilio-Signature */
    bool authentic;                               /* admit has verified it */
};

struct call_input {
    struct slice method, path;
    struct slice params[CALL_MAX_PARAMS]; /* of the route's pattern, as they stand in the path */
    struct slice query;                   /* raw, without '?' */
    struct slice body_text;               /* decoded to JSON */
    struct jr_value body;
    struct slice idempotency_key; /* SLICE_NONE when the caller sent none */
    struct slice if_none_match, if_match;
    struct slice request_id;
    struct visitor_head visitor; /* only for operations that say so */
    struct sent_body sent;       /* only for operations that say admit */
    int64_t received_ms;         /* by clock_now_ms, once for the whole call */
};

struct answer {
    int status;
    enum err err;      /* OK: body is the answer. Otherwise: what follows describes the error */
    struct slice body; /* JSON unless content_type says otherwise; valid inside respond only */
    const char *content_type; /* NULL: application/json */
    struct slice detail;      /* sentence; empty: the error's own */
    const struct faults *faults;
    struct slice
        members; /* more members of the error body: "\"existing_id\":\"contact_…\"", or none */
    struct slice etag, change_id, total_count, link, location, content_location, allow;
    struct slice set_cookie;
    bool cache_private; /* Cache-Control: private, no-cache */
    bool replayed;      /* Idempotent-Replayed: true */
};

struct call {
    struct env *env;
    const struct route *route;
    struct call_input in;
    struct field_result fields; /* of the op's input table */
    struct query query;
    struct faults faults; /* of the query, or found by the operation */
    struct script_call script;
    struct answer out;
    void (*respond)(struct call *call); /* may dispose the call: it is gone after that */
    void *owner;
    void *state;               /* the operation's own, in the arena */
    struct loop_timer timer;   /* for operations that wait for something else than the store */
    int64_t sent_us, redis_us; /* when the script was sent; how long Redis took, in all */
    bool answered;
    struct arena arena;
    char first_chunk[CALL_ARENA_SIZE];
};

/* Everything but `in`, which the caller fills. */
void call_init(struct call *call, struct env *env, const struct route *route,
               void (*respond)(struct call *), void *owner);
void call_dispose(struct call *call);

/* Starts a script of this call; done finds the call in script->data. Answers the call itself when
 * the store refuses. Arguments by script_key/script_arg on &call->script, or the shorthands below.
 */
void call_script(struct call *call, const struct script *script,
                 void (*done)(struct script_call *, enum err, const struct reply *));
void call_run_script(struct call *call);
struct slice call_key(struct call *call, enum key_pattern pattern, struct slice rest);
void call_arg(struct call *call, struct slice arg);
void call_arg_i64(struct call *call, int64_t v);
/* A pair of name and value; nothing when the value is empty. */
void call_pair(struct call *call, const char *name, struct slice value);
void call_pair_i64(struct call *call, const char *name, int64_t value);

/* The worker's answer buffer, emptied: write the body there, then call_ok in the same callback. */
struct buf *call_body(struct call *call);
void call_ok(struct call *call, int status);
/* 304 with the ETag in out. */
void call_not_modified(struct call *call);
/* detail may be NULL: the error's own sentence. */
void call_fail(struct call *call, enum err err, const char *detail);
/* 422 with the faults gathered in `faults`, which live as long as the call. */
void call_invalid(struct call *call, const struct faults *faults);
/* What a script's done does first: true when it has answered an error. */
bool call_failed(struct call *call, enum err err, const struct reply *reply);
/* Does If-None-Match name this entity tag (or *)? Weak comparison (RFC 9110, 8.8.3.2). */
bool call_etag_matches(struct slice if_none_match, struct slice etag);
/* If-Match: "v3" → 3; "" when the caller does not mind, "-1" for what is no version of ours. */
struct slice call_expected_version(const struct call *call);

#endif
