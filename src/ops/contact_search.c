/* contact_search.c: contacts by the beginnings of words: of names, e-mail address, digits of the
 * phone.
 *
 * SPDX-License-Identifier: MIT */
#include "contact_view.h"
#include "kvcrm/model/name.h"
#include "kvcrm/store/scripts.h"
#include "list.h"

static void run(struct call *call);

const struct op op_contact_search = {.name = "contact_search", .auth = AUTH_READER, .run = run};

static const char *const parameters[] = {"q", NULL};

#define CHARS_LEAST 2
#define CHARS_MOST 100
#define WORDS_MOST (CHARS_MOST / 2)
#define WORD_BYTES 64 /* as in lua/lib/search.lua */
#define LIMIT_MOST 50

struct search {
    struct list list;
    struct slice words[WORDS_MOST]; /* the longest first */
    unsigned count;
};

/* +1 (555) 000-1111 → 15550001111, which is how phones are indexed; SLICE_NONE for what is none. */
static struct slice phone_digits(struct slice q, struct arena *arena)
{
    char *digits = arena_alloc(arena, q.n);
    size_t n = 0;

    for (size_t i = 0; i < q.n; i++) {
        char c = q.p[i];
        if (c >= '0' && c <= '9')
            digits[n++] = c;
        else if (memchr("+ .-()/", c, 7) == NULL)
            return SLICE_NONE;
    }
    size_t skip = n > 2 && memcmp(digits, "00", 2) == 0 ? 2 : 0;
    return n > 0 ? (struct slice){digits + skip, n - skip} : SLICE_NONE;
}

/* As long as what is indexed of such a word. */
static struct slice cut(struct slice word)
{
    if (word.n <= WORD_BYTES)
        return word;
    word.n = WORD_BYTES;
    while (word.n > 0 && ((unsigned char)word.p[word.n] & 0xC0) == 0x80)
        word.n--;
    return word;
}

static void add_word(struct search *search, struct slice word)
{
    if (word.n == 0 || search->count == WORDS_MOST)
        return;
    struct slice *last = &search->words[search->count++];
    *last = cut(word);
    if (last->n > search->words[0].n) {
        struct slice longest = *last;
        *last = search->words[0];
        search->words[0] = longest;
    }
}

static void read_words(struct call *call, struct search *search)
{
    struct slice q = slice_trim(query_text(&call->query, "q")), word;
    size_t chars = field_chars(q);

    if (chars == 0) {
        fault_add(&call->faults, &call->arena, SLICE("q"), "required", "Required");
        return;
    }
    struct slice rest = phone_digits(q, &call->arena);
    if (rest.n == 0)
        rest = name_fold(q, &call->arena);
    while (slice_cut(&rest, ' ', &word))
        add_word(search, word);
    if (chars < CHARS_LEAST || chars > CHARS_MOST || search->count == 0)
        fault_add(&call->faults, &call->arena, SLICE("q"), "length", "Expected %d to %d characters",
                  CHARS_LEAST, CHARS_MOST);
}

static void on_page(struct script_call *script, enum err err, const struct reply *reply)
{
    struct call *call = script->data;
    const struct search *search = call->state;

    if (call_failed(call, err, reply))
        return;
    list_etag(call, &search->list, reply_text_at(reply, 0), SLICE(""));
    if (reply_count(reply) == 1) {
        call_not_modified(call);
        return;
    }
    struct jw w = jw_on(call_body(call));
    const struct reply *rows = reply_at(reply, 1);
    bool more = reply_i64_at(reply, 2) == 1;
    list_open(&w);
    for (size_t i = 0; i < reply_count(rows); i++)
        contact_print(call, reply_at(rows, i), &w);
    list_close(call, &search->list, &w, more ? reply_text_at(reply, 3) : SLICE_NONE, more);
    call_ok(call, 200);
}

static void run(struct call *call)
{
    struct search *search = arena_zalloc(&call->arena, sizeof *search);
    struct slice known, more;

    call->state = search;
    read_words(call, search);
    if (!list_begin(call, parameters, &search->list))
        return;
    if (search->list.limit > LIMIT_MOST)
        search->list.limit = LIMIT_MOST;
    list_known(call, &search->list, &known, &more);

    call_script(call, &script_contact_search, on_page);
    script_key(&call->script, call_key(call, KEY_FEED, SLICE_NONE));
    script_key(&call->script, call_key(call, KEY_SEARCH, SLICE_NONE));
    call_arg(call, slice_of(call->env->tag.before));
    call_arg_i64(call, search->list.limit);
    call_arg(call, known);
    call_arg(call, search->list.position.p != NULL ? search->list.position : SLICE(""));
    for (unsigned i = 0; i < search->count; i++)
        call_arg(call, search->words[i]);
    call_run_script(call);
}
