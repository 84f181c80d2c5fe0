/* fuzz_whatsapp.c: whatever JSON comes, what is read of it has its bounds; nobody guesses a
 * signature.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "kvcrm/model/field.h"
#include "kvcrm/model/signature.h"
#include "kvcrm/model/utf8.h"
#include "kvcrm/model/whatsapp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_text(struct slice text, size_t characters)
{
    require(utf8_is_valid(text) && field_chars(text) <= characters);
}

static void check_post(const struct whatsapp_post *post)
{
    const struct whatsapp_message *last = NULL;
    unsigned count = 0;

    for (const struct whatsapp_message *m = post->first; m != NULL; m = m->next) {
        require(m->from.n > 0 && m->type.n > 0 && m->text.n > 0 && m->at_ms >= 0);
        check_text(m->id, WHATSAPP_ID_MAX);
        check_text(m->from, WHATSAPP_ID_MAX);
        check_text(m->name, WHATSAPP_NAME_MAX);
        check_text(m->type, WHATSAPP_TYPE_MAX);
        check_text(m->text, WHATSAPP_TEXT_MAX);
        check_text(m->utm_campaign, WHATSAPP_ID_MAX);
        require(whatsapp_code(m->text).n <= WHATSAPP_CODE_MAX);
        last = m;
        count++;
    }
    require(count == post->count && count <= WHATSAPP_MESSAGES_MAX && last == post->last);
    require(count + post->ignored > 0);
}

static void check_signatures(struct slice text, struct arena *arena)
{
    struct signed_url url = {SLICE("https://crm.example.com"), SLICE("/hook"), text};
    bool fits = signature_meta_fits(SLICE("secret"), text, text) ||
                signature_twilio_form_fits(SLICE("secret"), text, url, text, arena) ||
                signature_twilio_body_fits(SLICE("secret"), text, url, text, arena);

    require(!fits);
    url = (struct signed_url){text, SLICE("/hook"), SLICE("a=1")};
    require(!signature_twilio_form_fits(SLICE("secret"), SLICE("x"), url, SLICE("a=1"), arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct whatsapp_post post;
    struct jr_value body;
    struct jr_fault fault;
    struct arena arena;

    arena_init(&arena, NULL, 0);
    if (jr_parse(text, &body, &fault) == OK) {
        whatsapp_read_meta(body, &arena, &post);
        check_post(&post);
        whatsapp_read_twilio(body, &arena, &post);
        check_post(&post);
        require(!(whatsapp_is_meta(body) && body.type != JR_OBJECT));
        require(!(whatsapp_is_twilio(body) && body.type != JR_OBJECT));
    }
    check_signatures(text, &arena);
    arena_dispose(&arena);
    return 0;
}
