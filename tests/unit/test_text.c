// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/suggest.h"
#include "base/text.h"
#include "base/vec.h"

static void test_growing(void **state _unused_) {
    _cleanup_text_ struct text text = {0};
    assert_string_equal(text_str(&text), "");
    for (int i = 0; i < 1000; i++)
        text_addf(&text, "%d,", i);
    assert_int_equal(text.length, strlen(text.bytes));
    text_truncate(&text, 4);
    assert_string_equal(text.bytes, "0,1,");
}

static void test_utf8(void **state _unused_) {
    static const char *const valid[] = {
        "", "plain ascii, longer than a word", "\xC2\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF", "12345678\xE2\x82\xAC"};
    static const char *const invalid[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                                          "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "12345678\xE2\x82"};
    for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
        assert_true(utf8_is_valid(valid[i], strlen(valid[i]), NULL));
    for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
        assert_false(utf8_is_valid(invalid[i], strlen(invalid[i]), NULL));
    size_t offset = 0;
    assert_false(utf8_is_valid("abcdefgh\xFF", 9, &offset));
    assert_int_equal(offset, 8);
}

static void test_code_points(void **state _unused_) {
    _cleanup_text_ struct text text = {0};
    text_add_code_point(&text, 'a');
    text_add_code_point(&text, 0xE9);
    text_add_code_point(&text, 0x20AC);
    text_add_code_point(&text, 0x1F600);
    assert_string_equal(text.bytes, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_int_equal(utf8_width(text.bytes), 4);
}

static void test_suggest(void **state _unused_) {
    static const char *const words[] = {"snapshot", "recipe", "validate", "bundle"};
    assert_string_equal(suggest_nearest("recpie", words, ARRAY_SIZE(words)), "recipe");
    assert_string_equal(suggest_nearest("SNAPSHOT", words, ARRAY_SIZE(words)), "snapshot");
    assert_null(suggest_nearest("kubernetes", words, ARRAY_SIZE(words)));
    assert_null(suggest_nearest("", words, ARRAY_SIZE(words)));
}

static void test_split_and_join(void **state _unused_) {
    _cleanup_strvec_ struct strvec parts = {0};
    strvec_add_split(&parts, " gpu, os ,,k8s", ',');
    assert_int_equal(parts.count, 4);
    assert_string_equal(parts.items[1], "os");
    assert_string_equal(parts.items[2], "");
    char *joined = strvec_join(&parts, "/");
    assert_string_equal(joined, "gpu/os//k8s");
    free(joined);
}

static void test_lines(void **state _unused_) {
    static const struct {
        const char *prefix, *string, *expected;
        size_t width;
    } cases[] = {
        {"# ", "one two three", "# one two\n# three\n", 9},
        {"", "one", "one\n", 80},
        {"# ", "", "# \n", 80},
        {"  ", " a\nb  c ", "  a b c\n", 80},
        {"# ", "a-word-that-is-too-wide x", "# a-word-that-is-too-wide\n# x\n", 10},
        {"", "ab cd", "ab cd\n", 5},
        {"", "ab cd", "ab\ncd\n", 4},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_text_ struct text text = {0};
        text_add(&text, "first\n");
        text_add_lines(&text, cases[i].prefix, cases[i].width, cases[i].string);
        assert_string_equal(text_str(&text) + strlen("first\n"), cases[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growing), cmocka_unit_test(test_utf8),           cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_suggest), cmocka_unit_test(test_split_and_join), cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
