// SPDX-License-Identifier: Apache-2.0
// Reading RecipeResult documents: ours, both predecessors', and what is wrong with others.
#include "test.h"

#include "base/arena.h"
#include "base/text.h"
#include "doc/load.h"
#include "model/recipe.h"

#define OURS "kind: RecipeResult\napiVersion: cns.nvidia.com/v1alpha1\n"

static int read_text(struct arena *arena, const char *text, struct recipe **ret, struct error **err) {
    const struct doc *doc = NULL;
    int r = doc_load_buffer(arena, text, strlen(text), "r.yaml", DOC_FORMAT_AUTO, NULL, &doc, err);
    assert_int_equal(r, 0);
    return recipe_from_doc(arena, doc, ret, err);
}

static void test_whole(void **state _unused_) {
    static const char text[] =
        OURS "metadata:\n  version: 1.2.3\n  appliedOverlays: [base, eks]\n  excludedOverlays: [x, y]\n"
             "  constraintWarnings:\n    - {overlay: y, constraint: c, expected: e, reason: r}\n"
             "    - {overlay: eks, constraint: d, expected: f, reason: unknown}\n"
             "criteria: {service: eks, accelerator: any, nodes: 4}\n"
             "constraints: [{name: b, value: 24.10, severity: warning}, {name: a, value: '>= 1', relax: true, "
             "relaxWhy: w}]\n"
             "componentRefs:\n"
             "  - {name: b, type: Kustomize, source: git, tag: v1, path: p, dependencyRefs: [a]}\n"
             "  - name: a\n    type: helm\n    source: ''\n    values: {x: 1}\n"
             "    manifests: [{path: m, text: 'k: v'}, {path: n, text: '', pre: true}]\n"
             "    registry: {name: a, displayName: A}\n"
             "deploymentOrder: [a, b]\nvalidation: {deployment: {checks: [x]}}\n";
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct recipe *recipe = NULL;
    assert_int_equal(read_text(arena, text, &recipe, &err), 0);
    assert_string_equal(recipe->source, "r.yaml");
    assert_string_equal(recipe->version, "1.2.3");
    assert_string_equal(recipe->criteria.field[CRITERIA_SERVICE], "eks");
    assert_null(recipe->criteria.field[CRITERIA_ACCELERATOR]);
    assert_int_equal(recipe->criteria.nodes, 4);
    assert_string_equal(recipe->constraints[0].name, "a");
    assert_true(recipe->constraints[0].relax);
    assert_string_equal(recipe->constraints[1].value, "24.10");
    assert_int_equal(recipe->excluded_count, 2);
    assert_string_equal(recipe->excluded[0].overlay, "y");
    assert_string_equal(recipe->excluded[1].overlay, "x");
    assert_int_equal(recipe->warning_count, 1);
    const struct component *a = recipe_component(recipe, "a"), *b = recipe_component(recipe, "b");
    assert_null(a->source);
    assert_int_equal(a->type, COMPONENT_HELM);
    assert_int_equal(a->manifest_count, 2);
    assert_true(a->manifests[1].is_pre);
    assert_string_equal(a->registry->display_name, "A");
    assert_int_equal(b->type, COMPONENT_KUSTOMIZE);
    assert_non_null(recipe->validation);
}

static void test_predecessors(void **state _unused_) {
    static const char *const texts[] = {
        "kind: recipeResult\napiVersion: cns.nvidia.com/v1alpha1\ncomponentRefs: [{name: a, source: s}]\n",
        "kind: RecipeResult\napiVersion: aicr.nvidia.com/v1alpha1\ncomponentRefs: [{name: a, source: s}]\n",
        ("{\"kind\": \"RecipeResult\", \"apiVersion\": \"aicr.nvidia.com/v1alpha1\", \"componentRefs\": "
         "[{\"name\": \"a\", \"cleanup\": true, \"patches\": null}]}"),
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct recipe *recipe = NULL;
        assert_int_equal(read_text(arena, texts[i], &recipe, &err), 0);
        assert_int_equal(recipe->order_count, 1);
        assert_string_equal(recipe->deployment_order[0], "a");
    }
}

static void test_refusals(void **state _unused_) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]\n", "r.yaml:1:1: a recipe must be a map, found list"},
        {"a: 1\n", "r.yaml:1:1: this document has no kind"},
        {"kind: Snapshot\n", "r.yaml:1:7: this document is a Snapshot, where a recipe (kind RecipeResult) is expected"},
        {"kind: RecipeResult\n", "has no apiVersion"},
        {"kind: RecipeResult\napiVersion: x/v1\n", "r.yaml:2:13: apiVersion 'x/v1' is unknown"},
        {OURS "componentRefs: {}\n", "r.yaml:3:16: componentRefs must be a list, found map"},
        {OURS "componentRefs: [a]\n", "r.yaml:3:17: a componentRef must be a map, found string"},
        {OURS "componentRefs: [{type: Helm}]\n", "a componentRef has no name"},
        {OURS "componentRefs: [{name: a, type: Rpm}]\n", "component type 'Rpm' is unknown; it is Helm or Kustomize"},
        {OURS "componentRefs: [{name: a}, {name: a}]\n", "component 'a' stands in componentRefs twice"},
        {OURS "componentRefs: [{name: a, values: 1}]\n", "values must be a map, found integer"},
        {OURS "componentRefs: [{name: a, manifestFiles: [{}]}]\n", "manifestFiles must hold strings, found map"},
        {OURS "componentRefs: [{name: a, manifests: [{path: x}]}]\n", "an inlined manifest must have path and text"},
        {OURS "componentRefs: [{name: a, dependencyRefs: [b]}]\n", "component 'a' depends on 'b'"},
        {OURS "componentRefs: [{name: a, dependencyRefs: [a]}]\n", "go round in a circle: a -> a"},
        {OURS "componentRefs: [{name: a}]\ndeploymentOrder: [b]\n", "deploymentOrder names 'b'"},
        {OURS "componentRefs: [{name: a}]\ndeploymentOrder: [a, a]\n", "deploymentOrder has 2 components"},
        {OURS "componentRefs: [{name: a}, {name: b}]\ndeploymentOrder: [a, a]\n", "deploymentOrder names 'a' twice"},
        {OURS "constraints: [{value: x}]\n", "a constraint has no name"},
        {OURS "constraints: [{name: x}]\n", "constraint 'x' has no value"},
        {OURS "constraints: [{name: x, value: 1}, {name: x, value: 2}]\n", "constraint 'x' stands here twice"},
        {OURS "criteria: {nodes: -1}\n", "criteria.nodes must be an integer of 0 or more"},
        {OURS "criteria: [eks]\n", "criteria must be a map, found list"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct recipe *recipe = NULL;
        assert_int_equal(read_text(arena, cases[i].text, &recipe, &err), -ERROR_INVALID);
        if (!strstr(err->message, cases[i].message))
            fail_msg("'%s' is not in '%s'", cases[i].message, err->message);
        assert_null(recipe);
    }
}

static void test_limit_of_components(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text text = {0};
    struct recipe *recipe = NULL;
    text_add(&text, OURS "componentRefs:\n");
    for (int i = 0; i < 1001; i++)
        text_addf(&text, "  - {name: c%d}\n", i);
    assert_int_equal(read_text(arena, text_str(&text), &recipe, &err), -ERROR_LIMIT);
    // One less is read, and ordered, at once.
    text_truncate(&text, text.length - strlen("  - {name: c1000}\n"));
    error_free(TAKE_PTR(err));
    assert_int_equal(read_text(arena, text_str(&text), &recipe, &err), 0);
    assert_int_equal(recipe->order_count, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_predecessors),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limit_of_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
