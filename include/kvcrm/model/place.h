/* place.h: where an event is, from the address and the fields of a booking form.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_MODEL_PLACE_H
#define KVCRM_MODEL_PLACE_H

#include "kvcrm/base/arena.h"

/* Any of the fields may be absent. */
struct place {
    struct slice address; /* a street, or all of it: "123 Main St, Beverly Hills, CA 90210" */
    struct slice city, state, zip_code;
};

/* All of it on one line, as in seed 003: "123 Main St, Beverly Hills, CA 90210". A field that the
 * address names already (as whole words, in any case) is not repeated. SLICE_NONE: nothing is
 * known. */
struct slice place_full(const struct place *place, struct arena *arena);

/* "Beverly Hills, CA": the fields when both are known, else what the address says when it ends like
 * an address of the United States (ZIP and country may follow), else the one field that is known,
 * else the address as given. SLICE_NONE: nothing is known. */
struct slice place_city_state(const struct place *place, struct arena *arena);

#endif
