/* conf_print.c: the options as --help shows them, and those in force as a config file.
 *
 * Secrets are never printed; neither is the password inside a URL.
 *
 * SPDX-License-Identifier: MIT */
#include "conf_table.h"

#include <stdio.h>

enum { HELP_WIDTH = 79 };

/* Columns that s takes, one per character of UTF-8. */
static size_t width_of(struct slice s)
{
    size_t width = 0;

    for (size_t i = 0; i < s.n; i++)
        width += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return width;
}

/* The words of text in lines of at most HELP_WIDTH columns, each beginning with `before`. */
static void print_wrapped(struct buf *out, const char *before, const char *text)
{
    struct slice rest = slice_of(text), word;
    size_t column = 0;

    while (slice_cut(&rest, ' ', &word)) {
        if (column > 0 && column + 1 + width_of(word) > HELP_WIDTH) {
            buf_char(out, '\n');
            column = 0;
        }
        if (column == 0) {
            buf_str(out, before);
            column = strlen(before);
        } else {
            buf_char(out, ' ');
            column++;
        }
        buf_add(out, word);
        column += width_of(word);
    }
    buf_char(out, '\n');
}

static void help_option(struct buf *out, const struct conf_row *row)
{
    char name[CONF_ENV_NAME_SIZE], flag[CONF_ENV_NAME_SIZE + 16];
    static const char *const values[] = {[CONF_KIND_TEXT] = " TEXT",
                                         [CONF_KIND_INT] = " N",
                                         [CONF_KIND_BOOL] = "",
                                         [CONF_KIND_SECRET] = "",
                                         [CONF_KIND_GROUP] = ""};
    bool is_secret = row->kind == CONF_KIND_SECRET;

    snprintf(flag, sizeof(flag), "%s%s%s", is_secret ? "no flag" : "--", is_secret ? "" : row->flag,
             values[row->kind]);
    buf_printf(out, "  %-24s  %s%s", flag, conf_env_name(row, name), is_secret ? "[_FILE]" : "");
    if (row->kind == CONF_KIND_INT)
        buf_printf(out, ", %lld to %lld, default %lld", (long long)row->least, (long long)row->most,
                   (long long)row->preset_int);
    else if (row->kind == CONF_KIND_TEXT && row->preset[0] != '\0')
        buf_printf(out, ", default %s", row->preset);
    buf_char(out, '\n');
    print_wrapped(out, "      ", row->doc);
}

void conf_help(struct buf *out)
{
    print_wrapped(
        out, "",
        "An option is a flag, an environment variable or a line \"name = value\" of the "
        "file that --config names; the first of these wins. A secret is never a flag: set "
        "the variable, or the one that ends in _FILE to the name of a file that holds it.");
    for (size_t i = 0; i < conf_row_count; i++) {
        if (conf_rows[i].kind == CONF_KIND_GROUP)
            buf_printf(out, "\n%s:\n", conf_rows[i].doc);
        else
            help_option(out, &conf_rows[i]);
    }
}

/* Hides the password of a URL, up to the last "@", because passwords themselves may contain some.
 */
static void print_text(struct buf *out, const char *text)
{
    const char *authority = strstr(text, "://"), *host = strrchr(text, '@');
    const char *colon = authority != NULL ? strchr(authority + 3, ':') : NULL;

    if (colon == NULL || host == NULL || colon > host) {
        buf_str(out, text);
        return;
    }
    buf_add(out, (struct slice){text, (size_t)(colon + 1 - text)});
    buf_str(out, "***");
    buf_str(out, host);
}

static void print_option(const struct conf *conf, struct buf *out, const struct conf_row *row)
{
    struct conf c = *conf; /* the rows lead to members that can be set */

    switch (row->kind) {
    case CONF_KIND_TEXT:
        /* a file cannot name another file */
        buf_printf(out, "%s%s = ", strcmp(row->flag, "config") == 0 ? "# " : "", row->flag);
        print_text(out, *conf_text(&c, row));
        buf_char(out, '\n');
        break;
    case CONF_KIND_SECRET:
        buf_printf(out, "# %s is %sset\n", row->flag, (*conf_text(&c, row))[0] ? "" : "not ");
        break;
    case CONF_KIND_INT:
        buf_printf(out, "%s = %lld\n", row->flag, (long long)*conf_int(&c, row));
        break;
    case CONF_KIND_BOOL:
        buf_printf(out, "%s = %s\n", row->flag, *conf_bool(&c, row) ? "true" : "false");
        break;
    case CONF_KIND_GROUP:
        break;
    }
}

void conf_print(const struct conf *conf, struct buf *out)
{
    for (size_t i = 0; i < conf_row_count; i++) {
        if (conf_rows[i].kind == CONF_KIND_GROUP) {
            buf_printf(out, "%s# ---- %s ----\n", i > 0 ? "\n" : "", conf_rows[i].doc);
            continue;
        }
        print_wrapped(out, "# ", conf_rows[i].doc);
        print_option(conf, out, &conf_rows[i]);
    }
}
