// SPDX-License-Identifier: Apache-2.0
// Mixins: named by overlays and added by users, merged once, judged and refused.
#include "recipe_world.h"

#include "recipe/explain.h"
#include "recipe/hydrate.h"

#define MIXIN "apiVersion: cns.nvidia.com/v1alpha1\nkind: RecipeMixin\nmetadata: {name: "

static const struct source sources[] = {
    {"overlays/eks.yaml", HEAD "eks}\nspec:\n  criteria: {service: eks}\n  mixins: [kernel]\n"
                               "  constraints: [{name: K.s.v, value: '>= 1.34'}]\n"
                               "  componentRefs: [{name: a, overrides: {x: overlay}}]\n"},
    {"overlays/h100-eks.yaml",
     HEAD "h100-eks}\nspec:\n  base: eks\n  criteria: {service: eks, accelerator: h100}\n  mixins: [kernel, extra]\n"},
    {"mixins/kernel.yaml", MIXIN "kernel}\nspec:\n  appliesTo: {service: [eks, gke]}\n"
                                 "  constraints: [{name: K.s.v, value: '>= 1.30'}, {name: OS.k.v, value: '>= 6.8'}]\n"
                                 "  componentRefs: [{name: a, overrides: {x: mixin, y: mixin}}]\n"
                                 "  validation: {deployment: {checks: [kernel-check]}}\n"},
    {"mixins/extra.yaml", MIXIN "extra, maturity: preview}\nspec: {componentRefs: [{name: b, type: Helm}]}\n"},
    {"mixins/other.yaml", MIXIN "other}\nspec: {excludes: [extra], componentRefs: [{name: b, type: Helm}]}\n"},
};

static struct world open_sources(void) {
    struct world world = {0};
    if (open_world(&world, sources, ARRAY_SIZE(sources)) < 0)
        fail_msg("%s", world.err->message);
    return world;
}

static void assert_mixins(const struct recipe *recipe, const char *expected) {
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(item, doc_get(doc_get(recipe->doc, "metadata"), "mixins"))
    text_addf(&text, "%s%s", item_index ? " " : "", doc_text(item));
    assert_string_equal(text_str(&text), expected);
}

static struct recipe *hydrated(struct world *world, const struct recipe_request *request) {
    struct recipe *recipe = resolve(world, request);
    assert_int_equal(recipe_hydrate(world->arena, world->catalog, recipe, &world->err), 0);
    return recipe;
}

static const struct recipe_request eks = {.criteria = {.field = {[CRITERIA_SERVICE] = "eks"}}};

// As if it stood at the head of the overlay, which therefore has the last word.
static void test_an_overlay_names_one(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe *recipe = hydrated(&world, &eks);
    assert_mixins(recipe, "kernel");
    assert_string_equal(bound(recipe, "OS.k.v"), ">= 6.8");
    assert_string_equal(bound(recipe, "K.s.v"), ">= 1.34");
    assert_string_equal(value_at(&world, recipe, "a", "x"), "overlay");
    assert_string_equal(value_at(&world, recipe, "a", "y"), "mixin");
    assert_string_equal(doc_text(doc_item(doc_get(doc_get(recipe->validation, "deployment"), "checks"), 0)),
                        "kernel-check");
    assert_false(has_note(recipe, "kernel"));
}

// Named by two overlays of a chain, it does not undo what the first of them said after it.
static void test_each_is_merged_once(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    const struct recipe_request request = {
        .criteria = {.field = {[CRITERIA_SERVICE] = "eks", [CRITERIA_ACCELERATOR] = "h100"}}};
    struct recipe *recipe = hydrated(&world, &request);
    assert_mixins(recipe, "kernel extra");
    assert_string_equal(value_at(&world, recipe, "a", "x"), "overlay");
    assert_non_null(recipe_component(recipe, "b"));
}

static void test_a_user_adds_one(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    static const char *const names[] = {"extra", "kernel", "extra"};
    const struct recipe_request request = {.criteria = eks.criteria, .mixins = names, .mixin_count = 3};
    struct recipe *recipe = hydrated(&world, &request);
    assert_mixins(recipe, "kernel extra");
    assert_non_null(recipe_component(recipe, "b"));
    assert_string_equal(value_at(&world, recipe, "a", "x"), "overlay");
}

static void test_what_it_does_not_apply_to(void **state _unused_) {
    static const char *const names[] = {"kernel"};
    struct recipe_request request = {
        .criteria = {.field = {[CRITERIA_SERVICE] = "aks"}}, .mixins = names, .mixin_count = 1};
    _cleanup_world_ struct world world = open_sources();
    // A value is known where criteria.yaml lists it.
    assert_fails(&world, &request, "--mixin: mixin 'kernel' is not for service 'aks'; it is for eks, gke");
    _cleanup_world_ struct world other = open_sources();
    request.criteria = (struct criteria){.field = {[CRITERIA_INTENT] = "training"}};
    assert_fails(&other, &request, "is for service eks, gke only, and no service is asked for");
}

// Whichever of the two says so, and whichever comes first.
static void test_two_that_exclude_each_other(void **state _unused_) {
    static const char *const pairs[][2] = {{"extra", "other"}, {"other", "extra"}};
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        const struct recipe_request request = {.criteria = eks.criteria, .mixins = pairs[i], .mixin_count = 2};
        _cleanup_world_ struct world world = open_sources();
        _cleanup_text_ struct text expected = {0};
        text_addf(&expected, "mixins '%s' and '%s' exclude each other", pairs[i][0], pairs[i][1]);
        assert_fails(&world, &request, text_str(&expected));
    }
    static const char *const alone[] = {"other", "kernel", "other"};
    const struct recipe_request request = {.criteria = eks.criteria, .mixins = alone, .mixin_count = 3};
    _cleanup_world_ struct world world = open_sources();
    assert_mixins(resolve(&world, &request), "kernel other");
}

static void test_unknown_ones(void **state _unused_) {
    static const char *const names[] = {"kernle"};
    const struct recipe_request request = {.criteria = eks.criteria, .mixins = names, .mixin_count = 1};
    _cleanup_world_ struct world world = open_sources();
    assert_fails(&world, &request, "--mixin: there is no mixin 'kernle'");
    assert_string_equal(world.err->hint, "did you mean 'kernel'?");
    static const struct source broken[] = {
        {"overlays/eks.yaml", HEAD "eks}\nspec:\n  criteria: {service: eks}\n  mixins: [kernel]\n"},
    };
    _cleanup_world_ struct world other = {0};
    assert_int_equal(open_world(&other, broken, ARRAY_SIZE(broken)), 0);
    assert_fails(&other, &eks, "overlays/eks.yaml:6:12: there is no mixin 'kernel'");
}

static void test_it_cannot_weaken(void **state _unused_) {
    static const struct source weaker[] = {
        {"overlays/base.yaml", HEAD "base}\nspec:\n  constraints: [{name: K.s.v, value: '>= 1.32'}]\n"
                                    "  componentRefs: [{name: a, type: Helm}]\n"},
        {"overlays/eks.yaml", HEAD "eks}\nspec: {criteria: {service: eks}, mixins: [low]}\n"},
        {"overlays/gke.yaml", HEAD "gke}\nspec: {criteria: {service: gke}, mixins: [relaxed]}\n"},
        {"mixins/low.yaml", MIXIN "low}\nspec: {constraints: [{name: K.s.v, value: '>= 1.30'}]}\n"},
        {"mixins/relaxed.yaml",
         MIXIN "relaxed}\nspec: {constraints: [{name: K.s.v, value: '>= 1.31', relax: true, relaxWhy: proven}]}\n"},
    };
    _cleanup_world_ struct world world = {0};
    assert_int_equal(open_world(&world, weaker, ARRAY_SIZE(weaker)), 0);
    struct recipe *recipe = resolve(&world, &eks);
    assert_string_equal(bound(recipe, "K.s.v"), ">= 1.32");
    assert_true(has_note(recipe, "mixin 'low' asks for '>= 1.30'"));
    // Named by an overlay it may relax what that inherits; added by a user it may not.
    const struct recipe_request gke = {.criteria = {.field = {[CRITERIA_SERVICE] = "gke"}}};
    recipe = resolve(&world, &gke);
    assert_string_equal(bound(recipe, "K.s.v"), ">= 1.31");
    assert_true(has_note(recipe, "relaxed from '>= 1.32' to '>= 1.31' by mixin 'relaxed'"));
    static const char *const names[] = {"relaxed"};
    const struct recipe_request asked = {.criteria = eks.criteria, .mixins = names, .mixin_count = 1};
    recipe = resolve(&world, &asked);
    assert_string_equal(bound(recipe, "K.s.v"), ">= 1.32");
    assert_true(has_note(recipe, "what is added to a recipe cannot relax"));
}

// What a mixin demands excludes the overlay that names it, as the overlay's own demands do.
static void test_a_snapshot_judges(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe_request request = eks;
    struct snapshot *snapshot = snapshot_new(world.arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "OS", "k"), "v", "5.15");
    request.snapshot = snapshot;
    struct recipe *recipe = resolve(&world, &request);
    assert_applied(recipe, "base");
    assert_string_equal(recipe->excluded[0].constraint, "OS.k.v");
    static const char *const names[] = {"kernel"};
    request.mixins = names;
    request.mixin_count = 1;
    recipe = resolve(&world, &request);
    assert_mixins(recipe, "kernel");
    assert_true(has_note(recipe, "mixin 'kernel' demands OS.k.v '>= 6.8', which the snapshot does not satisfy"));
}

static void test_origins(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe *recipe = resolve(&world, &eks);
    struct explanations explanations = {0};
    assert_int_equal(recipe_explain(world.arena, world.catalog, recipe, "a:y", &explanations, &world.err), 0);
    assert_int_equal(explanations.count, 1);
    assert_string_equal(explanations.items[0].steps[0].origin.source, "mixins/kernel.yaml");
    assert_int_equal(explanations.items[0].steps[0].origin.line, 7);
}

static void test_malformed_ones(void **state _unused_) {
    static const struct {
        const char *text, *part;
    } cases[] = {
        {MIXIN "x}\nspec: {criteria: {service: eks}}\n", "unknown key 'criteria' in spec"},
        {MIXIN "x}\nspec: {mixins: [y]}\n", "unknown key 'mixins' in spec"},
        {MIXIN "x}\nspec: {appliesTo: {os: ubuntu}}\n", "spec.appliesTo.os must be a list"},
        {"apiVersion: cns.nvidia.com/v1alpha1\nkind: RecipeMixin\n", "this mixin has no metadata.name"},
        {"apiVersion: cns.nvidia.com/v9\nkind: RecipeMixin\nmetadata: {name: x}\n", "is unknown"},
        {HEAD "x}\n", "where a mixin (kind RecipeMixin) is expected"},
        {MIXIN "x}\nspec: {constraints: [{name: a, value: '1', relax: true}]}\n", "without a reason"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        const struct catalog_file file = {"mixins/x.yaml", "mixins/x.yaml", cases[i].text, strlen(cases[i].text)};
        const struct catalog_spec spec = {.files = &file, .count = 1, .directory = "test"};
        struct catalog *catalog = NULL;
        assert_true(catalog_open(arena, &spec, &catalog, &err) < 0);
        if (!strstr(err->message, cases[i].part))
            fail_msg("'%s' is not in '%s'", cases[i].part, err->message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_overlay_names_one), cmocka_unit_test(test_each_is_merged_once),
        cmocka_unit_test(test_a_user_adds_one),      cmocka_unit_test(test_what_it_does_not_apply_to),
        cmocka_unit_test(test_unknown_ones),         cmocka_unit_test(test_it_cannot_weaken),
        cmocka_unit_test(test_a_snapshot_judges),    cmocka_unit_test(test_origins),
        cmocka_unit_test(test_malformed_ones),       cmocka_unit_test(test_two_that_exclude_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
