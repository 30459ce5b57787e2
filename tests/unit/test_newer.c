// SPDX-License-Identifier: Apache-2.0
// The rules of a newer predecessor's catalog, each on a catalog of a few lines.
#include "recipe_world.h"

#include "model/api_version.h"
#include "recipe/hydrate.h"

#define NEWER "apiVersion: aicr.run/v1beta1\nkind: RecipeMetadata\nmetadata: {name: "
#define NEWER_MIXIN "apiVersion: aicr.run/v1beta1\nkind: RecipeMixin\nmetadata: {name: "
#define NEWER_REGISTRY "apiVersion: aicr.run/v1beta1\nkind: ComponentRegistry\ncomponents:\n"
#define NEWER_BASE                                                                                              \
    {                                                                                                           \
        "overlays/base.yaml", NEWER "base}\nspec:\n  constraints: [{name: K.s.v, value: '>= 1.25'}]\n"          \
                                    "  componentRefs: [{name: a, type: Helm}, {name: b, type: Helm}]\n"         \
                                    "  validation: {deployment: {checks: [one]}, conformance: {checks: [c]}}\n" \
    }

static const struct source chain[] = {
    NEWER_BASE,
    {"overlays/eks.yaml", NEWER "eks}\nspec:\n  criteria: {service: eks, accelerator: any}\n  mixins: [os]\n"
                                "  componentRefs: [{name: a, overrides: {from: eks}}]\n"},
    {"overlays/h100-any.yaml",
     NEWER "h100-any}\nspec:\n  criteria: {service: any, accelerator: h100}\n"
           "  componentRefs: [{name: a, overrides: {from: any}}]\n"
           "  validation: {deployment: {checks: [two], constraints: [{name: D, value: '>= 1'}]}}\n"},
    {"overlays/h100-eks.yaml",
     NEWER "h100-eks}\nspec:\n  base: eks\n  criteria: {service: eks, accelerator: h100, nodes: 8}\n"
           "  componentRefs: [{name: b, overrides: {install: false}}]\n"
           "  validation: {deployment: {constraints: [{name: D, value: '>= 2'}]}, conformance: {checks: []}}\n"},
    {"mixins/os.yaml", NEWER_MIXIN "os}\nspec: {constraints: [{name: OS.r.ID, value: ubuntu}]}\n"},
};

static const struct recipe_request eks = {.criteria = {.field = {[CRITERIA_SERVICE] = "eks"}}};
static const struct recipe_request eks_h100 = {
    .criteria = {.field = {[CRITERIA_SERVICE] = "eks", [CRITERIA_ACCELERATOR] = "h100"}}};

static struct world open_all(const struct source *sources, size_t count) {
    struct world world = {0};
    if (open_world(&world, sources, count) < 0)
        fail_msg("%s", world.err->message);
    assert_true(catalog_is_newer(world.catalog) && catalog_is_predecessor(world.catalog));
    return world;
}

// The wildcard floor is a match of its own; eks is only part of the chain of h100-eks, and so comes with it.
static void test_maximal_matches(void **state _unused_) {
    _cleanup_world_ struct world world = open_all(chain, ARRAY_SIZE(chain));
    struct recipe *recipe = resolve(&world, &eks_h100);
    assert_applied(recipe, "base h100-any eks h100-eks");
    assert_int_equal(recipe_hydrate(world.arena, world.catalog, recipe, &world.err), 0);
    assert_string_equal(value_at(&world, recipe, "a", "from"), "eks");
}

static void test_mixins_are_not_inherited(void **state _unused_) {
    _cleanup_world_ struct world world = open_all(chain, ARRAY_SIZE(chain));
    assert_null(bound(resolve(&world, &eks_h100), "OS.r.ID"));
    assert_string_equal(bound(resolve(&world, &eks), "OS.r.ID"), "ubuntu");
}

static void test_checks_add_up(void **state _unused_) {
    _cleanup_world_ struct world world = open_all(chain, ARRAY_SIZE(chain));
    struct recipe *recipe = resolve(&world, &eks_h100);
    const struct doc *deployment = doc_get(recipe->validation, "deployment");
    assert_int_equal(doc_count(doc_get(deployment, "checks")), 2);
    const struct doc *constraints = doc_get(deployment, "constraints");
    assert_int_equal(doc_count(constraints), 1);
    assert_string_equal(doc_get_text(doc_item(constraints, 0), "value", ""), ">= 2");
    assert_int_equal(doc_count(doc_get(doc_get(recipe->validation, "conformance"), "checks")), 0);
}

static void test_install_false_declines(void **state _unused_) {
    _cleanup_world_ struct world world = open_all(chain, ARRAY_SIZE(chain));
    const struct component *b = recipe_component(resolve(&world, &eks_h100), "b");
    assert_non_null(doc_get(b->overrides, "enabled"));
    assert_false(doc_get_bool(b->overrides, "enabled", true));
    assert_null(doc_get(b->overrides, "install"));
}

static void test_every_criterion_must_be_honoured(void **state _unused_) {
    struct recipe_request request = eks_h100;
    request.criteria.field[CRITERIA_ACCELERATOR] = "gb200";
    _cleanup_world_ struct world world = open_all(chain, ARRAY_SIZE(chain));
    assert_fails(&world, &request, "nothing in this catalog is made for accelerator 'gb200' with service=eks");
    assert_string_equal(world.err->hint, "what it has with service=eks: --accelerator h100");
    _cleanup_world_ struct world other = open_all(chain, ARRAY_SIZE(chain));
    request = eks;
    request.criteria.field[CRITERIA_OS] = "rhel";
    assert_fails(&other, &request, "nothing in this catalog is made for os 'rhel'");
    assert_string_equal(other.err->hint, "it has no os with service=eks; leave --os out");
}

static void assert_clash(const char *mixin, const char *registry, const char *part) {
    const struct source sources[] = {
        NEWER_BASE,
        {"overlays/eks.yaml", NEWER "eks}\nspec: {criteria: {service: eks}, mixins: [m]}\n"},
        {"mixins/m.yaml", mixin},
        {"registry.yaml", registry},
    };
    _cleanup_world_ struct world world = open_all(sources, ARRAY_SIZE(sources));
    if (part) {
        assert_fails(&world, &eks, part);
        return;
    }
    resolve(&world, &eks);
}

static void test_what_a_mixin_may_touch(void **state _unused_) {
    static const char plain[] = NEWER_REGISTRY "  - {name: a, displayName: A}\n";
    static const char safe[] =
        NEWER_REGISTRY "  - {name: a, displayName: A, mixinSafeOverridePaths: [tracing.enabled, audit]}\n";
    assert_clash(NEWER_MIXIN "m}\nspec: {constraints: [{name: K.s.v, value: '>= 1.40'}]}\n", plain,
                 "mixin 'm' sets the constraint K.s.v, which 'base' sets already (overlays/base.yaml:5");
    assert_clash(NEWER_MIXIN "m}\nspec: {componentRefs: [{name: a, version: v2}]}\n", plain,
                 "mixin 'm' redefines version of 'a'");
    assert_clash(NEWER_MIXIN "m}\nspec: {componentRefs: [{name: a, overrides: {x: {y: 1}}}]}\n", plain,
                 "mixin 'm' sets x.y of 'a'");
    assert_clash(NEWER_MIXIN "m}\nspec: {componentRefs: [{name: a, overrides: {tracing: {level: 1}}}]}\n", safe,
                 "mixin 'm' sets tracing.level of 'a'");
    assert_clash(NEWER_MIXIN
                 "m}\nspec: {componentRefs: [{name: a, overrides: {tracing: {enabled: true}, audit: {x: 1}}}]}\n",
                 safe, NULL);
    assert_clash(NEWER_MIXIN "m}\nspec: {componentRefs: [{name: a, type: Helm, namespace: n, dependencyRefs: [b]}]}\n",
                 plain, NULL);
    assert_clash(NEWER_MIXIN "m}\nspec: {componentRefs: [{name: c, version: v2, overrides: {x: 1}}]}\n", plain, NULL);
}

static void test_registry(void **state _unused_) {
    static const struct source sources[] = {
        NEWER_BASE,
        {"overlays/eks.yaml", NEWER "eks}\nspec: {criteria: {service: eks}, componentRefs: [{name: a, manifestFiles: "
                                    "[components/a/manifests/two.yaml]}]}\n"},
        {"registry.yaml",
         NEWER_REGISTRY "  - name: a\n    displayName: A\n    ownsCRDs: true\n    testTier: deploy\n"
                        "    healthCheck: {assertFile: checks/a/health-check.yaml}\n"
                        "    manifestFiles: [components/a/manifests/one.yaml]\n"
                        "    helm: {defaultRepository: https://x.example, defaultChart: x/a, defaultVersion: v1}\n"},
        {"components/a/manifests/one.yaml", "kind: One\n"},
        {"components/a/manifests/two.yaml", "kind: Two\n"},
    };
    _cleanup_world_ struct world world = open_all(sources, ARRAY_SIZE(sources));
    const struct component *a = recipe_component(resolve(&world, &eks), "a");
    assert_string_equal(a->version, "v1");
    assert_int_equal(doc_count(a->manifest_files), 2);
    assert_string_equal(doc_text(doc_item(a->manifest_files, 0)), "components/a/manifests/one.yaml");
    const char *const *notes = NULL;
    assert_int_equal(catalog_notes(world.catalog, &notes), 1);
    assert_string_equal(notes[0],
                        "registry.yaml: has keys without effect here: healthCheck.assertFile, ownsCRDs, testTier");
}

static void test_versions(void **state _unused_) {
    static const char *const known[] = {"aicr.run/v1alpha2", "aicr.run/v1alpha3", "aicr.run/v1beta1",
                                        "aicr.run/v1beta2", "aicr.run/v1"};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        assert_true(api_version_is_newer(known[i]) && api_version_is_known(known[i]));
    assert_false(api_version_is_known("aicr.run/v2"));
    assert_false(api_version_is_known(NULL));
    assert_false(api_version_is_newer("aicr.nvidia.com/v1alpha1"));
    assert_true(api_version_is_predecessor("aicr.nvidia.com/v1alpha1"));
    assert_false(api_version_is_predecessor("cns.nvidia.com/v1alpha1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maximal_matches),
        cmocka_unit_test(test_mixins_are_not_inherited),
        cmocka_unit_test(test_checks_add_up),
        cmocka_unit_test(test_install_false_declines),
        cmocka_unit_test(test_every_criterion_must_be_honoured),
        cmocka_unit_test(test_what_a_mixin_may_touch),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
