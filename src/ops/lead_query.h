/* lead_query.h: which leads a list is asked for: filters and order of the lists of leads, read from
 * the query string and put as arguments of lua/lead_list.lua.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_LEAD_QUERY_H
#define KVCRM_OPS_LEAD_QUERY_H

#include "kvcrm/model/failure.h"
#include "kvcrm/model/lead.h"
#include "kvcrm/ops/call.h"

enum lead_order { LEAD_BY_CREATED, LEAD_BY_UPDATED, LEAD_BY_SCORE, LEAD_BY_PRIORITY };

struct lead_query {
    enum lead_order order;
    bool descending, anonymous;
    unsigned filters;          /* those given, bits of lead_query.c */
    bool statuses[LEAD_WORDS]; /* those asked for */
    struct slice source;       /* slug */
    struct slice quality;      /* slug: "hot" */
    enum failure_reason reason, refined;
    bool active, converted, contacted;
    struct slice assignee, phone; /* phone: canonical */
    struct slice contact;         /* bare <c> */
    struct slice pointer;         /* key that holds the id of the only lead */
    int64_t score_min, score_max, after, before;
    bool is_exact;    /* an index has just what is asked for */
    unsigned indexes; /* as many are walked side by side when it is so */
};

/* The parameters that decide what is in a list, for cursors. */
extern const char *const lead_query_parameters[];

/* Faults go to call->faults. */
void lead_query_read(struct call *call, struct lead_query *query);
/* The keys of the indexes: those of the script from KEYS[2] on. */
void lead_query_keys(struct call *call, const struct lead_query *query);
/* The script's arguments from the number of groups on. */
void lead_query_args(struct call *call, const struct lead_query *query);
/* Where the first page begins when it does not begin at the end of the index; "" and "". */
void lead_query_start(struct call *call, const struct lead_query *query, struct slice *score,
                      struct slice *member);

#endif
