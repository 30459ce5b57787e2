// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "doc/emit.h"
#include "doc/load.h"
#include "migrate/convert.h"

static const char formats_text[] = "kind: DocumentFormats\n"
                                   "spec:\n"
                                   "  formats:\n"
                                   "    - name: cns/v1\n"
                                   "      id: cns\n"
                                   "      documents: [{is: thing, kind: Thing, apiVersion: cns/v1}]\n"
                                   "    - name: old/v1\n"
                                   "      id: old\n"
                                   "      documents:\n"
                                   "        - is: thing\n"
                                   "          kind: thing\n"
                                   "          apiVersion: old/v1\n"
                                   "          reads: [old/v0]\n"
                                   "          instead: [{has: map.x, apiVersion: old/v2}]\n"
                                   "  shapes:\n"
                                   "    thing:\n"
                                   "      all: any\n"
                                   "      ours: {in: [cns]}\n"
                                   "      name: {names: {old: title}, aliases: [label]}\n"
                                   "      word: {words: {old: [a, b]}}\n"
                                   "      list: {items: item, text: {in: [cns], member: id, others: {reason: r}}}\n"
                                   "      kept: {items: entry}\n"
                                   "      map: {values: item}\n"
                                   "    item: {id: any, reason: {in: [old]}, x: any}\n"
                                   "    entry: {type: {drops: true, words: {old: [a]}}}\n";

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(doc_load_buffer(arena, text, strlen(text), "in", DOC_FORMAT_YAML, NULL, &doc, &err), 0);
    return doc;
}

static const struct doc *convert(struct arena *arena, const char *text, const char *to, struct report *report) {
    struct formats formats;
    const struct doc *target = NULL, *converted = NULL;
    _cleanup_error_ struct error *err = NULL;
    report_init(report, arena, "MigrationReport");
    assert_int_equal(formats_open(load(arena, formats_text), &formats, &err), 0);
    assert_int_equal(formats_find(&formats, to, &target, &err), 0);
    assert_int_equal(convert_document(report, &formats, target, "in", load(arena, text), &converted, &err), 0);
    return converted;
}

static void assert_converted(const char *text, const char *to, const char *expected, const char *rows) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct report report;
    _cleanup_text_ struct text out = {0}, told = {0};
    doc_emit(convert(arena, text, to, &report), EMIT_JSON_COMPACT, &out);
    assert_string_equal(text_str(&out), expected);
    for (size_t i = 1; i < report.count; i++) // the first is about the document
        text_addf(&told, "%s %s %s\n", report.checks[i].cause, report.checks[i].id, report.checks[i].actual);
    assert_string_equal(text_str(&told), rows);
}

static void test_keys(void **state _unused_) {
    assert_converted("{kind: Thing, apiVersion: cns/v1, all: {any: [1]}, ours: 1, name: n, other: 2}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v1\",\"all\":{\"any\":[1]},\"title\":\"n\"}",
                     "lost ours 1\ncarried name n\nlost other 2\n");
    assert_converted("{apiVersion: old/v0, kind: thing, title: n}", "cns/v1",
                     "{\"apiVersion\":\"cns/v1\",\"kind\":\"Thing\",\"name\":\"n\"}", "carried title n\n");
    assert_converted("{apiVersion: old/v1, kind: thing, label: n}", "old",
                     "{\"apiVersion\":\"old/v1\",\"kind\":\"thing\",\"title\":\"n\"}", "carried label n\n");
}

static void test_words(void **state _unused_) {
    assert_converted("{kind: Thing, apiVersion: cns/v1, word: c, kept: [{type: a}, {type: z}]}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v1\",\"word\":\"c\",\"kept\":[{\"type\":\"a\"}]}",
                     "lost word c\nlost kept[]{type: z} a map of 1\n");
    assert_converted("{kind: Thing, apiVersion: cns/v1, word: A}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v1\",\"word\":\"A\"}", "");
}

static void test_lists_of_text(void **state _unused_) {
    assert_converted("{kind: Thing, apiVersion: cns/v1, list: [p, q]}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v1\",\"list\":[{\"id\":\"p\",\"reason\":\"r\"},"
                     "{\"id\":\"q\",\"reason\":\"r\"}]}",
                     "");
    assert_converted("{kind: thing, apiVersion: old/v1, list: [{id: p, reason: s}, {id: q, reason: t}]}", "cns",
                     "{\"kind\":\"Thing\",\"apiVersion\":\"cns/v1\",\"list\":[\"p\",\"q\"]}",
                     "lost list[].reason s (and 1 more)\n");
}

static void test_version_by_content(void **state _unused_) {
    assert_converted("{kind: Thing, apiVersion: cns/v1, map: {x: {id: 1, y: 2}}}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v2\",\"map\":{\"x\":{\"id\":1}}}", "lost map.*.y 2\n");
}

static void test_wrong_kinds_of_values_stay(void **state _unused_) {
    assert_converted("{kind: Thing, apiVersion: cns/v1, list: 3, map: [1], kept: [null, 5]}", "old",
                     "{\"kind\":\"thing\",\"apiVersion\":\"old/v1\",\"list\":3,\"map\":[1],\"kept\":[null,5]}", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_lists_of_text),
        cmocka_unit_test(test_version_by_content),
        cmocka_unit_test(test_wrong_kinds_of_values_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
