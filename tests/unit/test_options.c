// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "cli/parse.h"
#include "cli/value.h"

#include <stdio.h>

struct values {
    const char *recipe;
    const char *format;
    const char *note;
    int64_t nodes;
    int64_t timeout;
    bool fail_on_error;
    bool cleanup;
    struct strvec set;
    struct strvec phases;
    int64_t zzz;
};

static const char *const formats[] = {"yaml", "json", "table", NULL};
static const char *const phases[] = {"deployment", "performance", NULL};

#define AT(member_) .offset = offsetof(struct values, member_)
static const struct option work_options[] = {
    {.name = "recipe", .short_name = 'r', .type = OPTION_STRING, AT(recipe), .help = "H.", .is_required = true},
    {.name = "format", .type = OPTION_CHOICE, AT(format), .choices = formats, .default_text = "yaml", .help = "H."},
    {.name = "note", .type = OPTION_STRING, AT(note), .allows_empty = true, .help = "H."},
    {.name = "nodes",
     .short_name = 'n',
     .alias = "node-count",
     .type = OPTION_INT,
     AT(nodes),
     .minimum = 0,
     .maximum = 9,
     .environment = "CNS_TEST_NODES OLD_TEST_NODES",
     .help = "H."},
    {.name = "timeout", .type = OPTION_DURATION, AT(timeout), .default_text = "5m", .help = "H."},
    {.name = "fail-on-error", .type = OPTION_BOOL, AT(fail_on_error), .default_text = "true", .help = "H."},
    {.name = "no-cleanup", .type = OPTION_BOOL, AT(cleanup), .help = "H."},
    {.name = "set", .type = OPTION_LIST, AT(set), .help = "H."},
    {.name = "phase", .type = OPTION_LIST, AT(phases), .choices = phases, .splits_commas = true, .help = "H."},
    {0}};

static int run_nothing(const struct invocation *invocation _unused_, struct error **err _unused_) {
    return 0;
}

static const struct command work = {.name = "work",
                                    .summary = "S.",
                                    .options = work_options,
                                    .options_size = sizeof(struct values),
                                    .arguments = "[FILE...]",
                                    .maximum_arguments = 2,
                                    .run = run_nothing};
static const struct option rest_options[] = {{.name = "color", .short_name = 'c', .type = OPTION_STRING, .help = "H."},
                                             {0}};
static const struct command rest = {
    .name = "rest", .summary = "S.", .options = rest_options, .options_size = sizeof(char *), .run = run_nothing};
static const struct command *const table[] = {&work, &rest, NULL};

// Splits at spaces, so that a case reads as it is typed; "''" is an empty word.
static int parse(const char *words, struct command_line *line, struct error **err, struct strvec *storage) {
    if (*words)
        strvec_add_split(storage, words, ' ');
    for (size_t i = 0; i < storage->count; i++)
        if (strcmp(storage->items[i], "''") == 0)
            storage->items[i][0] = '\0';
    return command_line_parse(table, (int)storage->count, storage->items, line, err);
}

#define PARSED(words_)                                         \
    _cleanup_strvec_ struct strvec storage = {0};              \
    _cleanup_command_line_ struct command_line line = {0};     \
    _cleanup_error_ struct error *err = NULL;                  \
    assert_int_equal(parse(words_, &line, &err, &storage), 0); \
    const struct values *values _unused_ = line.invocation.options

static void test_forms(void **state _unused_) {
    static const char *const same[] = {"work --recipe a --nodes 4",
                                       "work --recipe=a --nodes=4",
                                       "work -r a -n 4",
                                       "work -ra -n4",
                                       "work -recipe a -nodes=4",
                                       "work -r=a -n=4",
                                       "--debug work -ra -n 4",
                                       "work --debug -ra -n 4",
                                       "work -ra --node-count 4"};
    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        PARSED(same[i]);
        assert_string_equal(values->recipe, "a");
        assert_int_equal(values->nodes, 4);
        assert_int_equal(line.invocation.debug, strstr(same[i], "debug") != NULL);
    }
}

static void test_defaults(void **state _unused_) {
    PARSED("work -r a");
    assert_string_equal(values->format, "yaml");
    assert_int_equal(values->timeout, 5 * 60 * 1000);
    assert_true(values->fail_on_error);
    assert_null(values->note);
    assert_int_equal(values->set.count, 0);
    assert_false(line.invocation.log_json);
}

static void test_booleans(void **state _unused_) {
    static const char *const off[] = {"work -r a --no-fail-on-error", "work -r a --fail-on-error=false",
                                      "work -r a --fail-on-error=0", "work -r a -fail-on-error=No"};
    for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
        PARSED(off[i]);
        assert_false(values->fail_on_error);
    }
    PARSED("work -r a --no-cleanup false");
    assert_true(values->cleanup); // a row that is itself named no-..., and its value stands after '=' only
    assert_string_equal(line.invocation.arguments.items[0], "false");
}

static void test_values(void **state _unused_) {
    {
        PARSED("work -r - --note= --nodes -0 --format JSON -- --recipe x");
        assert_string_equal(values->recipe, "-");
        assert_string_equal(values->note, "");
        assert_ptr_equal(values->format, formats[1]); // the table's own spelling
        assert_int_equal(line.invocation.arguments.count, 2);
        assert_string_equal(line.invocation.arguments.items[0], "--recipe");
    }
    PARSED("work -r a --set a=1,2 --set b=3 --phase performance,deployment --phase performance");
    assert_int_equal(values->set.count, 2);
    assert_string_equal(values->set.items[0], "a=1,2");
    assert_int_equal(values->phases.count, 3);
    assert_string_equal(values->phases.items[1], "deployment");
}

static void test_environment(void **state _unused_) {
    setenv("OLD_TEST_NODES", "7", 1);
    setenv("CNS_TEST_NODES", "", 1);
    {
        PARSED("work -r a");
        assert_int_equal(values->nodes, 7);
    }
    setenv("CNS_TEST_NODES", "8", 1);
    {
        PARSED("work -r a");
        assert_int_equal(values->nodes, 8);
    }
    PARSED("work -r a --nodes 1");
    assert_int_equal(values->nodes, 1);
    setenv("CNS_TEST_NODES", "many", 1);
    struct command_line second = {0};
    struct strvec words = {0};
    assert_int_equal(parse("work -r a", &second, &err, &words), -ERROR_INVALID);
    assert_non_null(strstr(err->message, "environment variable CNS_TEST_NODES"));
    command_line_done(&second);
    strvec_done(&words);
    unsetenv("CNS_TEST_NODES");
    unsetenv("OLD_TEST_NODES");
}

static void test_help_needs_nothing_else(void **state _unused_) {
    PARSED("work --help");
    assert_true(line.globals.help);
    assert_ptr_equal(line.command, &work);
}

static void test_usage_errors(void **state _unused_) {
    static const struct {
        const char *words, *message, *hint;
    } cases[] = {
        {"wrok", "unknown command 'wrok'", "'cnsctl work'"},
        {"kubernetes", "unknown command", "--help"},
        {"work", "needs --recipe", "--recipe TEXT"},
        {"work --recipe", "--recipe: the value is missing", "--recipe TEXT"},
        {"work --recipe --debug", "the option --debug follows", "--recipe=--debug"},
        {"work --recipe=", "the value is empty", "leave the option out"},
        {"work --recipe ''", "the value is empty", NULL},
        {"work -r a -r b", "-r: given twice", NULL},
        {"work -r a --nodes 1 --node-count 2", "--node-count: given twice", NULL},
        {"--debug work -r a --debug", "--debug: given twice", NULL},
        {"work -r a --recpie b", "unknown option --recpie of 'cnsctl work'", "did you mean --recipe?"},
        {"work -r a --color red", "unknown option --color", "belongs to 'cnsctl rest'"},
        {"--recipe a work", "unknown option --recipe of 'cnsctl'", "after the command's name"},
        {"work -r a -z", "unknown option -z", "--help"},
        {"work -r a ---recipe", "unknown option ---recipe", "did you mean --recipe?"},
        {"work -r a -hx", "unknown option -hx", NULL},
        {"work -r a --format xml", "'xml' is none of yaml, json or table", NULL},
        {"work -r a --format jsn", "'jsn' is none of", "did you mean 'json'?"},
        {"work -r a --phase deployment,perfomance", "'perfomance' is none of", "'performance'"},
        {"work -r a --phase deployment,", "has an empty item", NULL},
        {"work -r a --nodes 3abc", "'3abc' is not a whole number", NULL},
        {"work -r a --nodes -1", "-1 is less than 0", NULL},
        {"work -r a --nodes 10", "10 is more than 9", NULL},
        {"work -r a --nodes 99999999999999999999", "does not fit 64 bits", NULL},
        {"work -r a --timeout 30", "'30' is not a duration", "30s"},
        {"work -r a --fail-on-error=maybe", "neither true nor false", NULL},
        {"work -r a --no-fail-on-error=true", "takes no value", NULL},
        {"work -r a --no-recipe", "unknown option --no-recipe", NULL},
        {"work -r a x y z", "unexpected argument 'z'", "[FILE...]"},
        {"rest false", "unexpected argument 'false'", "--option=false"},
        {"rest x", "unexpected argument 'x'", "options only"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_strvec_ struct strvec storage = {0};
        _cleanup_command_line_ struct command_line line = {0};
        _cleanup_error_ struct error *err = NULL;
        assert_int_equal(parse(cases[i].words, &line, &err, &storage), -ERROR_INVALID);
        if (!strstr(err->message, cases[i].message))
            fail_msg("%s: %s", cases[i].words, err->message);
        if (cases[i].hint && (!err->hint || !strstr(err->hint, cases[i].hint)))
            fail_msg("%s: %s", cases[i].words, err->hint ? err->hint : "no hint");
    }
}

static void test_durations(void **state _unused_) {
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},           {"0s", 0},         {"500ms", 500},     {"30s", 30000}, {"5m", 300000},
                {"1h30m", 5400000}, {"1.5h", 5400000}, {"1m0.25s", 60250}, {".5s", 500}};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        int64_t ms = -1;
        assert_true(duration_parse(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {
        "",     "5",     "s",  "-5s", "+5s", "5 s", "5d",       "1e3s",
        "0x5s", "1..5s", ".s", "5m5", "5mm", "nan", "infinity", "99999999999999999999999999h"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        int64_t ms = -1;
        if (duration_parse(bad[i], &ms))
            fail_msg("%s was read as %ld ms", bad[i], (long)ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_booleans),     cmocka_unit_test(test_values),
        cmocka_unit_test(test_environment),  cmocka_unit_test(test_help_needs_nothing_else),
        cmocka_unit_test(test_usage_errors), cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
