// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "doc/canonical.h"
#include "doc/emit.h"
#include "doc/load.h"
#include "doc/patch.h"

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    if (doc_load_buffer(arena, text, strlen(text), "f", DOC_FORMAT_AUTO, NULL, &doc, &err) < 0)
        fail_msg("%s: %s", text, err->message);
    return doc;
}

static void test_operations(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text out = {0};
    const struct doc *doc = load(arena, "{a: [1, 2, 3], b: {c: x}, d/e: 5}"), *result = NULL;
    const struct doc *patch = load(arena, "[{op: test, path: /b/c, value: x},"
                                          " {op: add, path: /a/1, value: new}, {op: add, path: /a/-, value: {k: v}},"
                                          " {op: remove, path: /a/0}, {op: move, from: /b, path: /moved},"
                                          " {op: copy, from: /moved/c, path: /copy},"
                                          " {op: replace, path: /d~1e, value: 6}]");
    if (doc_patch_apply(arena, doc, patch, &result, &err) < 0)
        fail_msg("%s", err->message);
    doc_emit(result, EMIT_JSON_COMPACT, &out);
    assert_string_equal(out.bytes,
                        "{\"a\":[\"new\",2,3,{\"k\":\"v\"}],\"d/e\":6,\"moved\":{\"c\":\"x\"},\"copy\":\"x\"}");
    text_truncate(&out, 0);
    doc_emit(doc, EMIT_JSON_COMPACT, &out);
    assert_string_equal(out.bytes, "{\"a\":[1,2,3],\"b\":{\"c\":\"x\"},\"d/e\":5}");
}

static void test_refusals(void **state _unused_) {
    static const struct {
        const char *patch;
        enum error_code code;
        const char *message;
    } cases[] = {
        {"{}", ERROR_INVALID, "must be a list of operations, not a map"},
        {"[3]", ERROR_INVALID, "operation 0: must be a map"},
        {"[{path: /a}]", ERROR_INVALID, "needs an 'op'"},
        {"[{op: ad, path: /a}]", ERROR_INVALID, "unknown op 'ad'"},
        {"[{op: add, path: /a}]", ERROR_INVALID, "op 'add' needs a 'value'"},
        {"[{op: add, path: a, value: 1}]", ERROR_INVALID, "JSON pointer 'a'"},
        {"[{op: copy, path: /a}]", ERROR_INVALID, "needs a 'from'"},
        {"[{op: remove, path: ''}]", ERROR_INVALID, "cannot be removed"},
        {"[{op: move, from: /a, path: /a/b}]", ERROR_INVALID, "moved into itself"},
        {"[{op: remove, path: /x}]", ERROR_NOT_FOUND, "f:1:2: patch operation 0: there is no '/x'"},
        {"[{op: add, path: /l/5, value: 1}]", ERROR_NOT_FOUND, "'5' is no index of a list with 2 items"},
        {"[{op: add, path: /l/01, value: 1}]", ERROR_NOT_FOUND, "'01' is no index"},
        {"[{op: replace, path: /l/2, value: 1}]", ERROR_NOT_FOUND, "there is no '/l/2'"},
        {"[{op: add, path: /x/y, value: 1}]", ERROR_NOT_FOUND, "there is no '/x'"},
        {"[{op: add, path: /a, value: 2}, {op: test, path: /a, value: 3}]", ERROR_CONFLICT, "operation 1: the value"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = load(arena, "{a: 1, l: [1, 2]}"), *result = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_error_ struct error *err = NULL;
        assert_int_equal(doc_patch_apply(arena, doc, load(arena, cases[i].patch), &result, &err), -(int)cases[i].code);
        if (!strstr(err->message, cases[i].message))
            fail_msg("'%s' is not in '%s'", cases[i].message, err->message);
        assert_null(result);
    }
}

static void test_canonical(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text out = {0};
    // U+1F600 sorts before U+FB33, as its surrogates do.
    const struct doc *doc =
        load(arena, "{\"\\ufb33\": 1, \"\\ud83d\\ude00\": 0.002, \"b\": 1e21, \"a\": [-0, 4.50, 2e-3, 16]}");
    assert_int_equal(doc_canonical(doc, &out, &err), 0);
    assert_string_equal(out.bytes,
                        "{\"a\":[0,4.5,0.002,16],\"b\":1e+21,\"\xF0\x9F\x98\x80\":0.002,\"\xEF\xAC\xB3\":1}");
    text_truncate(&out, 3);
    assert_int_equal(doc_canonical(load(arena, "[1, .inf]"), &out, &err), -ERROR_INVALID);
    assert_int_equal(out.length, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
