// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "doc/emit.h"
#include "doc/load.h"
#include "doc/merge.h"
#include "doc/path.h"

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    if (doc_load_buffer(arena, text, strlen(text), "f", DOC_FORMAT_AUTO, NULL, &doc, &err) < 0)
        fail_msg("%s: %s", text, err->message);
    return doc;
}

static const char sample[] = "{a: {b: [x, {c.d: 1}], '2': two, '': none}, 'e[0]': 5, list: [p, q]}";

static void test_get(void **state _unused_) {
    static const struct {
        const char *path, *text;
    } cases[] = {
        {"a.b[0]", "x"},     {".a.b.[1].c\\.d", "1"},   {"a.b.0", "x"},
        {"a.2", "two"},      {"e\\[0\\]", "5"},         {"[\"e[0]\"]", "5"},
        {"a[\"\"]", "none"}, {"a.b[1].[\"c.d\"]", "1"}, {"list.[1]", "q"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = load(arena, sample), *found = NULL;
    _cleanup_error_ struct error *err = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (doc_path_get(arena, doc, cases[i].path, &found, &err) < 0)
            fail_msg("%s", err->message);
        assert_string_equal(doc_text(found), cases[i].text);
    }
    assert_int_equal(doc_path_get(arena, doc, "", &found, &err), 0);
    assert_ptr_equal(found, doc);
}

static void test_what_is_missing(void **state _unused_) {
    static const struct {
        const char *path, *message, *hint;
    } cases[] = {
        {"a.bb", "path 'a.bb': a has no 'bb'", "did you mean 'b'?"},
        {"zzzzzz", "path 'zzzzzz': the document has no 'zzzzzz'", "there is: a, e[0], list"},
        {"list[2]", "path 'list[2]': list has items [0] to [1], no '[2]'", NULL},
        {"list.01", "no '01'", NULL},
        {"a[0]", "a is a map and has no '[0]'", NULL},
        {"a.2.x", "a.2 is a string and has no 'x'", NULL},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = load(arena, sample), *found = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_error_ struct error *err = NULL;
        assert_int_equal(doc_path_get(arena, doc, cases[i].path, &found, &err), -ERROR_NOT_FOUND);
        if (!strstr(err->message, cases[i].message))
            fail_msg("'%s' is not in '%s'", cases[i].message, err->message);
        if (cases[i].hint)
            assert_string_equal(err->hint, cases[i].hint);
    }
}

static void test_malformed(void **state _unused_) {
    static const char *const paths[] = {"a..b", "a.",    ".",       "a[",  "a[x]",
                                        "a[1",  "a[-1]", "a\\x",    "a\\", "..a",
                                        "[]",   "[\"a]", "a[\"b\"", "[\"", "a[99999999999999999999]"};
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        _cleanup_error_ struct error *err = NULL;
        struct doc_path path;
        // "." alone is the whole document, with its leading dot.
        if (strcmp(paths[i], ".") == 0)
            assert_int_equal(doc_path_parse(arena, paths[i], &path, &err), 0);
        else if (doc_path_parse(arena, paths[i], &path, &err) != -ERROR_INVALID)
            fail_msg("%s was accepted", paths[i]);
    }
}

static void test_text_round_trip(void **state _unused_) {
    static const char *const keys[] = {"a", "a.b", "a[0]", "", "a\\b", "a=b,c", "0", "\"x\""};
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        _cleanup_error_ struct error *err = NULL;
        struct doc_path path;
        const char *text = arena_printf(arena, "x.%s.y[3]", doc_path_escape(arena, keys[i]));
        assert_int_equal(doc_path_parse(arena, text, &path, &err), 0);
        assert_int_equal(path.count, 4);
        assert_string_equal(path.steps[1].key, keys[i]);
        assert_string_equal(doc_path_text(arena, &path, 4), text);
    }
}

static void test_pointer(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = load(arena, "{a/b: {m~n: [7]}, '': 8}");
    struct doc_path path;
    assert_int_equal(doc_pointer_parse(arena, "/a~1b/m~0n/0", &path, &err), 0);
    assert_string_equal(doc_text(doc_path_find(doc, &path, NULL)), "7");
    assert_int_equal(doc_pointer_parse(arena, "/", &path, &err), 0);
    assert_string_equal(doc_text(doc_path_find(doc, &path, NULL)), "8");
    assert_int_equal(doc_pointer_parse(arena, "/~2", &path, &err), -ERROR_INVALID);
}

static void check_set(const char *source, const char *path_text, const char *expected) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text before = {0}, out = {0}, after = {0};
    const struct doc *doc = load(arena, source), *changed = NULL;
    struct doc_path path;
    doc_emit(doc, EMIT_JSON_COMPACT, &before);
    assert_int_equal(doc_path_parse(arena, path_text, &path, &err), 0);
    int r = doc_path_set(arena, doc, &path, doc_new_int(arena, 9), &changed, &err);
    if (!expected) {
        assert_int_equal(r, -ERROR_INVALID);
        return;
    }
    if (r < 0)
        fail_msg("%s", err->message);
    doc_emit(changed, EMIT_JSON_COMPACT, &out);
    assert_string_equal(out.bytes, expected);
    doc_emit(doc, EMIT_JSON_COMPACT, &after);
    assert_string_equal(after.bytes, before.bytes);
}

static void test_set(void **state _unused_) {
    check_set("{a: {b: 1}, c: 2}", "a.b", "{\"a\":{\"b\":9},\"c\":2}");
    check_set("{a: 1}", "b.c.d", "{\"a\":1,\"b\":{\"c\":{\"d\":9}}}");
    check_set("{a: [1, 2]}", "a[1]", "{\"a\":[1,9]}");
    check_set("{a: [1, 2]}", "a[2]", "{\"a\":[1,2,9]}");
    check_set("{a: [1, 2]}", "a.0", "{\"a\":[9,2]}");
    check_set("{a: null}", "a[0].b", "{\"a\":[{\"b\":9}]}");
    check_set("{a: [1, 2]}", "a[3]", NULL);
    check_set("{a: 1}", "a.b", NULL);
    check_set("{a: {}}", "a[0]", NULL);
    check_set("{a: []}", "a.x", NULL);
    check_set("{a: 1}", "", "9");
}

static void test_set_remembers(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = load(arena, "a: 1"), *changed = NULL;
    struct doc_path path;
    assert_int_equal(doc_path_parse(arena, "a", &path, &err), 0);
    assert_int_equal(doc_path_set(arena, doc, &path, doc_new_int(arena, 2), &changed, &err), 0);
    assert_ptr_equal(doc_get(changed, "a")->previous, doc_get(doc, "a"));
}

static void test_merge(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text out = {0};
    const struct doc *one = load(arena, "{a: {x: 1, y: [1, 2]}, b: 2, same: {k: v}}");
    const struct doc *two = load(arena, "{c: 3, a: {y: [3], z: ~}}");
    const struct doc *three = load(arena, "{a: {x: {deep: 1}, y: 4}}");
    const struct doc *merged = doc_merge(arena, doc_merge(arena, one, two), three);
    doc_emit(merged, EMIT_JSON_COMPACT, &out);
    assert_string_equal(out.bytes,
                        "{\"a\":{\"x\":{\"deep\":1},\"y\":4,\"z\":null},\"b\":2,\"same\":{\"k\":\"v\"},\"c\":3}");
    assert_ptr_equal(doc_get(merged, "same"), doc_get(one, "same"));
    const struct doc *y = doc_get(doc_get(merged, "a"), "y");
    assert_int_equal(y->previous->list.count, 1);
    assert_ptr_equal(y->previous->previous, doc_get(doc_get(one, "a"), "y"));
    assert_null(doc_get(doc_get(three, "a"), "y")->previous);
    assert_null(doc_get(doc_get(two, "a"), "y")->previous);
    assert_ptr_equal(doc_merge(arena, NULL, one), one);
    assert_ptr_equal(doc_merge(arena, one, NULL), one);
}

// A result that was merged itself keeps its chain when it goes over a third value.
static void test_merge_keeps_chains(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *one = load(arena, "1"), *two = load(arena, "2"), *three = load(arena, "3");
    const struct doc *upper = doc_merge(arena, two, three), *all = doc_merge(arena, one, upper);
    assert_string_equal(all->text, "3");
    assert_string_equal(all->previous->text, "2");
    assert_string_equal(all->previous->previous->text, "1");
    assert_null(upper->previous->previous);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),     cmocka_unit_test(test_what_is_missing),    cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_pointer), cmocka_unit_test(test_text_round_trip),    cmocka_unit_test(test_set),
        cmocka_unit_test(test_merge),   cmocka_unit_test(test_merge_keeps_chains), cmocka_unit_test(test_set_remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
