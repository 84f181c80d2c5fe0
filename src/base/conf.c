/* conf.c: the options from flags, environment and file, by the table conf.def.
 *
 * Each source is first read into an array of raw texts, one place per row; then the arrays are
 * applied from the weakest to the strongest. So nothing needs to know two sources at once, the file
 * may be named by either of the others, and a wrong value is refused even where a stronger source
 * hides it.
 *
 * SPDX-License-Identifier: MIT */
#include "kvcrm/base/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf_table.h"
#include "kvcrm/base/arena.h"

enum { NAME_SIZE = 320 };
enum source { SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_FLAGS, SOURCES }; /* weakest first */

struct given {
    const char *text; /* NULL: not given here */
    unsigned line;    /* of the file */
};

struct reader {
    struct given given[SOURCES][CONF_MOST_ROWS];
    const char *path; /* of the file */
    char *error;
    size_t error_size;
};

/* Texts read from files: they live as long as the process (conf.h), and are read before the threads
 * start. */
static struct arena kept;

static bool fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->error, r->error_size, format, args);
    va_end(args);
    return false;
}

static size_t row_named(struct slice name)
{
    size_t i = 0;

    while (i < conf_row_count &&
           (conf_rows[i].kind == CONF_KIND_GROUP || !slice_is(name, conf_rows[i].flag)))
        i++;
    return i;
}

/* How many letters must be put in, taken out or replaced to make b of a (Levenshtein). */
static unsigned distance(struct slice a, struct slice b)
{
    enum { LONGEST = 40 };
    unsigned row[LONGEST + 1];

    if (a.n > LONGEST || b.n > LONGEST)
        return LONGEST;
    for (unsigned j = 0; j <= b.n; j++)
        row[j] = j;
    for (unsigned i = 0; i < a.n; i++) {
        unsigned corner = row[0];

        row[0] = i + 1;
        for (unsigned j = 0; j < b.n; j++) {
            unsigned best = corner + (a.p[i] != b.p[j]);

            corner = row[j + 1];
            if (best > row[j] + 1)
                best = row[j] + 1;
            if (best > corner + 1)
                best = corner + 1;
            row[j + 1] = best;
        }
    }
    return row[b.n];
}

/* where is "" or "kvcrm.conf, line 3: ", dashes is "--" or "". */
static bool fail_unknown(struct reader *r, const char *where, const char *dashes, struct slice name)
{
    enum { TOO_FAR = 4 };
    unsigned nearest = TOO_FAR;
    const char *near = NULL;

    for (size_t i = 0; i < conf_row_count; i++) {
        unsigned d = distance(name, slice_of(conf_rows[i].flag));

        if (d < nearest && d < strlen(conf_rows[i].flag)) {
            nearest = d;
            near = conf_rows[i].flag;
        }
    }
    if (near == NULL)
        return fail(r, "%sThere is no option %s%.*s", where, dashes, SLICE_ARGS(name));
    return fail(r, "%sThere is no option %s%.*s, did you mean %s%s?", where, dashes,
                SLICE_ARGS(name), dashes, near);
}

static bool fail_secret(struct reader *r, const struct conf_row *row)
{
    char name[CONF_ENV_NAME_SIZE];

    conf_env_name(row, name);
    return fail(r,
                "--%s cannot be a flag, because flags can be read by others: set %s, or %s_FILE to "
                "the name of a file that holds it",
                row->flag, name, name);
}

static bool read_flags(struct reader *r, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        struct slice value = slice_of(argv[i]), name;
        size_t at;
        enum conf_kind kind;
        const char *text;

        if (!slice_starts(value, SLICE("--")) || value.n == 2)
            return fail(r, "\"%s\" is not an option: options begin with --", argv[i]);
        value = (struct slice){value.p + 2, value.n - 2};
        (void)slice_cut(&value, '=', &name);
        at = row_named(name);
        if (at == conf_row_count)
            return fail_unknown(r, "", "--", name);
        kind = conf_rows[at].kind;
        if (kind == CONF_KIND_SECRET)
            return fail_secret(r, &conf_rows[at]);
        if (value.p != NULL)
            text = value.p; /* after '=', to the end of the word */
        else if (kind == CONF_KIND_BOOL)
            text = "true";
        else if (i + 1 < argc && !slice_starts(slice_of(argv[i + 1]), SLICE("--")))
            text = argv[++i];
        else
            return fail(r, "--%s needs a value", conf_rows[at].flag);
        r->given[SOURCE_FLAGS][at].text = text;
    }
    return true;
}

/* The first line of the file that KVCRM_…_FILE names, trimmed. */
static bool read_secret(struct reader *r, const char *name, const char *path, const char **text)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t n = f != NULL ? getline(&line, &size, f) : -1;
    struct slice secret = n > 0 ? slice_trim((struct slice){line, (size_t)n}) : SLICE_NONE;
    bool is_read = n >= 0 || (f != NULL && feof(f));
    int why = errno;

    if (secret.n > 0)
        *text = arena_printf(&kept, "%.*s", SLICE_ARGS(secret)).p;
    free(line);
    if (f != NULL)
        (void)fclose(f);
    if (!is_read)
        return fail(r, "%s_FILE names a file that cannot be read, %s: %s", name, path,
                    strerror(why));
    return secret.n > 0 ||
           fail(r, "%s_FILE names a file whose first line is empty, %s", name, path);
}

/* An empty variable is one that is not set: that is how compose files and units leave one out. */
static const char *variable(char **environment, const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    for (; environment != NULL && *environment != NULL; environment++) {
        const char *e = *environment;

        if (strncmp(e, name, n) == 0 && strncmp(e + n, suffix, m) == 0 && e[n + m] == '=')
            return e[n + m + 1] != '\0' ? e + n + m + 1 : NULL;
    }
    return NULL;
}

static bool read_environment(struct reader *r, char **environment)
{
    char name[CONF_ENV_NAME_SIZE];
    const char *path;

    for (size_t i = 0; i < conf_row_count; i++) {
        const char **text = &r->given[SOURCE_ENVIRONMENT][i].text;

        if (conf_rows[i].kind == CONF_KIND_GROUP)
            continue;
        *text = variable(environment, conf_env_name(&conf_rows[i], name), "");
        if (conf_rows[i].kind != CONF_KIND_SECRET)
            continue;
        path = variable(environment, name, "_FILE");
        if (path == NULL)
            continue;
        if (*text != NULL)
            return fail(r, "%s and %s_FILE are both set: set one of them", name, name);
        if (!read_secret(r, name, path, text))
            return false;
    }
    return true;
}

static bool read_line(struct reader *r, struct slice line, unsigned number)
{
    char where[NAME_SIZE];
    struct slice value = slice_trim(line), name;
    size_t at;

    if (value.n == 0 || value.p[0] == '#')
        return true;
    snprintf(where, sizeof(where), "%s, line %u: ", r->path, number);
    (void)slice_cut(&value, '=', &name);
    name = slice_trim(name);
    if (value.p == NULL)
        return fail(r, "%sThis is not \"name = value\"", where);
    at = row_named(name);
    if (at == conf_row_count)
        return fail_unknown(r, where, "", name);
    if (strcmp(conf_rows[at].flag, "config") == 0)
        return fail(r, "%sThe file cannot name another file", where);
    r->given[SOURCE_FILE][at] = (struct given){
        arena_printf(&kept, "%.*s", SLICE_ARGS(slice_trim(value))).p,
        number,
    };
    return true;
}

static bool read_file(struct reader *r)
{
    FILE *f = fopen(r->path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool ok = true;

    if (f == NULL)
        return fail(r, "The file of --config cannot be read, %s: %s", r->path, strerror(errno));
    for (unsigned number = 1; ok && (n = getline(&line, &size, f)) >= 0; number++)
        ok = read_line(r, (struct slice){line, (size_t)n}, number);
    if (ok && ferror(f))
        ok = fail(r, "The file of --config cannot be read, %s: %s", r->path, strerror(errno));
    free(line);
    (void)fclose(f);
    return ok;
}

static bool read_bool(struct slice s, bool *out)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"no", "yes"}, {"off", "on"}, {"0", "1"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (int value = 0; value < 2; value++)
            if (slice_ieq(s, slice_of(words[i][value]))) {
                *out = value;
                return true;
            }
    return false;
}

/* What the caller must look at: "--threads", "KVCRM_THREADS" or "kvcrm.conf, line 3: threads". */
static const char *name_in(const struct reader *r, enum source source, size_t at,
                           char out[NAME_SIZE])
{
    const struct conf_row *row = &conf_rows[at];

    if (source == SOURCE_FLAGS)
        snprintf(out, NAME_SIZE, "--%s", row->flag);
    else if (source == SOURCE_ENVIRONMENT)
        conf_env_name(row, out);
    else
        snprintf(out, NAME_SIZE, "%s, line %u: %s", r->path, r->given[source][at].line, row->flag);
    return out;
}

static bool apply(struct reader *r, enum source source, size_t at, struct conf *conf)
{
    const struct conf_row *row = &conf_rows[at];
    const char *text = r->given[source][at].text;
    char name[NAME_SIZE];
    uint64_t v;

    switch (row->kind) {
    case CONF_KIND_TEXT:
    case CONF_KIND_SECRET:
        *conf_text(conf, row) = text;
        return true;
    case CONF_KIND_INT:
        if (!slice_u64(slice_of(text), (uint64_t)row->most, &v) || v < (uint64_t)row->least)
            return fail(r, "%s must be a whole number from %lld to %lld",
                        name_in(r, source, at, name), (long long)row->least, (long long)row->most);
        *conf_int(conf, row) = (int64_t)v;
        return true;
    case CONF_KIND_BOOL:
        return read_bool(slice_of(text), conf_bool(conf, row)) ||
               fail(r, "%s must be true or false", name_in(r, source, at, name));
    default:
        return true;
    }
}

static void set_presets(struct conf *conf)
{
    for (size_t i = 0; i < conf_row_count; i++) {
        const struct conf_row *row = &conf_rows[i];

        if (row->kind == CONF_KIND_INT)
            *conf_int(conf, row) = row->preset_int;
        else if (row->kind == CONF_KIND_BOOL)
            *conf_bool(conf, row) = false;
        else if (row->kind != CONF_KIND_GROUP)
            *conf_text(conf, row) = row->preset;
    }
}

bool conf_load(struct conf *conf, int argc, char **argv, char **environment, char *error,
               size_t error_size)
{
    struct reader r = {.error = error, .error_size = error_size};
    size_t config = row_named(SLICE("config"));
    struct conf made;

    if (!read_flags(&r, argc, argv) || !read_environment(&r, environment))
        return false;
    r.path = r.given[SOURCE_FLAGS][config].text;
    if (r.path == NULL)
        r.path = r.given[SOURCE_ENVIRONMENT][config].text;
    if (r.path != NULL && r.path[0] != '\0' && !read_file(&r))
        return false;
    set_presets(&made);
    for (int source = SOURCE_FILE; source < SOURCES; source++)
        for (size_t i = 0; i < conf_row_count; i++)
            if (r.given[source][i].text != NULL && !apply(&r, (enum source)source, i, &made))
                return false;
    *conf = made;
    return true;
}
