// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "doc/load.h"
#include "migrate/migration_write.h"

static const char map_text[] = "kind: MigrationMap\n"
                               "metadata: {name: test, title: Test}\n"
                               "spec:\n"
                               "  reads: {keys: [release]}\n"
                               "  release: release\n"
                               "  criteria: {service: generic}\n"
                               "  renamed: {old: flag}\n"
                               "  releases: {'1': {version: '2.0'}}\n"
                               "  keys:\n"
                               "    - {key: release, verdict: outside, why: Release.}\n"
                               "    - key: flag\n"
                               "      type: boolean\n"
                               "      outcomes:\n"
                               "        - when: {flag: true, text: {not: b}}\n"
                               "          criteria: {intent: inference}\n"
                               "          set: [{component: c, path: p, value: 'x-{text}-{flag}'}]\n"
                               "    - {key: text, needs: {flag: true}, verdict: carried}\n"
                               "    - {key: version, version: {component: c}, verdict: carried}\n"
                               "    - {key: deep.list, verdict: carried, option: {command: bundle, name: --set}}\n";
static const char recipe_text[] = "kind: RecipeResult\napiVersion: cns.nvidia.com/v1alpha1\nmetadata: {version: x}\n"
                                  "componentRefs: [{name: c, type: Helm, source: s, version: v3.0}]\n";

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(doc_load_buffer(arena, text, strlen(text), "file", DOC_FORMAT_YAML, NULL, &doc, &err), 0);
    return doc;
}

static struct migration *migrate(struct arena *arena, const char *text) {
    _cleanup_error_ struct error *err = NULL;
    struct mapping *mapping = NULL;
    struct migration *migration = NULL;
    struct recipe *recipe = NULL;
    assert_int_equal(mapping_open(arena, load(arena, map_text), &mapping, &err), 0);
    assert_int_equal(recipe_from_doc(arena, load(arena, recipe_text), &recipe, &err), 0);
    const struct migration_input input = {.file = load(arena, text)};
    assert_int_equal(migration_read(arena, mapping, &input, &migration, &err), 0);
    const struct migration_knowledge knowledge = {.recipe = recipe};
    assert_int_equal(migration_judge(migration, &knowledge, &err), 0);
    return migration;
}

static const struct check *row(const struct migration *migration, const char *key) {
    for (size_t i = 0; i < migration->report.count; i++)
        if (str_eq(migration->report.checks[i].id, key))
            return &migration->report.checks[i];
    return NULL;
}

static void test_conditions_and_settings(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct migration *migration = migrate(arena, "release: 1\nflag: yes\ntext: a\n");
    assert_string_equal(migration->criteria[CRITERIA_INTENT], "inference");
    assert_string_equal(migration->criteria[CRITERIA_SERVICE], "generic");
    assert_string_equal(row(migration, "flag")->expected, "--intent inference, c:p=x-a-true");
    assert_string_equal(row(migration, "text")->cause, "carried");
    migration = migrate(arena, "flag: no\ntext: a\n");
    assert_string_equal(row(migration, "flag")->cause, "off");
    assert_string_equal(row(migration, "text")->reason, "Not used: flag is false.");
    migration = migrate(arena, "flag: yes\ntext: b\n");
    assert_string_equal(row(migration, "flag")->cause, "decision");
    assert_int_equal(row(migration, "flag")->status, CHECK_WARNING);
}

static void test_versions(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    assert_string_equal(row(migrate(arena, "release: 1\nversion: 2.0\n"), "version")->cause, "replaced");
    assert_string_equal(row(migrate(arena, "release: 1\nversion: 2.1\n"), "version")->cause, "decision");
    assert_string_equal(row(migrate(arena, "release: 1\nversion: 3\n"), "version")->reason, "The recipe has the same.");
    assert_string_equal(row(migrate(arena, "release: 7\nversion: 2.1\n"), "version")->cause, "replaced");
    assert_string_equal(row(migrate(arena, "release: 7\nversion: 4\n"), "version")->cause, "decision");
}

static void test_options_and_quoting(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct migration *migration = migrate(arena, "flag: yes\ntext: \"it's\"\ndeep: {list: [a:b=c, 'd e']}\n");
    _cleanup_text_ struct text script = {0};
    migration_commands(migration, &(struct migration_context){0}, &script);
    assert_non_null(strstr(text_str(&script), "--set-json 'c:p=\"x-it'\\''s-true\"' --set a:b=c --set 'd e' --output"));
}

static void test_old_and_unknown_names(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct migration *migration = migrate(arena, "old: on\nflap: 1\nnested: {x: 1, y: {z: 2}}\n");
    assert_string_equal(row(migration, "old")->cause, "carried");
    assert_string_equal(row(migration, "flap")->remediation, "Perhaps 'flag' was meant.");
    assert_string_equal(row(migration, "nested.y.z")->cause, "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions_and_settings),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_options_and_quoting),
        cmocka_unit_test(test_old_and_unknown_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
