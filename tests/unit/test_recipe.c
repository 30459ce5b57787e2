// SPDX-License-Identifier: Apache-2.0
// Matching, inheritance, merging, bounds, exclusion and order, each on a catalog of a few lines.
#include "recipe_world.h"

#include "recipe/hydrate.h"
#include "recipe/strictness.h"

static const struct recipe_request eks = {.criteria = {.field = {[CRITERIA_SERVICE] = "eks"}}};
static const struct recipe_request eks_h100 = {
    .criteria = {.field = {[CRITERIA_SERVICE] = "eks", [CRITERIA_ACCELERATOR] = "h100"}}};

// --- matching ---

static void test_asymmetric_match(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/x.yaml", HEAD "x}\nspec: {criteria: {service: eks, accelerator: h100}}\n"},
        {"overlays/y.yaml", HEAD "y}\nspec: {criteria: {service: eks, accelerator: any, os: ''}}\n"},
        {"overlays/z.yaml", HEAD "z}\nspec: {}\n"},
        {"overlays/n.yaml", HEAD "n}\nspec: {criteria: {service: eks, nodes: 8}}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    // What the query leaves open does not match what an overlay names; z has no criteria and matches nothing.
    assert_applied(resolve(&world, &eks), "base y");
    assert_applied(resolve(&world, &eks_h100), "base y x");
    struct recipe_request eight = eks;
    eight.criteria.nodes = 8;
    assert_applied(resolve(&world, &eight), "base y n");
    eight.criteria.nodes = 9;
    assert_applied(resolve(&world, &eight), "base y");
}

static void test_order_by_specificity_then_name(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/1.yaml", HEAD "zebra}\nspec: {criteria: {service: eks}}\n"},
        {"overlays/2.yaml", HEAD "ape}\nspec: {criteria: {accelerator: h100}}\n"},
        {"overlays/3.yaml", HEAD "everyone}\nspec: {criteria: {intent: any}}\n"},
        {"overlays/4.yaml", HEAD "aardvark}\nspec: {base: zebra, criteria: {service: eks, accelerator: h100}}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    assert_applied(resolve(&world, &eks_h100), "base everyone ape zebra aardvark");
}

static void test_chain_brings_ancestors_that_do_not_match(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/leaf.yaml", HEAD "leaf}\nspec: {base: middle, criteria: {service: eks}}\n"},
        {"overlays/middle.yaml", HEAD "middle}\nspec: {base: root}\n"},
        {"overlays/root.yaml", HEAD "root}\nspec: {base: base}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    assert_applied(resolve(&world, &eks), "base root middle leaf");
}

static void test_circular_and_unknown_bases(void **state _unused_) {
    _cleanup_world_ struct world circle = {0}, unknown = {0};
    static const struct source circular[] = {
        {"overlays/a.yaml", HEAD "a}\nspec: {base: b, criteria: {service: eks}}\n"},
        {"overlays/b.yaml", HEAD "b}\nspec: {base: c}\n"},
        {"overlays/c.yaml", HEAD "c}\nspec: {base: b}\n"},
    };
    assert_int_equal(open_world(&circle, circular, ARRAY_SIZE(circular)), 0);
    assert_fails(&circle, &eks, "overlays/c.yaml:4:14: overlays inherit in a circle: b -> c -> b");
    static const struct source missing[] = {
        {"overlays/a.yaml", HEAD "a}\nspec: {base: midle, criteria: {service: eks}}\n"},
        {"overlays/m.yaml", HEAD "middle}\nspec: {}\n"},
    };
    assert_int_equal(open_world(&unknown, missing, ARRAY_SIZE(missing)), 0);
    assert_fails(&unknown, &eks, "inherits from 'midle', which the catalog does not have");
    assert_int_equal(unknown.err->code, ERROR_NOT_FOUND);
    assert_string_equal(unknown.err->hint, "did you mean 'middle'?");
}

static void test_generic_recipe_is_told(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {{"overlays/hpa.yaml", HEAD "hpa}\nspec: {criteria: {intent: any}}\n"},
                                            {"overlays/a.yaml", HEAD "a}\nspec: {criteria: {accelerator: h100}}\n"}};
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    assert_true(has_note(resolve(&world, &eks), "no overlay matches service=eks"));
    struct recipe *partly = resolve(&world, &eks_h100);
    assert_true(has_note(partly, "nothing in this recipe is specific to service 'eks'"));
    assert_int_equal(partly->note_count, 2); // and component a is not in the registry
    struct recipe_request strict = eks;
    strict.is_strict = true;
    assert_fails(&world, &strict, "no overlay matches service=eks");
}

// --- merging ---

static const struct source layered[] = {
    {"overlays/base.yaml", HEAD
     "base}\nspec:\n  componentRefs:\n    - {name: a, type: Helm, source: s0, version: 24.10, manifestFiles: [m/1], "
     "dependencyRefs: [b], overrides: {driver: {version: '1', keep: yes-this}, list: [1, 2]}}\n"
     "    - {name: b, type: Helm}\n"},
    {"overlays/x.yaml", HEAD
     "x}\nspec:\n  criteria: {service: eks}\n  componentRefs:\n    - {name: a, source: '', manifestFiles: [m/2, m/1], "
     "overrides: {driver: {version: '2'}, list: [3]}, dependencyRefs: []}\n"
     "    - {name: b, version: 1.10, cleanup: true}\n"},
    {"overlays/y.yaml", HEAD "y}\nspec:\n  criteria: {service: eks, accelerator: h100}\n  componentRefs:\n"
                             "    - {name: a, overrides: {driver: {version: null}}, cleanup: false}\n"},
    {"m/1", "one: 1\n"},
    {"m/2", "two: 2\n"},
};

static void test_merge_rules(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    assert_int_equal(open_world(&world, layered, ARRAY_SIZE(layered)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_int_equal(recipe_hydrate(world.arena, world.catalog, recipe, &world.err), 0);
    const struct component *a = recipe_component(recipe, "a"), *b = recipe_component(recipe, "b");
    assert_string_equal(a->source, "s0");
    assert_string_equal(a->version, "24.10");
    assert_int_equal(doc_get(a->doc, "version")->kind, DOC_STRING);
    assert_string_equal(b->version, "1.10");
    assert_int_equal(a->manifest_count, 2);
    assert_string_equal(a->manifests[1].path, "m/2");
    assert_string_equal(a->manifests[1].text, "two: 2\n");
    assert_int_equal(doc_count(a->dependency_refs), 1);
    assert_string_equal(value_at(&world, recipe, "a", "driver.keep"), "yes-this");
    assert_string_equal(value_at(&world, recipe, "a", "driver.version"), "null");
    assert_string_equal(value_at(&world, recipe, "a", "list[0]"), "3");
    assert_string_equal(recipe->deployment_order[0], "b");
}

static void test_chain_of_origins(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    assert_int_equal(open_world(&world, layered, ARRAY_SIZE(layered)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_int_equal(recipe_hydrate(world.arena, world.catalog, recipe, &world.err), 0);
    const struct doc *version = doc_get(doc_get(recipe_component(recipe, "a")->values, "driver"), "version");
    assert_string_equal(version->origin.source, "overlays/y.yaml");
    assert_string_equal(version->previous->origin.source, "overlays/x.yaml");
    assert_string_equal(version->previous->previous->origin.source, "overlays/base.yaml");
    assert_null(version->previous->previous->previous);
}

static void test_results_share_nothing_that_changes(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    assert_int_equal(open_world(&world, layered, ARRAY_SIZE(layered)), 0);
    struct recipe *before = resolve(&world, &eks);
    const struct doc *old = before->doc;
    resolve(&world, &eks_h100);
    struct recipe *after = resolve(&world, &eks);
    assert_true(doc_equal(old, after->doc));
    assert_string_equal(doc_text(doc_get(doc_get(recipe_component(after, "a")->overrides, "driver"), "version")), "2");
}

// --- dependencies ---

static void test_order_and_cycles(void **state _unused_) {
    _cleanup_world_ struct world good = {0}, circle = {0}, unknown = {0};
    static const struct source ordered[] = {
        {"overlays/base.yaml",
         HEAD "base}\nspec:\n  componentRefs:\n    - {name: c}\n    - {name: a, dependencyRefs: [d]}\n"
              "    - {name: d}\n    - {name: b, dependencyRefs: [a, a]}\n"}};
    assert_int_equal(open_world(&good, ordered, 1), 0);
    struct recipe *recipe = resolve(&good, &eks);
    static const char *const expected[] = {"c", "d", "a", "b"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(recipe->deployment_order[i], expected[i]);
    static const struct source circular[] = {
        {"overlays/base.yaml", HEAD "base}\nspec:\n  componentRefs:\n    - {name: z, dependencyRefs: [a]}\n"
                                    "    - {name: a, dependencyRefs: [b]}\n    - {name: b, dependencyRefs: [c]}\n"
                                    "    - {name: c, dependencyRefs: [a]}\n"}};
    assert_int_equal(open_world(&circle, circular, 1), 0);
    assert_fails(&circle, &eks, "go round in a circle: a -> b -> c -> a");
    static const struct source missing[] = {
        {"overlays/base.yaml", HEAD "base}\nspec:\n  componentRefs:\n    - {name: cert-manager}\n    - {name: b, "
                                    "dependencyRefs: [cert-manger]}\n"}};
    assert_int_equal(open_world(&unknown, missing, 1), 0);
    assert_fails(&unknown, &eks, "component 'b' depends on 'cert-manger', which is not part of the recipe");
    assert_string_equal(unknown.err->hint, "did you mean 'cert-manager'?");
}

// --- bounds ---

static void test_strictness(void **state _unused_) {
    static const struct {
        const char *first, *second;
        enum strictness expected;
        const char *both;
    } cases[] = {
        {">= 1.34", ">= 1.32.4", STRICTNESS_WEAKENS, ">= 1.34"},
        {">= 1.32", ">= 1.34", STRICTNESS_KEEPS, NULL},
        {">= 1.32", ">= 1.32.0", STRICTNESS_KEEPS, NULL},
        {"> 1.32", ">= 1.32", STRICTNESS_WEAKENS, "> 1.32"},
        {">= 1.32", "> 1.32", STRICTNESS_KEEPS, NULL},
        {"<= 1.34", "<= 1.35", STRICTNESS_WEAKENS, "<= 1.34"},
        {"< 1.36", "< 1.34", STRICTNESS_KEEPS, NULL},
        {">= 1.30, < 1.34", ">= 1.32", STRICTNESS_WEAKENS, ">= 1.32, < 1.34"},
        {">= 1.30", ">= 1.32, < 1.36", STRICTNESS_KEEPS, NULL},
        {">= 24.04", "24.04", STRICTNESS_KEEPS, NULL},
        {">= 24.04", "22.04", STRICTNESS_WEAKENS, ">= 24.04"},
        {"24.04", "22.04", STRICTNESS_INCOMPARABLE, NULL},
        {"ubuntu", "rhel", STRICTNESS_INCOMPARABLE, NULL},
        {">= 1.30", "!= 1.31", STRICTNESS_INCOMPARABLE, NULL},
        {">= 1.30", "=> 1.31", STRICTNESS_INCOMPARABLE, NULL},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *both = NULL;
        if (strictness_compare(arena, cases[i].first, cases[i].second, &both) != cases[i].expected)
            fail_msg("'%s' then '%s'", cases[i].first, cases[i].second);
        if (cases[i].both && !str_eq(both, cases[i].both))
            fail_msg("'%s' then '%s': both is '%s'", cases[i].first, cases[i].second, both);
    }
}

#define CONSTRAINED(head, name, base, criteria, bound)                                                                 \
    head name "}\nspec:\n  base: " base "\n  criteria: " criteria "\n  constraints:\n    - {name: K.v, value: '" bound \
              "'}\n"

static void test_weakening_does_not_hold(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/p.yaml", CONSTRAINED(HEAD, "p", "base", "{service: eks}", ">= 1.34")},
        {"overlays/c.yaml", CONSTRAINED(HEAD, "c", "p", "{service: eks, accelerator: h100}", ">= 1.32")},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_string_equal(bound(recipe, "K.v"), ">= 1.34");
    assert_true(has_note(recipe, "overlay 'c' asks for '>= 1.32' (overlays/c.yaml:8:"));
}

static void test_unrelated_overlays_both_hold(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/a.yaml", CONSTRAINED(HEAD, "a", "base", "{service: eks}", ">= 1.34")},
        {"overlays/b.yaml", CONSTRAINED(HEAD, "b", "base", "{accelerator: h100}", ">= 1.30, < 1.36")},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_string_equal(bound(recipe, "K.v"), ">= 1.34, < 1.36");
    assert_false(has_note(recipe, "K.v"));
}

static void test_relaxing_with_a_reason(void **state _unused_) {
    _cleanup_world_ struct world world = {0}, silent = {0};
    static const struct source sources[] = {
        {"overlays/p.yaml", CONSTRAINED(HEAD, "p", "base", "{service: eks}", ">= 1.34")},
        {"overlays/c.yaml", HEAD "c}\nspec:\n  base: p\n  criteria: {service: eks, accelerator: h100}\n  constraints:\n"
                                 "    - {name: K.v, value: '>= 1.32', relax: true, relaxWhy: proven on 1.32}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_string_equal(bound(recipe, "K.v"), ">= 1.32");
    assert_true(has_note(recipe, "relaxed from '>= 1.34' to '>= 1.32' by overlay 'c'"));
    assert_true(has_note(recipe, "proven on 1.32"));
    static const struct source unexplained[] = {
        {"overlays/c.yaml", HEAD "c}\nspec:\n  constraints:\n    - {name: K.v, value: '>= 1.32', relax: true}\n"}};
    assert_true(open_world(&silent, unexplained, 1) < 0);
    assert_non_null(strstr(silent.err->message, "add relaxWhy"));
}

static void test_predecessor_lets_the_last_win(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/base.yaml", PREDECESSOR_HEAD "base}\nspec: {componentRefs: [{name: a}]}\n"},
        {"overlays/p.yaml", CONSTRAINED(PREDECESSOR_HEAD, "p", "base", "{service: eks}", ">= 1.34")},
        {"overlays/c.yaml", CONSTRAINED(PREDECESSOR_HEAD, "c", "p", "{service: eks, accelerator: h100}", ">= 1.32")},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_string_equal(bound(recipe, "K.v"), ">= 1.32");
    assert_true(has_note(recipe, "weakens '>= 1.34' to '>= 1.32'"));
}

// --- snapshots ---

static void test_exclusion_reaches_descendants(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"overlays/p.yaml", HEAD "p}\nspec:\n  criteria: {service: eks}\n  constraints:\n"
                                 "    - {name: K8s.server.version, value: '>= 1.34'}\n"},
        {"overlays/c.yaml", HEAD "c}\nspec:\n  base: p\n  criteria: {service: eks, accelerator: h100}\n  constraints:\n"
                                 "    - {name: K8s.server.version, value: '>= 1.32'}\n"},
        {"overlays/o.yaml", HEAD "o}\nspec:\n  criteria: {accelerator: h100}\n  constraints:\n"
                                 "    - {name: GPU.smi.driver, value: '>= 580'}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct snapshot *snapshot = snapshot_new(world.arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "K8s", "server"), "version", "v1.33.1");
    struct recipe_request request = eks_h100;
    request.snapshot = snapshot;
    struct recipe *recipe = resolve(&world, &request);
    // p fails, c would pass but inherits from p; o cannot be judged and stays, which is told.
    assert_applied(recipe, "base o");
    assert_int_equal(recipe->excluded_count, 2);
    assert_string_equal(recipe->excluded[0].overlay, "p");
    assert_string_equal(recipe->excluded[0].actual, "v1.33.1");
    assert_string_equal(recipe->excluded[1].overlay, "c");
    assert_string_equal(recipe->excluded[1].reason, "it inherits from 'p', which is excluded");
    assert_int_equal(recipe->warning_count, 1);
    assert_string_equal(recipe->warnings[0].overlay, "o");
}

// --- registry ---

static void test_registry_defaults(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    static const struct source sources[] = {
        {"registry.yaml",
         REGISTRY "  - {name: a, displayName: A, helm: {defaultRepository: r, defaultChart: org/chart, "
                  "defaultVersion: 1.20, defaultNamespace: ns}}\n"
                  "  - {name: k, displayName: K, kustomize: {defaultSource: git, defaultTag: v1, "
                  "defaultPath: p}}\n"},
        {"overlays/base.yaml",
         HEAD "base}\nspec: {componentRefs: [{name: a, version: '2'}, {name: k}, {name: stranger}]}\n"},
    };
    assert_int_equal(open_world(&world, sources, ARRAY_SIZE(sources)), 0);
    struct recipe *recipe = resolve(&world, &eks);
    const struct component *a = recipe_component(recipe, "a"), *k = recipe_component(recipe, "k");
    assert_string_equal(a->source, "r");
    assert_string_equal(a->chart, "chart");
    assert_string_equal(a->version, "2");
    assert_string_equal(a->namespace_, "ns");
    assert_int_equal(a->type, COMPONENT_HELM);
    assert_int_equal(k->type, COMPONENT_KUSTOMIZE);
    assert_string_equal(k->tag, "v1");
    assert_string_equal(k->path, "p");
    assert_string_equal(k->registry->display_name, "K");
    assert_null(recipe_component(recipe, "stranger")->registry);
    assert_true(has_note(recipe, "component 'stranger' is not in the registry"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asymmetric_match),
        cmocka_unit_test(test_order_by_specificity_then_name),
        cmocka_unit_test(test_chain_brings_ancestors_that_do_not_match),
        cmocka_unit_test(test_circular_and_unknown_bases),
        cmocka_unit_test(test_generic_recipe_is_told),
        cmocka_unit_test(test_merge_rules),
        cmocka_unit_test(test_chain_of_origins),
        cmocka_unit_test(test_results_share_nothing_that_changes),
        cmocka_unit_test(test_order_and_cycles),
        cmocka_unit_test(test_strictness),
        cmocka_unit_test(test_weakening_does_not_hold),
        cmocka_unit_test(test_unrelated_overlays_both_hold),
        cmocka_unit_test(test_relaxing_with_a_reason),
        cmocka_unit_test(test_predecessor_lets_the_last_win),
        cmocka_unit_test(test_exclusion_reaches_descendants),
        cmocka_unit_test(test_registry_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
