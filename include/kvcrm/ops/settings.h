/* settings.h: a workspace's settings as a worker sees them: the table's defaults, overridden by
 * what is stored. A worker's copy is replaced as a whole; nothing keeps a pointer into it beyond a
 * callback.
 *
 * SPDX-License-Identifier: MIT */
#ifndef KVCRM_OPS_SETTINGS_H
#define KVCRM_OPS_SETTINGS_H

#include "kvcrm/base/buf.h"
#include "kvcrm/model/field.h"
#include "kvcrm/model/identity.h"
#include "kvcrm/store/reply.h"

/* What may be kept of a visitor nobody knows: nothing; a session while the browser is open; one
 * that the browser finds again. */
enum consent { CONSENT_OFF, CONSENT_SESSION, CONSENT_FULL };

struct settings {
    int64_t version;   /* of the workspace's settings, 0 before the first change */
    unsigned decimals; /* of the currency */
    struct identity_rules identity;
    enum consent consent;
#define SETTING_BOOL(name, preset, doc) bool name;
#define SETTING_TEXT(name, preset, max, check, doc) char name[(max) + 1];
#define SETTING_LIST(name, preset, max, check, doc) char name[(max) + 1];
#define SETTING_INT(name, preset, least, most, doc) int64_t name;
#define SETTING_DECIMAL(name, preset, digits, most, doc) int64_t name;
#include "kvcrm/ops/settings.def"
#undef SETTING_BOOL
#undef SETTING_TEXT
#undef SETTING_LIST
#undef SETTING_INT
#undef SETTING_DECIMAL
};

void settings_defaults(struct settings *s);
/* stored: a flat field-value array; fields without a row, or with a value that no longer fits, keep
 * the default (an older or newer release wrote them). */
void settings_load(struct settings *s, int64_t version, const struct reply *stored);
/* One change, as it came in a body. Adds a fault named after the member when it does not fit;
 * otherwise *text is how it is stored (empty: back to the default, asked for by null). */
void settings_check(struct slice name, struct jr_value value, struct arena *arena,
                    struct faults *faults, struct slice *text);
/* {"strict_events":false,…} */
void settings_print(const struct settings *s, struct jw *w);
/* "off", "session", "full"; false for any other word. */
MUST_CHECK bool consent_parse(struct slice word, enum consent *consent);
/* May this Origin call from a browser? */
bool settings_origin_allowed(const struct settings *s, struct slice origin);

#endif
