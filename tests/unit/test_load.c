// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "doc/load.h"

#include <math.h>

static const struct doc *load_as(struct arena *arena, const char *text, enum doc_format format) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    if (doc_load_buffer(arena, text, strlen(text), "f", format, NULL, &doc, &err) < 0)
        fail_msg("%s: %s", text, err->message);
    return doc;
}

static const struct doc *load(struct arena *arena, const char *text) {
    return load_as(arena, text, DOC_FORMAT_AUTO);
}

static void check_refused(const char *text, size_t length, enum doc_format format, enum error_code code,
                          const char *message) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    assert_int_equal(doc_load_buffer(arena, text, length, "f", format, NULL, &doc, &err), -(int)code);
    assert_null(doc);
    if (!strstr(err->message, message))
        fail_msg("'%s' is not in '%s'", message, err->message);
}

static void test_text_and_kinds(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = load(arena, "a: 24.10\nb: '1'\nc: [true, ~, 0x1f, x]\nd: {e: !!str 5, f: !!float 1}\n");
    assert_int_equal(doc_get(doc, "a")->kind, DOC_FLOAT);
    assert_string_equal(doc_text(doc_get(doc, "a")), "24.10");
    assert_int_equal(doc_get(doc, "b")->kind, DOC_STRING);
    const struct doc *list = doc_get(doc, "c");
    assert_int_equal(doc_count(list), 4);
    assert_true(doc_item(list, 0)->boolean);
    assert_int_equal(doc_item(list, 1)->kind, DOC_NULL);
    assert_int_equal(doc_item(list, 2)->integer, 31);
    assert_int_equal(doc_item(list, 3)->origin.line, 3);
    assert_int_equal(doc_item(list, 3)->origin.column, 20);
    const struct doc *map = doc_get(doc, "d");
    assert_int_equal(doc_get(map, "e")->kind, DOC_STRING);
    assert_int_equal(doc_get(map, "f")->kind, DOC_FLOAT);
    assert_true(doc_get(map, "f")->real == 1.0);
    assert_int_equal(doc_member(doc, "d", 1)->key_origin.line, 4);
}

static void test_json(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc =
        load(arena, " {\"a\\u00e9\\ud83d\\ude00\": [1, -2.5e3, \"x\\n\"],\n \"\xC3\xA9\": null, \"z\": {}}");
    const struct doc *list = doc_get(doc, "a\xC3\xA9\xF0\x9F\x98\x80");
    assert_int_equal(doc_count(list), 3);
    assert_int_equal(doc_item(list, 0)->integer, 1);
    assert_true(doc_item(list, 1)->real == -2500);
    assert_string_equal(doc_text(doc_item(list, 2)), "x\n");
    assert_int_equal(doc_member(doc, "\xC3\xA9", 2)->key_origin.column, 2);
    assert_int_equal(doc_member(doc, "z", 1)->key_origin.column, 13);
    assert_int_equal(doc_get(doc, "z")->kind, DOC_MAP);
}

static void test_format_by_content(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    assert_string_equal(doc_text(doc_get(load(arena, "{a: b}"), "a")), "b");
    assert_string_equal(doc_text(doc_get(load(arena, "{\"a\": b,}"), "a")), "b");
    assert_string_equal(doc_text(doc_get(load(arena, "\"a\": b"), "a")), "b");
    assert_string_equal(doc_text(doc_get(load(arena, "\xEF\xBB\xBF{\"a\": \"b\\/\"}"), "a")), "b/");
    assert_string_equal(doc_text(doc_get(load(arena, "\xEF\xBB\xBF"
                                                     "a: b"),
                                         "a")),
                        "b");
    assert_string_equal(doc_text(load(arena, "\"\\ud83d\\ude00\"")), "\xF0\x9F\x98\x80");
}

static void test_positions(void **state _unused_) {
    check_refused("a: 1\nb: 2\na: 3\n", 15, DOC_FORMAT_AUTO, ERROR_INVALID,
                  "f:3:1: duplicate key 'a'; it was set at line 1 already");
    check_refused("{\"a\": 1,\n \"a\": 2}", 17, DOC_FORMAT_AUTO, ERROR_INVALID,
                  "f:2:2: duplicate key 'a'; it was set at line 1");
    check_refused("{\"a\": 1, \"a\": 2,}", 17, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:10: duplicate key 'a'");
    check_refused("{\"a\": 1, \"b\": 2,,}", 18, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:17: expected a key");
    check_refused("a: *b", 5, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:4: alias *b: no anchor &b");
    check_refused("a: &b [*b]", 10, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:8: alias *b stands inside");
    check_refused("[a]: b", 6, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:1: a key must be text");
    check_refused("x: 1\n<<: {a: b}", 15, DOC_FORMAT_AUTO, ERROR_INVALID, "f:2:5: the merge key <<");
    check_refused("x: 1\n<<: [{a: b}]", 17, DOC_FORMAT_AUTO, ERROR_INVALID, "f:2:6: the merge key <<");
    check_refused("a\n---\nb\n", 8, DOC_FORMAT_AUTO, ERROR_INVALID, "f:2:1: a second document begins here");
    check_refused("{} {}", 5, DOC_FORMAT_JSON, ERROR_INVALID, "f:1:4: expected nothing more");
    check_refused("", 0, DOC_FORMAT_AUTO, ERROR_INVALID, "f: is empty");
    check_refused(" \n\n", 3, DOC_FORMAT_JSON, ERROR_INVALID, "f: is empty");
    check_refused("# only\n", 7, DOC_FORMAT_AUTO, ERROR_INVALID, "f: holds no document");
    check_refused("a: b\nc: \xFF\n", 10, DOC_FORMAT_AUTO, ERROR_INVALID, "f:2:4: invalid UTF-8");
    check_refused("[\"\xC3\xA9\xFF\"]", 7, DOC_FORMAT_JSON, ERROR_INVALID, "offset 4");
    check_refused("a: b\nc: x\0y\n", 12, DOC_FORMAT_AUTO, ERROR_INVALID, "f:2:5: a NUL byte");
    check_refused("a: \"\x07\"\n", 7, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:5: the character U+0007");
    check_refused("a\0:\0 \0b\0", 8, DOC_FORMAT_AUTO, ERROR_INVALID, "UTF-16");
    check_refused("\xFF\xFE"
                  "a\0",
                  4, DOC_FORMAT_AUTO, ERROR_INVALID, "UTF-16");
    check_refused("a: b: c\n", 8, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:5: a ':' is not allowed here");
    check_refused("!!int x", 7, DOC_FORMAT_AUTO, ERROR_INVALID, "f:1:1: the value is tagged !!int");
}

static void test_aliases(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = load(arena, "a: &x {b: &y 1, c: [*y]}\nd: *x\n? &k key\n: *y\ne: {*k : *x}\n");
    assert_true(doc_equal(doc_get(doc, "a"), doc_get(doc, "d")));
    assert_int_equal(doc_get(doc, "key")->integer, 1);
    assert_true(doc_equal(doc_get(doc_get(doc, "e"), "key"), doc_get(doc, "a")));
    assert_int_equal(doc_get(doc, "d")->origin.line, 1);
}

static void test_alias_bombs(void **state _unused_) {
    _cleanup_text_ struct text bomb = {0};
    text_add(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        text_addf(&bomb, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            text_addf(&bomb, "%s*a%d", j ? ", " : "", i - 1);
        text_add(&bomb, "]\n");
    }
    check_refused(bomb.bytes, bomb.length, DOC_FORMAT_AUTO, ERROR_LIMIT, "aliases repeat more than 100000 values");
    text_truncate(&bomb, 0);
    text_add(&bomb, "a: &a \"");
    text_add_repeat(&bomb, 'x', 4 * 1024 * 1024);
    text_add(&bomb, "\"\nb:\n");
    for (int i = 0; i < 1000; i++)
        text_add(&bomb, "- *a\n");
    check_refused(bomb.bytes, bomb.length, DOC_FORMAT_AUTO, ERROR_LIMIT, "aliases repeat more than 100000 values");
}

static void test_depth(void **state _unused_) {
    for (int format = 0; format < 2; format++) {
        _cleanup_text_ struct text deep = {0};
        _cleanup_arena_ struct arena *arena = arena_new();
        text_add_repeat(&deep, '[', 128);
        text_add_repeat(&deep, ']', 128);
        load_as(arena, deep.bytes, format ? DOC_FORMAT_YAML : DOC_FORMAT_JSON);
        text_truncate(&deep, 0);
        text_add_repeat(&deep, '[', 1000000);
        check_refused(deep.bytes, deep.length, format ? DOC_FORMAT_YAML : DOC_FORMAT_JSON, ERROR_LIMIT,
                      "f:1:129: nested more than 128 levels deep");
    }
}

static void test_size(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    struct doc_limits limits = {.size = 4};
    assert_int_equal(doc_load_buffer(arena, "a: bc", 5, "f", DOC_FORMAT_AUTO, &limits, &doc, &err), -ERROR_LIMIT);
    assert_string_equal(err->message, "f: is larger than the limit of 4 bytes");
}

// One byte, then two, then three at a time.
struct slow {
    const char *bytes;
    size_t left, step;
};

static ssize_t read_slowly(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct slow *slow = context;
    size_t part = MIN(MIN(slow->left, size), 1 + slow->step++ % 3);
    memcpy(buffer, slow->bytes, part);
    slow->bytes += part;
    slow->left -= part;
    return (ssize_t)part;
}

static void test_short_reads_and_large_tokens(void **state _unused_) {
    _cleanup_text_ struct text json = {0};
    text_add(&json, "{\n");
    for (int i = 0; i < 6000; i++)
        text_addf(&json, "  \"key-\\u00e9-%d\": [%d, \"\xC3\xA9\\n%d\", true,\tnull, -1.5e-3],\n", i, i, i);
    text_add(&json, "\"long\": \"");
    text_add_repeat(&json, 'y', 300000);
    text_add(&json, "\"}");
    for (int format = DOC_FORMAT_YAML; format <= DOC_FORMAT_JSON; format++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct slow slow = {json.bytes, json.length, 0};
        struct doc_input input = {.read = read_slowly, .context = &slow, .name = "slow"};
        const struct doc *doc = NULL;
        // Tabs between tokens of a flow are white space in both formats.
        if (doc_load(arena, &input, (enum doc_format)format, NULL, &doc, &err) < 0)
            fail_msg("%s", err->message);
        assert_int_equal(doc_count(doc), 6001);
        const struct doc *item = doc_get(doc, "key-\xC3\xA9-4321");
        assert_string_equal(doc_text(doc_item(item, 1)), "\xC3\xA9\n4321");
        assert_int_equal(doc_item(item, 1)->origin.line, 4323);
        assert_int_equal(doc_item(item, 3)->kind, DOC_NULL);
        assert_int_equal(doc_get(doc, "long")->length, 300000);
    }
}

static void test_many_documents(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *list = NULL;
    static const char text[] = "---\na: &x 1\n---\n# nothing\n---\nb: 2\n...\n";
    assert_int_equal(doc_load_all_buffer(arena, text, sizeof text - 1, "m", NULL, &list, &err), 0);
    assert_int_equal(doc_count(list), 2);
    assert_int_equal(doc_get(doc_item(list, 1), "b")->integer, 2);
    // Longer than what is looked at to find the format.
    _cleanup_text_ struct text flows = {0};
    text_add(&flows, "{\"a\": [0");
    for (int i = 0; i < 50000; i++)
        text_add(&flows, ", 1");
    text_add(&flows, "]}\n---\n{\"b\": 1}\n");
    assert_int_equal(doc_load_all_buffer(arena, flows.bytes, flows.length, "m", NULL, &list, &err), 0);
    assert_int_equal(doc_count(list), 2);
    assert_int_equal(doc_load_all_buffer(arena, "# x", 3, "m", NULL, &list, &err), 0);
    assert_int_equal(doc_count(list), 0);
    assert_int_equal(doc_load_all_buffer(arena, "a: &x 1\n---\nb: *x", 17, "m", NULL, &list, &err), -ERROR_INVALID);
}

// --- what fails outside ---

static ssize_t read_and_fail(void *context, char *buffer, size_t size, struct error **err) {
    int *calls = context;
    if (++*calls > 3)
        return error_set(err, ERROR_UNAVAILABLE, "the line is dead");
    memset(buffer, *calls == 1 ? '[' : ' ', 1);
    memset(buffer + 1, ' ', size - 1);
    return (ssize_t)size;
}

static void test_failing_input(void **state _unused_) {
    for (int format = DOC_FORMAT_AUTO; format <= DOC_FORMAT_JSON; format++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        int calls = 0;
        struct doc_input input = {.read = read_and_fail, .context = &calls, .name = "f"};
        const struct doc *doc = NULL;
        assert_int_equal(doc_load(arena, &input, (enum doc_format)format, NULL, &doc, &err), -ERROR_UNAVAILABLE);
        assert_string_equal(err->message, "the line is dead");
    }
}

static int refuse_third(void *context, const struct doc_event *event, struct error **err) {
    int *calls = context;
    assert_true(*calls < 3);
    if (++*calls == 3)
        return doc_error(err, ERROR_CONFLICT, event->origin, "not this one");
    return 0;
}

static void test_failing_sink(void **state _unused_) {
    static const char *const texts[] = {"a: 1\nb: 2\n", "{\"a\": 1,\n\"b\": 2}", "a: &x b\nc: *x\n"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_error_ struct error *err = NULL;
        int calls = 0;
        struct doc_sink sink = {.event = refuse_third, .context = &calls};
        int r = doc_read_events_buffer(texts[i], strlen(texts[i]), "f", DOC_FORMAT_AUTO, NULL, &sink, &err);
        assert_int_equal(r, -ERROR_CONFLICT);
        assert_non_null(strstr(err->message, "not this one"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_kinds),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_format_by_content),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_alias_bombs),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_many_documents),
        cmocka_unit_test(test_short_reads_and_large_tokens),
        cmocka_unit_test(test_failing_input),
        cmocka_unit_test(test_failing_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
