/* contact_identities.c: every identity that a contact has or had.
 *
 * What is indexed to the contact stands in its crm_contact_alias_ set. An identity that stands on
 * the contact and not there is indexed to somebody else: it is shared.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "contact_view.h"
#include "identity_view.h"
#include "kvcrm/store/scripts.h"
#include "list.h"

static void run(struct call *call);

const struct op op_contact_identities = {
    .name = "contact_identities", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {NULL};

#define ALIASES_MOST 500 /* as in lua/contact_identities.lua */

/* The contact's own ones, in the order of the script's reply. */
static const char *const own_words[] = {"ext", "email", "phone", "wa"};

#define OWN_WORDS (sizeof own_words / sizeof own_words[0])

struct identity {
    struct slice kind, value;
    bool current; /* stands on the contact */
};

static int by_bytes(struct slice a, struct slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_kind(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    int order = by_bytes(x->kind, y->kind);

    return order != 0 ? order : by_bytes(x->value, y->value);
}

/* Those of the alias set; what it has beside identities is left out. */
static unsigned read_aliases(const struct reply *aliases, struct identity *list)
{
    unsigned count = 0;

    for (size_t i = 0; i < reply_count(aliases); i++) {
        struct slice value = reply_text_at(aliases, i), word;
        if (!slice_cut(&value, ':', &word) || identity_kind_shown(word).n == 0)
            continue;
        list[count++] = (struct identity){identity_kind_shown(word), value, false};
    }
    return count;
}

/* The contact's own one: marked in the list, where it stands as part of a key, or added as shared.
 */
static unsigned add_own(struct call *call, const char *word, struct slice own, bool all,
                        struct identity *list, unsigned count)
{
    struct slice kind = identity_kind_shown(slice_of(word));
    struct slice in_key = key_safe(own, &call->arena);

    for (unsigned i = 0; i < count; i++) {
        if (slice_eq(list[i].kind, kind) && slice_eq(list[i].value, in_key)) {
            list[i].value = own;
            list[i].current = true;
            return count;
        }
    }
    if (!all)
        return count; /* it may be among those that were not read */
    struct slice value = arena_join(&call->arena, 3, kind, SLICE(":"), own);
    list[count++] = (struct identity){SLICE("shared"), value, true};
    return count;
}

static void on_identities(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct list *list = call->state;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, list, reply_text_at(reply, 0), SLICE(""));
    call->out.change_id = SLICE_NONE; /* they change with the contact's version only */
    contact_locate(call, reply_text_at(reply, 1));
    if (reply_count(reply) == 2) {
        call_not_modified(call);
        return;
    }
    const struct reply *aliases = reply_at(reply, 2 + OWN_WORDS);
    bool all = reply_count(aliases) < ALIASES_MOST;
    struct identity *found =
        arena_alloc(&call->arena, (reply_count(aliases) + OWN_WORDS) * sizeof *found);
    unsigned count = read_aliases(aliases, found);
    for (unsigned i = 0; i < OWN_WORDS; i++) {
        struct slice own = reply_text_at(reply, 2 + i);
        if (own.n > 0)
            count = add_own(call, own_words[i], own, all, found, count);
    }
    qsort(found, count, sizeof *found, by_kind);

    struct jw w = jw_on(call_body(call));
    list_open(&w);
    for (unsigned i = 0; i < count; i++) {
        jw_object(&w);
        jw_key(&w, "kind");
        jw_string(&w, found[i].kind);
        jw_key(&w, "value");
        jw_string(&w, found[i].value);
        jw_key(&w, "current");
        jw_bool(&w, found[i].current);
        jw_object_end(&w);
    }
    list_close(call, list, &w, SLICE_NONE, false);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct list *list = arena_zalloc(&call->arena, sizeof *list);
    struct slice c, known, more;

    call->state = list;
    if (!contact_id_parse(call->in.params[0], &c)) {
        call_fail(call, ERR_NOT_FOUND, NULL);
        return;
    }
    if (!list_begin(call, parameters, list))
        return;
    list_known(call, list, &known, &more);
    call_script(call, &script_contact_identities, on_identities);
    script_key(&call->script, call_key(call, KEY_CONTACT, c));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg(call, c);
    call_arg(call, known);
    call_run_script(call);
}
