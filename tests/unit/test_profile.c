// SPDX-License-Identifier: Apache-2.0
// Profiles: chosen or by default, merged last, told in the recipe, and kept by bundles.
#include "recipe_world.h"

#include "bundle/profile.h"
#include "recipe/explain.h"
#include "recipe/hydrate.h"

static const struct source sources[] = {
    {"overlays/eks.yaml",
     HEAD "eks}\nspec:\n  criteria: {service: eks}\n"
          "  componentRefs: [{name: a, overrides: {driver: {enabled: maybe}, x: 1}}]\n"
          "  profile:\n    name: stack\n    default: operator\n    values:\n"
          "      operator: {description: we do, why: by choice, source: us,\n"
          "        componentRefs: [{name: a, overrides: {driver: {enabled: true}}}]}\n"
          "      cloud: {advertiser: external, constraints: [{name: K.s.v, value: '>= 1.35'}],\n"
          "        componentRefs: [{name: a, overrides: {driver: {enabled: false}, toolkit: {enabled: false}}}]}\n"},
    {"overlays/h100-eks.yaml", HEAD "h100-eks}\nspec:\n  base: eks\n  criteria: {service: eks, accelerator: h100}\n"
                                    "  componentRefs: [{name: a, overrides: {driver: {enabled: perhaps}}}]\n"
                                    "  profile:\n    name: stack\n    default: image\n    values:\n"
                                    "      image: {componentRefs: [{name: a, overrides: {root: /}}]}\n"},
};

static struct world open_sources(void) {
    struct world world = {0};
    if (open_world(&world, sources, ARRAY_SIZE(sources)) < 0)
        fail_msg("%s", world.err->message);
    return world;
}

static struct recipe *hydrated(struct world *world, const struct recipe_request *request) {
    struct recipe *recipe = resolve(world, request);
    assert_int_equal(recipe_hydrate(world->arena, world->catalog, recipe, &world->err), 0);
    return recipe;
}

static const struct recipe_request eks = {.criteria = {.field = {[CRITERIA_SERVICE] = "eks"}}};

static struct recipe_request asking(const char *const *words, size_t count) {
    return (struct recipe_request){.criteria = eks.criteria, .profiles = words, .profile_count = count};
}

static void test_the_default_is_merged_last(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe *recipe = hydrated(&world, &eks);
    assert_string_equal(value_at(&world, recipe, "a", "driver.enabled"), "true");
    assert_int_equal(recipe->profile_count, 1);
    assert_string_equal(recipe->profiles[0].name, "stack");
    assert_string_equal(recipe->profiles[0].value, "operator");
    assert_null(recipe->profiles[0].advertiser);
}

static void test_a_choice(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    static const char *const words[] = {"stack=cloud", "stack=cloud"};
    const struct recipe_request request = asking(words, 2);
    struct recipe *recipe = hydrated(&world, &request);
    assert_string_equal(value_at(&world, recipe, "a", "driver.enabled"), "false");
    assert_string_equal(value_at(&world, recipe, "a", "x"), "1");
    assert_string_equal(bound(recipe, "K.s.v"), ">= 1.35");
    const struct doc *told = doc_get(doc_get(recipe->doc, "metadata"), "selectedProfile");
    assert_string_equal(doc_get_text(told, "value", ""), "cloud");
    assert_string_equal(doc_get_text(told, "advertiser", ""), "external");
    // What any value sets is owned, in order.
    const struct doc *owned = doc_get(doc_get(told, "ownedPaths"), "a");
    assert_int_equal(doc_count(owned), 2);
    assert_string_equal(doc_text(doc_item(owned, 0)), "driver.enabled");
    assert_string_equal(doc_text(doc_item(owned, 1)), "toolkit.enabled");
}

// A more specific overlay adds a value and changes the default; the values of its base can still be chosen.
static void test_a_later_overlay_extends(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe_request request = {
        .criteria = {.field = {[CRITERIA_SERVICE] = "eks", [CRITERIA_ACCELERATOR] = "h100"}}};
    struct recipe *recipe = hydrated(&world, &request);
    assert_string_equal(recipe->profiles[0].value, "image");
    assert_string_equal(value_at(&world, recipe, "a", "driver.enabled"), "perhaps");
    assert_string_equal(value_at(&world, recipe, "a", "root"), "/");
    static const char *const words[] = {"stack=operator"};
    request.profiles = words;
    request.profile_count = 1;
    recipe = hydrated(&world, &request);
    assert_string_equal(value_at(&world, recipe, "a", "driver.enabled"), "true");
}

static void test_unknown_choices(void **state _unused_) {
    static const struct {
        const char *word, *part, *hint;
    } cases[] = {
        {"stak=cloud", "this recipe has no profile 'stak'; it has stack (operator, cloud)", "did you mean 'stack'?"},
        {"stack=clod", "the profile 'stack' has no value 'clod'; it has operator, cloud",
         "did you mean 'stack=cloud'?"},
        {"stack", "'stack' is not of the form NAME=VALUE", NULL},
        {"=cloud", "is not of the form NAME=VALUE", NULL},
        {"stack=", "is not of the form NAME=VALUE", NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_world_ struct world world = open_sources();
        const struct recipe_request request = asking(&cases[i].word, 1);
        assert_fails(&world, &request, cases[i].part);
        if (cases[i].hint)
            assert_string_equal(world.err->hint, cases[i].hint);
    }
    _cleanup_world_ struct world world = open_sources();
    static const char *const words[] = {"stack=cloud", "stack=operator"};
    const struct recipe_request both = asking(words, 2);
    assert_fails(&world, &both, "'stack' is both cloud and operator");
    _cleanup_world_ struct world other = open_sources();
    const struct recipe_request none = {
        .criteria = {.field = {[CRITERIA_INTENT] = "training"}}, .profiles = words, .profile_count = 1};
    assert_fails(&other, &none, "there is no profile 'stack': this recipe has none to choose from");
}

static void test_declarations_that_are_broken(void **state _unused_) {
    static const struct {
        const char *profile, *part;
    } cases[] = {
        {"{name: s, values: {a: {}}}", "the profile 's' has no default"},
        {"{name: s, default: b, values: {a: {}}}", "the profile 's' has no value 'b'; it has a"},
        {"{default: a, values: {a: {}}}", "spec.profile has no name"},
        {"{name: s, default: a, values: [a]}", "spec.profile.values must be a map"},
        {"{name: s, default: a, values: {a: {validation: {}}}}", "unknown key 'validation' in spec.profile.values.a"},
        {"{name: s, default: a, values: {'a=b': {}}}", "may hold no '='"},
        {"{name: s, defualt: a}", "unknown key 'defualt' in spec.profile"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_text_ struct text text = {0};
        text_addf(&text, HEAD "x}\nspec: {criteria: {service: eks}, profile: %s}\n", cases[i].profile);
        const struct source source = {"overlays/x.yaml", text_str(&text)};
        _cleanup_world_ struct world world = {0};
        struct recipe *recipe = NULL;
        // --data checks shapes strictly, and only there; what a choice needs is seen when one is made.
        const struct catalog_file file = {source.path, source.path, source.text, strlen(source.text)};
        world.arena = arena_new();
        const struct catalog_spec spec = {.files = &file, .count = 1, .directory = "test"};
        int r = catalog_open(world.arena, &spec, &world.catalog, &world.err);
        r = r < 0 ? r : vocabulary_open(world.arena, world.catalog, &world.vocabulary, &world.err);
        r = r < 0 ? r : recipe_resolve(world.arena, world.catalog, world.vocabulary, &eks, &recipe, &world.err);
        assert_true(r < 0);
        if (!strstr(world.err->message, cases[i].part))
            fail_msg("'%s' is not in '%s'", cases[i].part, world.err->message);
    }
}

static void test_explained(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    struct recipe *recipe = resolve(&world, &eks);
    struct explanations explanations = {0};
    assert_int_equal(recipe_explain(world.arena, world.catalog, recipe, "stack", &explanations, &world.err), 0);
    _cleanup_text_ struct text text = {0};
    explanations_text(&explanations, &text);
    assert_string_equal(text_str(&text),
                        "profile.stack\n  = operator\n      overlays/eks.yaml:11\n      why: by choice\n"
                        "      source: us\n  or cloud\n");
    const struct doc *row = doc_item(explanations_doc(world.arena, &explanations), 0);
    assert_int_equal(doc_count(doc_get(row, "choices")), 2);
    assert_true(recipe_explain(world.arena, world.catalog, recipe, "profile.x", &explanations, &world.err) < 0);
    assert_string_equal(world.err->message, "the recipe has no profile 'x'; it has stack");
}

static void test_a_snapshot_contradicts(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    static const char *const words[] = {"stack=cloud"};
    struct recipe_request request = asking(words, 1);
    struct snapshot *snapshot = snapshot_new(world.arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "K", "s"), "v", "1.30");
    request.snapshot = snapshot;
    struct recipe *recipe = resolve(&world, &request);
    assert_true(has_note(recipe, "profile stack=cloud demands K.s.v '>= 1.35', which the snapshot does not satisfy"));
    assert_true(has_note(recipe, "--profile stack=VALUE (operator)"));
}

// --- bundles ---

static int set(struct world *world, const struct recipe *recipe, const char *argument) {
    struct override_list list = {0};
    const struct doc *after = NULL, *before = recipe_component(recipe, "a")->values;
    const char *note = NULL;
    const struct override_target_values target = {.values = before, .allows_unknown = true};
    assert_int_equal(override_parse(world->arena, OVERRIDE_SET, argument, &list, &world->err), 0);
    assert_int_equal(override_apply(world->arena, &list.items[0], &target, &after, &note, &world->err), 0);
    int r = profile_check_override(world->arena, recipe, "a", &list.items[0], before, after, &world->err);
    return r;
}

static void test_overrides_may_agree_only(void **state _unused_) {
    _cleanup_world_ struct world world = open_sources();
    const struct recipe *recipe = hydrated(&world, &eks);
    assert_int_equal(set(&world, recipe, "a:driver.enabled=true"), 0);
    assert_int_equal(set(&world, recipe, "a:driver.version=580"), 0);
    assert_int_equal(set(&world, recipe, "a:x=2"), 0);
    assert_int_equal(set(&world, recipe, "a:toolkit.version=2"), 0);
    assert_int_equal(set(&world, recipe, "a:driver.enabled=false"), -ERROR_CONFLICT);
    assert_string_equal(world.err->message, "--set a:driver.enabled=false: the profile stack=operator of this recipe "
                                            "decides about a:driver.enabled");
    assert_non_null(strstr(world.err->hint, "--profile stack=VALUE"));
    error_free(world.err);
    world.err = NULL;
    // Another value of the profile would set it, so it is not for an override to set alone.
    assert_int_equal(set(&world, recipe, "a:toolkit.enabled=false"), -ERROR_CONFLICT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_default_is_merged_last),   cmocka_unit_test(test_a_choice),
        cmocka_unit_test(test_a_later_overlay_extends),      cmocka_unit_test(test_unknown_choices),
        cmocka_unit_test(test_declarations_that_are_broken), cmocka_unit_test(test_explained),
        cmocka_unit_test(test_a_snapshot_contradicts),       cmocka_unit_test(test_overrides_may_agree_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
