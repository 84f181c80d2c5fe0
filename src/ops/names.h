/* names.h: names that were counted, and those of some days added up, the most counted first.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_NAMES_H
#define KVCRM_OPS_NAMES_H

#include "days.h"

struct names {
    struct counted {
        struct slice name;
        int64_t count;
    } * list;
    size_t count, room;
};

/* The name is copied. */
void names_add(struct names *names, struct arena *arena, struct slice name, int64_t count);
/* Makes one of those that were added several times; orders by count, then by name. */
void names_rank(struct names *names);

/* Names of some days. The caller fills what stands first. */
struct names_days {
    enum key_pattern pattern; /* a sorted set of a day, of which the first 1,000 are read */
    struct days days;
    void (*done)(struct call *call); /* not called when the call has been answered with an error */
    struct names names;              /* ranked */
    unsigned have;                   /* days read so far */
    void *state;                     /* the call's, meanwhile */
};
/* Reads day by day, then calls done. Borrows call->state until then. */
void names_days_read(struct call *call, struct names_days *names);

#endif
