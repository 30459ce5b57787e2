// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "bundle/override.h"
#include "doc/emit.h"
#include "doc/load.h"

static const char values_text[] =
    "driver: {version: \"580.105.08\", enabled: true, count: 3, ratio: 0.5, plain: 24.10}\n"
    "env: [{name: A, value: \"1\"}]\n"
    "words: [a, b]\n"
    "numbers: [1]\n"
    "empty: {}\n"
    "none: null\n"
    "a.b: {\"c=d\": x}\n";

struct fixture {
    struct arena *arena;
    struct override_list list;
    const struct doc *values;
};

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    struct error *err = NULL;
    assert_int_equal(doc_load_buffer(arena, text, strlen(text), "test", DOC_FORMAT_YAML, NULL, &doc, &err), 0);
    return doc;
}

// Applies one argument to the values; gives them as compact JSON, or the error's message.
static char *apply_with(enum override_kind kind, const char *argument, const char *known, bool allows_unknown) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct override_list list = {0};
    _cleanup_error_ struct error *err = NULL;
    struct override_target_values target = {.values = load(arena, values_text),
                                            .known = known ? load(arena, known) : NULL,
                                            .allows_unknown = allows_unknown};
    int r = override_parse(arena, kind, argument, &list, &err);
    for (size_t i = 0; i < list.count && r >= 0; i++) {
        const char *note = NULL;
        r = override_apply(arena, &list.items[i], &target, &target.values, &note, &err);
    }
    if (r < 0)
        return xasprintf("%s%s%s", err->message, err->hint ? " | " : "", err->hint ? err->hint : "");
    _cleanup_text_ struct text out = {0};
    doc_emit(target.values, EMIT_JSON_COMPACT, &out);
    return text_take(&out);
}

static void expect_part(enum override_kind kind, const char *argument, const char *part) {
    char *result = apply_with(kind, argument, NULL, false);
    if (!strstr(result, part))
        fail_msg("%s: '%s' lacks '%s'", argument, result, part);
    free(result);
}

static void test_kinds_follow_what_is_replaced(void **state _unused_) {
    expect_part(OVERRIDE_SET, "g:driver.version=570.10", "\"version\":\"570.10\"");
    expect_part(OVERRIDE_SET, "g:driver.version=true", "\"version\":\"true\"");
    expect_part(OVERRIDE_SET, "g:driver.version=007", "\"version\":\"007\"");
    expect_part(OVERRIDE_SET, "g:driver.version=", "\"version\":\"\"");
    expect_part(OVERRIDE_SET, "g:driver.version=null", "\"version\":null");
    expect_part(OVERRIDE_STRING, "g:driver.version=null", "\"version\":\"null\"");
    expect_part(OVERRIDE_SET, "g:driver.enabled=false", "\"enabled\":false");
    expect_part(OVERRIDE_SET, "g:driver.enabled=no", "is a boolean, so it must be true or false");
    expect_part(OVERRIDE_STRING, "g:driver.enabled=no", "\"enabled\":\"no\"");
    expect_part(OVERRIDE_SET, "g:driver.count=5", "\"count\":5");
    expect_part(OVERRIDE_SET, "g:driver.count=0x10", "is a number, and this is none | --set-string");
    expect_part(OVERRIDE_SET, "g:driver.count=inf", "is a number, and this is none");
    expect_part(OVERRIDE_SET, "g:driver.ratio=1e3", "\"ratio\":1e3");
    expect_part(OVERRIDE_SET, "g:none=true", "\"none\":true");
    // As Helm reads them; the text "False" would be true to every template.
    expect_part(OVERRIDE_SET, "g:none=False", "\"none\":false");
    expect_part(OVERRIDE_SET, "g:none=NULL", "\"none\":null");
    expect_part(OVERRIDE_SET, "g:driver.enabled=FALSE", "\"enabled\":false");
    expect_part(OVERRIDE_SET, "g:driver.version=True", "\"version\":\"True\"");
    expect_part(OVERRIDE_SET, "g:none=12", "\"none\":12");
    expect_part(OVERRIDE_SET, "g:none=012", "\"none\":\"012\"");
    expect_part(OVERRIDE_SET, "g:none=1.50", "\"none\":\"1.50\"");
    expect_part(OVERRIDE_SET, "g:none=1e3", "\"none\":\"1e3\"");
    expect_part(OVERRIDE_SET, "g:none=-0", "\"none\":\"-0\"");
    expect_part(OVERRIDE_SET, "g:none=12345678901234567890", "\"none\":\"12345678901234567890\"");
    expect_part(OVERRIDE_SET, "g:driver=x", "is a map | name a key below it");
    expect_part(OVERRIDE_SET, "g:words=x", "is a list | write {a,b}");
}

static void test_syntax(void **state _unused_) {
    expect_part(OVERRIDE_SET, "g:driver.version=1\\,2,driver.count=4",
                "\"version\":\"1,2\",\"enabled\":true,\"count\":4");
    expect_part(OVERRIDE_SET, "g:a\\.b.c\\=d=y", "\"a.b\":{\"c=d\":\"y\"}");
    expect_part(OVERRIDE_SET, "g:env[0].value=2", "{\"name\":\"A\",\"value\":\"2\"}");
    expect_part(OVERRIDE_SET, "g:env[1].name=B", "[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\"}]");
    expect_part(OVERRIDE_SET, "g:env[5].name=B", "--set g:env[5].name=B");
    expect_part(OVERRIDE_SET, "g:words={x,1,true}", "\"words\":[\"x\",\"1\",\"true\"]");
    expect_part(OVERRIDE_SET, "g:numbers={4,5}", "\"numbers\":[4,5]");
    expect_part(OVERRIDE_SET, "g:none={a,1}", "\"none\":[\"a\",1]");
    expect_part(OVERRIDE_SET, "g:words={}", "\"words\":[]");
    expect_part(OVERRIDE_SET, "g:driver.version=\\{x}", "\"version\":\"{x}\"");
    expect_part(OVERRIDE_SET, "g:driver.count=1,h:driver.count=2", "\"count\":2");
    expect_part(OVERRIDE_JSON, "g:env=[{\"a\":\"x,y\"},2],driver.count=7", "\"env\":[{\"a\":\"x,y\"},2]");
    expect_part(OVERRIDE_JSON, "g:driver.version=null", "\"version\":null");
    expect_part(OVERRIDE_JSON, "g:driver.version=nope", "--set-json");
    expect_part(OVERRIDE_JSON, "g:driver.version=", "JSON value is missing");
    expect_part(OVERRIDE_SET, "driver.version=1", "the component's name is missing");
    expect_part(OVERRIDE_SET, ":driver.version=1", "the component's name is missing");
    expect_part(OVERRIDE_SET, "g:driver.version", "'=' and a value are missing");
    expect_part(OVERRIDE_SET, "g:driver.version=1,2", "a comma inside a value is written");
    expect_part(OVERRIDE_SET, "g:=1", "the path is empty");
    expect_part(OVERRIDE_SET, "g:driver.=1", "the path is empty, or ends in a dot");
    expect_part(OVERRIDE_SET, "g:env[x]=1", "a list index in brackets");
    expect_part(OVERRIDE_SET, "g:env[99999]=1", "ends at 65535");
    expect_part(OVERRIDE_SET, "g:words={a,b", "never closed");
}

// What looks like a secret is in no message.
static void test_messages_hold_no_secrets(void **state _unused_) {
    static const struct {
        enum override_kind kind;
        const char *argument;
    } wrong[] = {
        {OVERRIDE_SET, "g:db.password=hunter2"},
        {OVERRIDE_SET, "g:db.password=hunter2,x"},
        {OVERRIDE_SET, "g:driver.count=x,apiToken=hunter2"},
        {OVERRIDE_JSON, "g:db={\"password\":\"hunter2\""},
        {OVERRIDE_SET, "g:driver.url=https://u:hunter2@host/,words=x"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char *result = apply_with(wrong[i].kind, wrong[i].argument, NULL, false);
        assert_non_null(strstr(result, "--set"));
        assert_null(strstr(result, "hunter2"));
        free(result);
    }
}

static void test_unknown_paths(void **state _unused_) {
    expect_part(OVERRIDE_SET, "g:driver.verson=1", "driver has no 'verson' | did you mean 'version'?");
    expect_part(OVERRIDE_SET, "g:drivr.version=1", "'drivr' is no known value of g | did you mean 'driver'?");
    expect_part(OVERRIDE_SET, "g:driver.version.x=1", "driver.version has no 'x'");
    expect_part(OVERRIDE_SET, "g:empty.anything.below=1", "\"empty\":{\"anything\":{\"below\":1}}");
    char *result = apply_with(OVERRIDE_SET, "g:driver.newer=570.10,other.flag=true", NULL, true);
    assert_non_null(strstr(result, "\"newer\":\"570.10\""));
    assert_non_null(strstr(result, "\"other\":{\"flag\":true}"));
    free(result);
    // What a chart is known to have decides the kind, too.
    result = apply_with(OVERRIDE_SET, "g:driver.repository=1.5,toolkit.level=2",
                        "driver: {repository: x}\ntoolkit: {level: 1}", false);
    assert_non_null(strstr(result, "\"repository\":\"1.5\""));
    assert_non_null(strstr(result, "\"level\":2"));
    free(result);
}

static void test_switch(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct override_list list = {0};
    struct error *err = NULL;
    assert_int_equal(override_parse(arena, OVERRIDE_SET,
                                    "a:enabled=false,b:enabled=true,c:enabled=maybe,d:x.enabled=true", &list, &err),
                     0);
    assert_int_equal(list.count, 4);
    bool value = true;
    assert_true(override_is_switch(&list.items[0]));
    assert_int_equal(override_switch(&list.items[0], &value, &err), 0);
    assert_false(value);
    assert_int_equal(override_switch(&list.items[1], &value, &err), 0);
    assert_true(value);
    assert_int_equal(override_switch(&list.items[2], &value, &err), -ERROR_INVALID);
    error_free(err);
    assert_false(override_is_switch(&list.items[3]));
    assert_string_equal(override_target(arena, &list.items[3]), "d:x.enabled");
}

static void test_note_on_lost_zero(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct override_list list = {0};
    struct error *err = NULL;
    const struct doc *values = load(arena, values_text);
    const char *note = NULL;
    assert_int_equal(override_parse(arena, OVERRIDE_SET, "g:driver.plain=570.10,driver.ratio=0.75", &list, &err), 0);
    struct override_target_values target = {.values = values};
    assert_int_equal(override_apply(arena, &list.items[0], &target, &values, &note, &err), 0);
    assert_non_null(note);
    assert_non_null(strstr(note, "--set-string"));
    target.values = values;
    assert_int_equal(override_apply(arena, &list.items[1], &target, &values, &note, &err), 0);
    assert_null(note);
    // The text stands as it was given, and what was replaced is remembered.
    const struct doc *plain = doc_get(doc_get(values, "driver"), "plain");
    assert_string_equal(plain->text, "570.10");
    assert_string_equal(plain->previous->text, "24.10");
    assert_string_equal(plain->origin.source, "--set");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_follow_what_is_replaced),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_messages_hold_no_secrets),
        cmocka_unit_test(test_unknown_paths),
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_note_on_lost_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
