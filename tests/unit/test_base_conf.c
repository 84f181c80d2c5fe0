/* test_base_conf.c: which source wins, what is refused and how it is said, what is never printed.
 *
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvcrm/base/conf.h"

#define WORDS(...) ((const char *[]){__VA_ARGS__, NULL})
#define NOTHING ((const char *[]){NULL})

static struct conf conf;
static char error[400];
static char directory[] = "/tmp/kvcrm-test-conf-XXXXXX";
static char file[64], config_flag[128], config_variable[128], secret_variable[128];

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(file, sizeof(file), "%s/c", directory);
    snprintf(config_flag, sizeof(config_flag), "--config=%s", file);
    snprintf(config_variable, sizeof(config_variable), "KVCRM_CONFIG=%s", file);
    snprintf(secret_variable, sizeof(secret_variable), "KVCRM_REDIS_PASSWORD_FILE=%s", file);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(directory);
}

static void write_file(const char *content)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

static bool load(const char **flags, const char **environment)
{
    int count = 0;

    while (flags[count] != NULL)
        count++;
    error[0] = '\0';
    return conf_load(&conf, count, (char **)flags, (char **)environment, error, sizeof(error));
}

static void assert_loads(const char **flags, const char **environment)
{
    if (!load(flags, environment))
        fail_msg("refused: %s", error);
}

static void assert_refused(const char **flags, const char **environment, const char *expected)
{
    struct conf before;

    memset(&conf, 0x5a, sizeof(conf));
    memset(&before, 0x5a, sizeof(before));
    if (load(flags, environment))
        fail_msg("not refused: %s", expected);
    assert_string_equal(error, expected);
    assert_memory_equal(&conf, &before, sizeof(conf));
}

/* As assert_refused, in the file: the error begins with its name. */
static void assert_file_refused(const char *content, const char *expected)
{
    char whole[400];

    write_file(content);
    snprintf(whole, sizeof(whole), "%s, %s", file, expected);
    assert_refused(WORDS(config_flag), NOTHING, whole);
}

static void test_without_anything_the_presets_hold(void **state)
{
    (void)state;
    assert_loads(NOTHING, NOTHING);
    assert_string_equal(conf.listen, "127.0.0.1:8080");
    assert_string_equal(conf.redis, "");
    assert_string_equal(conf.redis_password, "");
    assert_int_equal(conf.threads, 0);
    assert_int_equal(conf.redis_deadline, 250);
    assert_false(conf.test_clock);
    assert_true(conf_load(&conf, 0, NULL, NULL, error, sizeof(error)));
}

static void test_a_flag_takes_its_value_in_two_forms(void **state)
{
    (void)state;
    assert_loads(WORDS("--listen", "[::1]:1", "--threads=3", "--redis=redis://h/0?a=b"), NOTHING);
    assert_string_equal(conf.listen, "[::1]:1");
    assert_int_equal(conf.threads, 3);
    assert_string_equal(conf.redis, "redis://h/0?a=b");
    assert_loads(WORDS("--listen=", "--threads", "64"), NOTHING);
    assert_string_equal(conf.listen, "");
    assert_int_equal(conf.threads, 64);
    assert_loads(WORDS("--threads=1", "--threads=2"), NOTHING);
    assert_int_equal(conf.threads, 2);
}

static void test_a_switch_is_on_by_itself_and_takes_words(void **state)
{
    (void)state;
    assert_loads(WORDS("--test-clock"), NOTHING);
    assert_true(conf.test_clock);
    assert_loads(WORDS("--test-clock=true", "--cluster-tags=false"), NOTHING);
    assert_true(conf.test_clock);
    assert_false(conf.cluster_tags);
    assert_loads(NOTHING, WORDS("KVCRM_TEST_CLOCK=1", "KVCRM_CLUSTER_TAGS=Yes"));
    assert_true(conf.test_clock && conf.cluster_tags);
    assert_loads(WORDS("--test-clock=off"), WORDS("KVCRM_TEST_CLOCK=on"));
    assert_false(conf.test_clock);
    assert_refused(WORDS("--test-clock=maybe"), NOTHING, "--test-clock must be true or false");
    assert_refused(WORDS("--test-clock="), NOTHING, "--test-clock must be true or false");
    assert_refused(WORDS("--test-clock", "true"), NOTHING,
                   "\"true\" is not an option: options begin with --");
}

static void test_flag_beats_environment_beats_file_beats_preset(void **state)
{
    (void)state;
    write_file("threads = 1\nlisten = file:1\nworkspace = file\nlog-level = warn\n");
    assert_loads(WORDS(config_flag, "--threads=3"),
                 WORDS("KVCRM_THREADS=2", "KVCRM_LISTEN=env:1", "KVCRM_DATA_DIR=/env"));
    assert_int_equal(conf.threads, 3);
    assert_string_equal(conf.listen, "env:1");
    assert_string_equal(conf.workspace, "file");
    assert_string_equal(conf.log_level, "warn");
    assert_string_equal(conf.data_dir, "/env");
    assert_string_equal(conf.log_format, "logfmt");
    assert_string_equal(conf.config, file);
}

static void test_the_file_is_named_by_flag_or_environment(void **state)
{
    (void)state;
    write_file("threads = 7\n");
    assert_loads(NOTHING, WORDS(config_variable));
    assert_int_equal(conf.threads, 7);
    assert_loads(WORDS(config_flag), WORDS("KVCRM_CONFIG=/nonexistent"));
    assert_int_equal(conf.threads, 7);
    assert_loads(WORDS("--config="), WORDS(config_variable)); /* none after all */
    assert_int_equal(conf.threads, 0);
}

static void test_a_file_has_comments_blanks_and_values_with_anything_inside(void **state)
{
    (void)state;
    write_file("# comment = 1\n\n   \t\n  threads=5  \r\n\tredis\t=  redis://h/0?x=#y  \n"
               "listen =\nredis-password = p w = \"x\"\ntest-clock = true");
    assert_loads(WORDS(config_flag), NOTHING);
    assert_int_equal(conf.threads, 5);
    assert_string_equal(conf.redis, "redis://h/0?x=#y");
    assert_string_equal(conf.listen, "");
    assert_string_equal(conf.redis_password, "p w = \"x\"");
    assert_true(conf.test_clock);
}

static void test_what_is_wrong_in_a_file_is_said_with_its_line(void **state)
{
    (void)state;
    assert_file_refused("threads = 1\n\nthreats = 2\n",
                        "line 3: There is no option threats, did you mean threads?");
    assert_file_refused("entirely-different = 2\n",
                        "line 1: There is no option entirely-different");
    assert_file_refused("redis_user = x\n",
                        "line 1: There is no option redis_user, did you mean redis-user?");
    assert_file_refused("threads = 65\n", "line 1: threads must be a whole number from 0 to 64");
    assert_file_refused("\ntest-clock = ja\n", "line 2: test-clock must be true or false");
    assert_file_refused("redis-password hunter2\n", "line 1: This is not \"name = value\"");
    assert_file_refused("config = other\n", "line 1: The file cannot name another file");
    assert_file_refused("= 1\n", "line 1: There is no option ");
}

static void test_a_wrong_value_is_refused_even_where_it_is_hidden(void **state)
{
    char expected[200];

    (void)state;
    write_file("threads = many\n");
    snprintf(expected, sizeof(expected), "%s, line 1: threads must be a whole number from 0 to 64",
             file);
    assert_refused(WORDS(config_flag, "--threads=1"), NOTHING, expected);
}

static void test_a_file_that_cannot_be_read_is_named(void **state)
{
    char expected[200];

    (void)state;
    assert_refused(WORDS("--config", "/nonexistent/c"), NOTHING,
                   "The file of --config cannot be read, /nonexistent/c: "
                   "No such file or directory");
    snprintf(expected, sizeof(expected), "The file of --config cannot be read, %s: Is a directory",
             directory);
    assert_refused(WORDS("--config", directory), NOTHING, expected);
}

static void test_unknown_flags_are_named_with_the_nearest_one(void **state)
{
    (void)state;
    assert_refused(WORDS("--redsi", "x"), NOTHING,
                   "There is no option --redsi, did you mean --redis?");
    assert_refused(WORDS("--thread=1"), NOTHING,
                   "There is no option --thread, did you mean --threads?");
    assert_refused(WORDS("--redis-pasword=hunter2"), NOTHING,
                   "There is no option --redis-pasword, did you mean --redis-password?");
    assert_refused(WORDS("--entirely-different=hunter2"), NOTHING,
                   "There is no option --entirely-different");
    assert_refused(WORDS("--x"), NOTHING, "There is no option --x");
    assert_refused(WORDS("--"), NOTHING, "\"--\" is not an option: options begin with --");
    assert_refused(WORDS("-t"), NOTHING, "\"-t\" is not an option: options begin with --");
    assert_refused(WORDS("--="), NOTHING, "There is no option --");
}

static void test_a_very_long_flag_is_refused_within_the_room_for_the_error(void **state)
{
    char flag[5000], small[20];

    (void)state;
    memset(flag, 'x', sizeof(flag));
    memcpy(flag, "--", 2);
    flag[sizeof(flag) - 1] = '\0';
    assert_false(load(WORDS(flag), NOTHING));
    assert_int_equal(strlen(error), sizeof(error) - 1);
    assert_false(conf_load(&conf, 1, (char *[]){flag}, NULL, small, sizeof(small)));
    assert_string_equal(small, "There is no option ");
}

static void test_a_flag_without_its_value_is_refused(void **state)
{
    (void)state;
    assert_refused(WORDS("--listen"), NOTHING, "--listen needs a value");
    assert_refused(WORDS("--listen", "--threads=1"), NOTHING, "--listen needs a value");
}

static void test_numbers_are_whole_and_within_their_limits(void **state)
{
    static const char *const wrong[] = {
        "--redis-deadline=9",   "--redis-deadline=60001",
        "--redis-deadline=-1",  "--redis-deadline=1e3",
        "--redis-deadline=",    "--redis-deadline= 10",
        "--redis-deadline=10s", "--redis-deadline=99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_refused(WORDS(wrong[i]), NOTHING,
                       "--redis-deadline must be a whole number from 10 to 60000");
    assert_loads(WORDS("--redis-deadline=10"), NOTHING);
    assert_loads(WORDS("--redis-deadline=60000"), NOTHING);
    assert_refused(NOTHING, WORDS("KVCRM_REDIS_DEADLINE=x"),
                   "KVCRM_REDIS_DEADLINE must be a whole number from 10 to 60000");
}

static void test_foreign_and_empty_variables_are_ignored(void **state)
{
    (void)state;
    assert_loads(NOTHING, WORDS("KVCRM_NO_SUCH_THING=1", "KVCRM_=1", "KVCRM_THREADSX=9",
                                "THREADS=9", "kvcrm_threads=9", "KVCRM_THREADS=", "KVCRM_LISTEN=",
                                "KVCRM_LISTEN_FILE=/nonexistent", "KVCRM_THREADS", ""));
    assert_int_equal(conf.threads, 0);
    assert_string_equal(conf.listen, "127.0.0.1:8080");
}

static void test_a_secret_is_refused_as_a_flag_without_saying_it(void **state)
{
    static const char expected[] =
        "--redis-password cannot be a flag, because flags can be read by others: set "
        "KVCRM_REDIS_PASSWORD, or KVCRM_REDIS_PASSWORD_FILE to the name of a file that holds it";

    (void)state;
    assert_refused(WORDS("--redis-password", "hunter2"), NOTHING, expected);
    assert_refused(WORDS("--redis-password=hunter2"), NOTHING, expected);
}

static void test_a_secret_comes_from_a_variable_or_the_first_line_of_a_file(void **state)
{
    (void)state;
    assert_loads(NOTHING, WORDS("KVCRM_REDIS_PASSWORD=hunter2"));
    assert_string_equal(conf.redis_password, "hunter2");
    write_file("  hunter3 \r\nsecond line\n");
    assert_loads(NOTHING, WORDS(secret_variable));
    assert_string_equal(conf.redis_password, "hunter3");
    write_file("hunter4");
    assert_loads(NOTHING, WORDS(secret_variable, "KVCRM_REDIS_PASSWORD="));
    assert_string_equal(conf.redis_password, "hunter4");
}

static void test_a_secrets_file_that_is_no_use_is_refused(void **state)
{
    char variable[128], expected[300];

    (void)state;
    write_file("hunter3\n");
    assert_refused(NOTHING, WORDS(secret_variable, "KVCRM_REDIS_PASSWORD=hunter2"),
                   "KVCRM_REDIS_PASSWORD and KVCRM_REDIS_PASSWORD_FILE are both set: "
                   "set one of them");
    snprintf(expected, sizeof(expected),
             "KVCRM_REDIS_PASSWORD_FILE names a file whose first line is empty, %s", file);
    write_file("\nhunter3\n");
    assert_refused(NOTHING, WORDS(secret_variable), expected);
    write_file("");
    assert_refused(NOTHING, WORDS(secret_variable), expected);
    assert_refused(NOTHING, WORDS("KVCRM_REDIS_PASSWORD_FILE=/nonexistent/s"),
                   "KVCRM_REDIS_PASSWORD_FILE names a file that cannot be read, /nonexistent/s: "
                   "No such file or directory");
    snprintf(variable, sizeof(variable), "KVCRM_REDIS_PASSWORD_FILE=%s", directory);
    snprintf(expected, sizeof(expected),
             "KVCRM_REDIS_PASSWORD_FILE names a file that cannot be read, %s: Is a directory",
             directory);
    assert_refused(NOTHING, WORDS(variable), expected);
}

static bool contains(const struct buf *b, const char *text)
{
    return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

static void test_what_is_printed_loads_again_as_the_same(void **state)
{
    struct conf first;
    struct buf out;

    (void)state;
    assert_loads(WORDS("--listen=0.0.0.0:1", "--threads=9", "--test-clock", "--redis="), NOTHING);
    first = conf;
    buf_init(&out, 1 << 16);
    conf_print(&conf, &out);
    buf_char(&out, '\0');
    assert_false(out.full);
    write_file(out.p);
    assert_loads(WORDS(config_flag), NOTHING);
    assert_string_equal(conf.config, file);
    conf.config = first.config;
#define CONF_TEXT(name, flag, preset, doc) assert_string_equal(conf.name, first.name);
#define CONF_SECRET(name, flag, doc) assert_string_equal(conf.name, first.name);
#define CONF_INT(name, flag, preset, least, most, doc) assert_true(conf.name == first.name);
#define CONF_BOOL(name, flag, doc) assert_int_equal(conf.name, first.name);
#include "kvcrm/base/conf.def"
#undef CONF_TEXT
#undef CONF_SECRET
#undef CONF_INT
#undef CONF_BOOL
    buf_dispose(&out);
}

static void test_the_name_of_the_file_is_printed_as_a_comment(void **state)
{
    struct buf out;

    (void)state;
    write_file("");
    assert_loads(WORDS(config_flag), NOTHING);
    buf_init(&out, 1 << 16);
    conf_print(&conf, &out);
    assert_true(contains(&out, "\n# config = /tmp/"));
    buf_dispose(&out);
}

static void test_no_secret_is_printed_neither_alone_nor_in_a_url(void **state)
{
    static const char *const urls[] = {"KVCRM_REDIS=redis://app:hunter2@host:6379/1",
                                       "KVCRM_REDIS=rediss://:hunter2@host",
                                       "KVCRM_REDIS=redis://app:p@hunter2/@host",
                                       "KVCRM_REDIS=redis+sentinel://app:hunter2@h1,h2/name/0"};
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_loads(NOTHING, WORDS(urls[i], "KVCRM_REDIS_PASSWORD=hunter2"));
        buf_clear(&out);
        conf_print(&conf, &out);
        assert_false(contains(&out, "hunter2"));
        assert_true(contains(&out, ":***@h"));
        assert_true(contains(&out, "\n# redis-password is set\n"));
    }
    assert_loads(WORDS("--redis=redis://host:6379/1"), NOTHING);
    buf_clear(&out);
    conf_print(&conf, &out);
    assert_true(contains(&out, "\nredis = redis://host:6379/1\n"));
    assert_true(contains(&out, "\n# redis-password is not set\n"));
    buf_dispose(&out);
}

static void test_help_names_every_option_within_80_columns(void **state)
{
    struct buf out;
    struct slice rest, line;

    (void)state;
    buf_init(&out, 1 << 16);
    conf_help(&out);
    assert_false(out.full);
#define CONF_TEXT(name, flag, preset, doc) assert_true(contains(&out, "\n  --" flag " TEXT "));
#define CONF_SECRET(name, flag, doc) assert_false(contains(&out, "  --" flag " "));
#define CONF_INT(name, flag, preset, least, most, doc) \
    assert_true(contains(&out, "\n  --" flag " N "));  \
    assert_true(contains(&out, ", " #least " to " #most ", default " #preset "\n"));
#define CONF_BOOL(name, flag, doc) assert_true(contains(&out, "\n  --" flag " "));
#include "kvcrm/base/conf.def"
#undef CONF_TEXT
#undef CONF_SECRET
#undef CONF_INT
#undef CONF_BOOL
    assert_true(contains(&out, "KVCRM_REDIS_DEADLINE, 10 to 60000, default 250\n"));
    assert_true(contains(&out, "KVCRM_REDIS_PASSWORD[_FILE]\n"));
    assert_true(contains(&out, "KVCRM_LISTEN, default 127.0.0.1:8080\n"));
    rest = buf_slice(&out);
    while (slice_cut(&rest, '\n', &line)) {
        size_t width = 0;

        for (size_t i = 0; i < line.n; i++)
            width += ((unsigned char)line.p[i] & 0xc0) != 0x80;
        assert_true(width < 80);
    }
    buf_dispose(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_anything_the_presets_hold),
        cmocka_unit_test(test_a_flag_takes_its_value_in_two_forms),
        cmocka_unit_test(test_a_switch_is_on_by_itself_and_takes_words),
        cmocka_unit_test(test_flag_beats_environment_beats_file_beats_preset),
        cmocka_unit_test(test_the_file_is_named_by_flag_or_environment),
        cmocka_unit_test(test_a_file_has_comments_blanks_and_values_with_anything_inside),
        cmocka_unit_test(test_what_is_wrong_in_a_file_is_said_with_its_line),
        cmocka_unit_test(test_a_wrong_value_is_refused_even_where_it_is_hidden),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(test_unknown_flags_are_named_with_the_nearest_one),
        cmocka_unit_test(test_a_very_long_flag_is_refused_within_the_room_for_the_error),
        cmocka_unit_test(test_a_flag_without_its_value_is_refused),
        cmocka_unit_test(test_numbers_are_whole_and_within_their_limits),
        cmocka_unit_test(test_foreign_and_empty_variables_are_ignored),
        cmocka_unit_test(test_a_secret_is_refused_as_a_flag_without_saying_it),
        cmocka_unit_test(test_a_secret_comes_from_a_variable_or_the_first_line_of_a_file),
        cmocka_unit_test(test_a_secrets_file_that_is_no_use_is_refused),
        cmocka_unit_test(test_what_is_printed_loads_again_as_the_same),
        cmocka_unit_test(test_the_name_of_the_file_is_printed_as_a_comment),
        cmocka_unit_test(test_no_secret_is_printed_neither_alone_nor_in_a_url),
        cmocka_unit_test(test_help_names_every_option_within_80_columns),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
