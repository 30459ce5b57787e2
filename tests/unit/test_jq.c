// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "doc/emit.h"
#include "doc/jq.h"
#include "doc/load.h"

static int run(struct arena *arena, const char *program, const struct doc **ret, struct error **err) {
    static const char text[] = "{a: [1, 2.5, {b: null}], name: \"x\\ty\"}";
    const struct doc *doc = NULL;
    if (doc_load_buffer(arena, text, sizeof text - 1, "f", DOC_FORMAT_AUTO, NULL, &doc, err) < 0)
        fail_msg("%s", (*err)->message);
    return doc_jq(arena, doc, program, ret, err);
}

static void test_outputs(void **state _unused_) {
    static const struct {
        const char *program, *outputs;
    } cases[] = {
        {".a[]", "[1,2.5,{\"b\":null}]"},  {".name", "[\"x\\ty\"]"},    {"empty", "[]"},
        {"(.a | length), .x", "[3,null]"}, {"try .a.x catch 5", "[5]"}, {".a[0] + 1 | . * 2", "[4]"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        _cleanup_text_ struct text out = {0};
        const struct doc *outputs = NULL;
        if (run(arena, cases[i].program, &outputs, &err) < 0)
            fail_msg("%s", err->message);
        doc_emit(outputs, EMIT_JSON_COMPACT, &out);
        assert_string_equal(out.bytes, cases[i].outputs);
    }
}

static void test_failures(void **state _unused_) {
    static const struct {
        const char *program, *message;
    } cases[] = {
        {".a[", "jq: '.a[' is no valid program: syntax error"},
        {"nothing(.)", "nothing/1 is not defined"},
        {".a.x", "jq: Cannot index array with"},
        {"error(\"boo\")", "jq: boo"},
        {"\"why\" | halt_error", "jq: the program halted: why"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        const struct doc *outputs = NULL;
        assert_int_equal(run(arena, cases[i].program, &outputs, &err), -ERROR_INVALID);
        assert_null(outputs);
        if (!strstr(err->message, cases[i].message))
            fail_msg("'%s' is not in '%s'", cases[i].message, err->message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_outputs), cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
