// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "collect/cmdline.h"

static struct cmdline parse(struct arena *arena, const char *text) {
    return cmdline_parse(arena, text, strlen(text));
}

static void test_names_and_values(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct cmdline cmdline = parse(arena, "BOOT_IMAGE=/vmlinuz ro  a=b=c\t#no x.y=1\n");
    assert_int_equal(cmdline.count, 4);
    assert_string_equal(cmdline_get(&cmdline, "BOOT_IMAGE"), "/vmlinuz");
    assert_string_equal(cmdline_get(&cmdline, "ro"), "");
    assert_string_equal(cmdline_get(&cmdline, "a"), "b=c");
    assert_string_equal(cmdline_get(&cmdline, "x.y"), "1");
    assert_null(cmdline_get(&cmdline, "#no"));
}

static void test_the_last_counts_and_all_are_kept(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct cmdline cmdline = parse(arena, "hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=2");
    assert_int_equal(cmdline.count, 4);
    assert_string_equal(cmdline_get(&cmdline, "hugepages"), "2");
    assert_string_equal(cmdline.parameters[1].value, "8");
}

static void test_quotes(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct cmdline cmdline = parse(arena, "dyndbg=\"file a/* +p\" \"b=c d\" open=\"to the end");
    assert_int_equal(cmdline.count, 3);
    assert_string_equal(cmdline_get(&cmdline, "dyndbg"), "file a/* +p");
    assert_string_equal(cmdline_get(&cmdline, "b"), "c d");
    assert_string_equal(cmdline_get(&cmdline, "open"), "to the end");
}

static void test_arguments_of_init(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct cmdline cmdline = parse(arena, "quiet -- --token secret --flag --port 5 single");
    assert_string_equal(cmdline_get(&cmdline, "--token"), "secret");
    assert_null(cmdline_get(&cmdline, "secret"));
    assert_string_equal(cmdline_get(&cmdline, "--flag"), "");
    assert_string_equal(cmdline_get(&cmdline, "--port"), "5");
    assert_string_equal(cmdline_get(&cmdline, "single"), "");
}

static void test_nothing_and_nul(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    assert_int_equal(parse(arena, "").count, 0);
    assert_int_equal(parse(arena, " \n").count, 0);
    struct cmdline cmdline = cmdline_parse(arena, "a=1\0b=2", 7);
    assert_int_equal(cmdline.count, 2);
    assert_string_equal(cmdline_get(&cmdline, "b"), "2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_values), cmocka_unit_test(test_the_last_counts_and_all_are_kept),
        cmocka_unit_test(test_quotes),           cmocka_unit_test(test_arguments_of_init),
        cmocka_unit_test(test_nothing_and_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
