/* visitor.c: consent, the session cookie, the page a visitor is on.
 *
 * The cookie only ever holds ids that were made here, so that nothing a page has put into it
 * becomes the name of a session.
 *
 * SPDX-License-Identifier: MIT */
#include "visitor.h"

#define COOKIE "kvcrm_sid"
#define COOKIE_RULES "; HttpOnly; SameSite=Lax; Path=/"
#define COOKIE_KEPT "; Max-Age=2592000" /* 30 days, where the visitor agrees to be found again */
#define SESSION_PREFIX "sess_"

enum consent visitor_consent(const struct call *call, struct slice asked)
{
    enum consent consent = call->env->settings.consent, own;

    if (call->in.visitor.refuses)
        return CONSENT_OFF;
    return consent_parse(asked, &own) && own < consent ? own : consent;
}

bool visitor_made_session(struct slice session_id)
{
    size_t n = sizeof SESSION_PREFIX - 1;

    return slice_starts(session_id, SLICE(SESSION_PREFIX)) &&
           id_is_uuid((struct slice){session_id.p + n, session_id.n - n});
}

struct slice visitor_session(const struct call *call)
{
    struct slice rest = call->in.visitor.cookie, pair, name;

    while (slice_cut(&rest, ';', &pair)) {
        slice_cut(&pair, '=', &name);
        if (slice_is(slice_trim(name), COOKIE) && visitor_made_session(slice_trim(pair)))
            return slice_trim(pair);
    }
    return SLICE_NONE;
}

struct slice visitor_new_session(struct call *call)
{
    char uuid[ID_UUID_LEN + 1];

    id_uuid7(call->in.received_ms, uuid);
    return arena_join(&call->arena, 2, SLICE(SESSION_PREFIX), slice_of(uuid));
}

void visitor_keep_session(struct call *call, struct slice session_id, enum consent consent)
{
    call->out.set_cookie =
        arena_join(&call->arena, 4, SLICE(COOKIE "="), session_id, SLICE(COOKIE_RULES),
                   consent == CONSENT_FULL ? SLICE(COOKIE_KEPT) : SLICE(""));
}

struct slice visitor_page(const struct call *call)
{
    struct slice rest = call->in.visitor.referer, path, head;

    if (!slice_cut(&rest, ':', &head) || !slice_starts(rest, SLICE("//")))
        return SLICE_NONE;
    rest = (struct slice){rest.p + 2, rest.n - 2};
    const char *slash = rest.n > 0 ? memchr(rest.p, '/', rest.n) : NULL;
    if (slash == NULL)
        return SLICE("/");
    path = (struct slice){slash, rest.n - (size_t)(slash - rest.p)};
    slice_cut(&path, '#', &head);
    path = head;
    slice_cut(&path, '?', &head);
    return head;
}
