// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "doc/emit.h"
#include "doc/load.h"

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    if (doc_load_buffer(arena, text, strlen(text), "f", DOC_FORMAT_AUTO, NULL, &doc, &err) < 0)
        fail_msg("%s: %s", text, err->message);
    return doc;
}

static void check_emit(const char *source, enum emit_format format, const char *expected) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text out = {0};
    doc_emit(load(arena, source), format, &out);
    assert_string_equal(out.bytes, expected);
}

static void test_yaml_layout(void **state _unused_) {
    static const char layout[] = "a:\n"
                                 "  - b: 1\n"
                                 "    c:\n"
                                 "      - x\n"
                                 "      - - why\n"
                                 "        - - z\n"
                                 "  - {}\n"
                                 "  - []\n"
                                 "d: {}\n"
                                 "e:\n"
                                 "  f: []\n"
                                 "g: |\n"
                                 "  one\n"
                                 "\n"
                                 "    two\n"
                                 "h:\n"
                                 "  - |-\n"
                                 "    one\n"
                                 "    two\n"
                                 "  - |+\n"
                                 "    one\n"
                                 "\n"
                                 "i: null\n";
    check_emit(layout, EMIT_YAML, layout);
    check_emit("[]", EMIT_YAML, "[]\n");
    check_emit("{}", EMIT_YAML, "{}\n");
    check_emit("text", EMIT_YAML, "text\n");
    check_emit("\"a\\nb\\n\"", EMIT_YAML, "|\n  a\n  b\n");
    check_emit("[1, [2]]", EMIT_YAML, "- 1\n- - 2\n");
}

static void test_json_layout(void **state _unused_) {
    check_emit("a: [1, {b: ~}, []]\nc: {}", EMIT_JSON,
               "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    },\n    []\n  ],\n  \"c\": {}\n}\n");
    check_emit("a: [1, {b: ~}, []]\nc: {}", EMIT_JSON_COMPACT, "{\"a\":[1,{\"b\":null},[]],\"c\":{}}");
    check_emit("\"\\u0000\\u001f\\\"\\\\\\n\\u00e9<\\u007f\"", EMIT_JSON_COMPACT,
               "\"\\u0000\\u001f\\\"\\\\\\n\xC3\xA9<\x7F\"");
}

static void test_numbers(void **state _unused_) {
    check_emit("[24.10, 0x1f, 1e3, 017, .5, 1., +1, -0.0, .inf, 0o17]", EMIT_YAML,
               "- 24.10\n- 0x1f\n- 1e3\n- 017\n- .5\n- 1.\n- +1\n- -0.0\n- .inf\n- 0o17\n");
    check_emit(
        "[24.10, 0x1f, 1e3, 017, .5, 1., +1, -0.0, .inf, -.INF, .NaN, 0o17, 1.e3, -00.5e-1, 0xffffffffffffffffff]",
        EMIT_JSON_COMPACT,
        "[24.10,31,1e3,17,0.5,1.0,1,-0.0,\".inf\",\"-.inf\",\".nan\",15,1.0e3,-0.5e-1,4722366482869645213696]");
}

static void test_quoting(void **state _unused_) {
    static const char *const quoted[] = {
        "",
        " a",
        "a ",
        "yes",
        "NO",
        "On",
        "y",
        "n",
        "null",
        "~",
        "true",
        "1",
        "1e3",
        "0x1f",
        "017",
        "1_000",
        "1:30",
        "0b1",
        "+.5",
        "2024-01-01",
        ".inf",
        "-.INF",
        ".nan",
        "=",
        "<<",
        "-",
        "- a",
        "? a",
        ": a",
        ":",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a",
        "\"a",
        "%a",
        "@a",
        "`a",
        "{a",
        "}",
        "[a",
        "]",
        ",a",
        "---",
        "... a",
        "a\tb",
        "a\x7F",
        "a\rb",
        "\xC2\x85",
        "-1",
        "- ",
        "1.",
        "0o7",
        "685_2.",
        "1:2.3",
        "0X1F",
        "a\xE2\x80\xA8",
        "\xEF\xBB\xBF",
        "?",
        "0.e+1",
    };
    static const char *const plain[] = {
        "a",
        "a b",
        "v1.2.3",
        "1.2.3",
        "1.33.5-eks-3025e55",
        "--flag=x",
        "-Xmx",
        "a:b",
        "a#b",
        "http://x/y?z#w",
        "/a/b",
        "a'b",
        "a\"b",
        "_a",
        "\xC3\xA9t\xC3\xA9",
        "\xF0\x9F\x98\x80",
        "10.0.0.1",
        "5m",
        "1Gi",
        "a, b",
        "x{y}",
        "a]",
        "e3",
        "nulls",
        "yes please",
        "12:ab",
        "1-2",
    };
    for (size_t i = 0; i < ARRAY_SIZE(quoted); i++) {
        struct doc scalar = {.kind = DOC_STRING, .text = quoted[i], .length = strlen(quoted[i])};
        _cleanup_text_ struct text out = {0};
        doc_emit_yaml_scalar(&scalar, &out);
        if (out.bytes[0] != '"' && out.bytes[0] != '\'')
            fail_msg("%s is not quoted", out.bytes);
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct doc *back = load(arena, out.bytes);
        assert_int_equal(back->kind, DOC_STRING);
        assert_string_equal(back->text, quoted[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
        struct doc scalar = {.kind = DOC_STRING, .text = plain[i], .length = strlen(plain[i])};
        _cleanup_text_ struct text out = {0};
        doc_emit_yaml_scalar(&scalar, &out);
        assert_string_equal(out.bytes, plain[i]);
    }
}

static void test_broken_text_is_mended(void **state _unused_) {
    _cleanup_text_ struct text out = {0};
    doc_emit_json_string("a\xFFz", 3, &out);
    assert_string_equal(out.bytes, "\"a\xEF\xBF\xBDz\"");
    struct doc scalar = {.kind = DOC_STRING, .text = "a\xC3", .length = 2};
    text_truncate(&out, 0);
    doc_emit_yaml_scalar(&scalar, &out);
    assert_string_equal(out.bytes, "a\xEF\xBF\xBD");
}

static void test_long_keys(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text key = {0}, out = {0};
    text_add_repeat(&key, 'k', 3000);
    struct doc *map = doc_new_map(arena);
    doc_map_set_int(arena, map, key.bytes, 1);
    doc_map_set(arena, map, "next", map->map.members[0].value);
    doc_emit(map, EMIT_YAML, &out);
    assert_true(doc_equal(load(arena, out.bytes), map));
}

static void test_table(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text out = {0};
    doc_emit_table(
        load(arena, "kind: Snapshot\nmeasurements: [{type: OS, data: {}}, \"a\\nb\"]\nb: 24.10\n\"\\e[0m\": x"), &out);
    assert_string_equal(out.bytes, "FIELD                  VALUE\n"
                                   "-----                  -----\n"
                                   "\"\\u001b[0m\"            x\n"
                                   "b                      24.10\n"
                                   "kind                   Snapshot\n"
                                   "measurements.[0].data  {}\n"
                                   "measurements.[0].type  OS\n"
                                   "measurements.[1]       \"a\\nb\"\n");
}

static void test_new_floats(void **state _unused_) {
    static const struct {
        double value;
        const char *text;
    } floats[] = {{5, "5.0"},
                  {0.1, "0.1"},
                  {1e300, "1.0e+300"},
                  {-1.5e-7, "-1.5e-07"},
                  {123456.789, "123456.789"},
                  {0, "0.0"},
                  {100, "100.0"},
                  {1e6, "1.0e+06"},
                  {1e-5, "1.0e-05"},
                  {1e-4, "0.0001"},
                  {1234567.5, "1234567.5"},
                  {1e15, "1.0e+15"},
                  {0x1p-24, "5.960464477539063e-08"},
                  {5e-324, "5.0e-324"}};
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(floats); i++)
        assert_string_equal(doc_new_float(arena, floats[i].value)->text, floats[i].text);
}

// --- streams ---

static int collect(void *context, const char *bytes, size_t length, struct error **err _unused_) {
    text_add_bytes(context, bytes, length);
    return 0;
}

static int refuse(void *context _unused_, const char *bytes _unused_, size_t length _unused_, struct error **err) {
    return error_set(err, ERROR_UNAVAILABLE, "full");
}

static int to_emitter(void *context, const struct doc_event *event, struct error **err) {
    return emitter_event(context, event, err);
}

static void test_stream_equals_tree(void **state _unused_) {
    _cleanup_text_ struct text source = {0};
    for (int i = 0; i < 5000; i++)
        text_addf(&source, "key%d: {a: [%d, \"x\\ny\"], b: 0x1f, c: no, d: True}\n", i, i);
    for (int format = EMIT_YAML; format <= EMIT_JSON_COMPACT; format++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_text_ struct text tree = {0}, stream = {0};
        _cleanup_error_ struct error *err = NULL;
        doc_emit(load(arena, source.bytes), (enum emit_format)format, &tree);
        _cleanup_emitter_ struct emitter *emitter = emitter_new((enum emit_format)format, collect, &stream);
        struct doc_sink sink = {.event = to_emitter, .context = emitter};
        assert_int_equal(doc_read_events_buffer(source.bytes, source.length, "f", DOC_FORMAT_AUTO, NULL, &sink, &err),
                         0);
        assert_int_equal(emitter_finish(emitter, &err), 0);
        assert_string_equal(stream.bytes, tree.bytes);
    }
}

static void test_stream_reports_a_full_disk(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_emitter_ struct emitter *emitter = emitter_new(EMIT_JSON, refuse, NULL);
    assert_int_equal(emitter_map_start(emitter, &err), 0);
    assert_int_equal(emitter_key(emitter, "a", &err), 0);
    assert_int_equal(emitter_string(emitter, "b", &err), 0);
    assert_int_equal(emitter_map_end(emitter, &err), 0);
    assert_int_equal(emitter_finish(emitter, &err), -ERROR_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_layout),
        cmocka_unit_test(test_json_layout),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_broken_text_is_mended),
        cmocka_unit_test(test_long_keys),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_new_floats),
        cmocka_unit_test(test_stream_equals_tree),
        cmocka_unit_test(test_stream_reports_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
