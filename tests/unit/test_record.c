// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "doc/emit.h"
#include "doc/load.h"
#include "doc/record.h"

static const char document[] = "# comment\n"
                               "name: a\n"
                               "list: [1, 2.50, true, null, ~, '3', 0x1f, .inf, -9223372036854775808]\n"
                               "empty: {m: {}, l: [], s: ''}\n"
                               "wide: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, "
                               "m: 13, n: 14}\n"
                               "text: |\n  two\n  lines\n"
                               "tagged: !!float 3\n";

static const struct doc *load(struct arena *arena, const char *yaml) {
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    assert_int_equal(doc_load_buffer(arena, yaml, strlen(yaml), "f.yaml", DOC_FORMAT_YAML, NULL, &doc, &err), 0);
    return doc;
}

static void assert_same(const struct doc *a, const struct doc *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->is_plain, b->is_plain);
    assert_int_equal(a->origin.line, b->origin.line);
    assert_int_equal(a->origin.column, b->origin.column);
    assert_string_equal(b->origin.source, "f.yaml");
    assert_int_equal(doc_count(a), doc_count(b));
    if (doc_is_scalar(a))
        assert_string_equal(a->text, b->text);
    for (size_t i = 0; a->kind == DOC_LIST && i < a->list.count; i++)
        assert_same(a->list.items[i], b->list.items[i]);
    for (size_t i = 0; a->kind == DOC_MAP && i < a->map.count; i++) {
        assert_string_equal(a->map.members[i].key, b->map.members[i].key);
        assert_int_equal(a->map.members[i].key_origin.line, b->map.members[i].key_origin.line);
        assert_same(a->map.members[i].value, b->map.members[i].value);
        assert_ptr_equal(doc_get(b, a->map.members[i].key), b->map.members[i].value);
    }
}

static void test_the_tree_comes_back(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text recorded = {0};
    const struct doc *doc = load(arena, document), *again = NULL;
    doc_record(doc, &recorded);
    assert_int_equal(doc_from_record(arena, recorded.bytes, recorded.length, "f.yaml", &again, &err), 0);
    assert_same(doc, again);
    assert_true(doc_equal(doc, again));
}

static void test_damage_is_refused(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text recorded = {0};
    doc_record(load(arena, document), &recorded);
    const struct doc *doc = NULL;
    for (size_t length = 0; length < recorded.length; length++) {
        _cleanup_error_ struct error *err = NULL;
        // A copy of exactly that size, so that a read beyond its end is seen.
        char *cut = malloc(length ? length : 1);
        memcpy(cut, recorded.bytes, length);
        assert_int_equal(doc_from_record(arena, cut, length, "f.yaml", &doc, &err), -ERROR_INTERNAL);
        free(cut);
    }
    assert_null(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tree_comes_back),
        cmocka_unit_test(test_damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
