// SPDX-License-Identifier: Apache-2.0
// Node tuning: profiles merged by kind and key, choices, delivery, on a catalog of a few lines.
#include "test.h"

#include "base/arena.h"
#include "base/text.h"
#include "recipe/resolve.h"
#include "recipe/tuning.h"

#define API "apiVersion: cns.nvidia.com/v1alpha1\n"
#define PROFILE(name, spec) API "kind: TuningProfile\nmetadata: {name: " name "}\nspec:\n" spec
#define DELIVERY                                                                                                      \
    API "kind: TuningDelivery\nmetadata: {name: delivery}\nspec:\n"                                                   \
        "  notFor: [{service: [toy], why: toys are not tuned}]\n"                                                     \
        "  mechanisms: [{name: script, title: S, apply: A, revert: R}, {name: box, title: B, apply: A, revert: R}]\n" \
        "  rules:\n"                                                                                                  \
        "    - package: parcel\n      component: boxer\n      mechanism: box\n"                                       \
        "      componentRef: {name: boxer, overrides: {on: true}, sources: [s], why: w}\n"                            \
        "      unused: {name: boxer, overrides: {on: false}, sources: [s], why: w}\n"                                 \
        "    - {kinds: [sysctl, kernelParameter], when: {os: [ubuntu]}, mechanism: script}\n"
#define BASE API "kind: RecipeMetadata\nmetadata: {name: base}\nspec: {componentRefs: [{name: a, type: Helm}]}\n"
#define BOXER                                                                                                     \
    API "kind: RecipeMetadata\nmetadata: {name: boxed}\nspec: {criteria: {service: eks}, componentRefs: [{name: " \
        "boxer, type: Helm}]}\n"
#define GENERAL                                                                                               \
    PROFILE("general",                                                                                        \
            "  settings:\n"                                                                                   \
            "    - {name: swap, kind: sysctl, key: vm.swappiness, value: \"10\", why: general, tradeoff: t, " \
            "source: s, packages: [parcel], verify: {reading: OS.sysctl.x, value: \"10\"}}\n"                 \
            "    - {name: quiet, kind: kernelParameter, key: quiet, value: \"\", enabled: false, unsettled: " \
            "taste, why: w, tradeoff: t, source: s}\n")
#define SPECIAL                                                                                             \
    PROFILE("special", "  appliesTo: {accelerator: [h100]}\n  settings:\n"                                  \
                       "    - {name: swap, kind: sysctl, key: vm.swappiness, value: \"1\", why: special}\n" \
                       "    - {name: ghost, kind: sysctl, key: vm.ghost, enabled: false, unsettled: nobody has it}\n")
#define CAREFUL                                                             \
    PROFILE("careful", "  appliesTo: {accelerator: [a100], os: [ubuntu]}\n" \
                       "  holdsBack: {except: [quiet], unsettled: nobody tried, source: s}\n")

struct world {
    struct arena *arena;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct recipe *recipe;
    struct tuning tuning;
    struct error *err;
};

static void close_world(struct world *world) {
    arena_free(world->arena);
    error_free(world->err);
}
#define _cleanup_world_ _cleanup_(close_world)

#define FILE_OF(path_, text) ((struct catalog_file){path_, path_, text, strlen(text)})

static int resolve_with(struct world *world, const char *extra, const struct criteria *criteria, const char *choice) {
    world->arena = arena_new();
    const char *registry =
        API "kind: ComponentRegistry\ncomponents: [{name: a, displayName: A}, {name: boxer, displayName: B}]\n";
    const struct catalog_file files[] = {
        FILE_OF("overlays/base.yaml", BASE),     FILE_OF("overlays/boxed.yaml", BOXER),
        FILE_OF("registry.yaml", registry),      FILE_OF("tuning/delivery.yaml", DELIVERY),
        FILE_OF("tuning/general.yaml", GENERAL), FILE_OF("tuning/special.yaml", SPECIAL),
        FILE_OF("tuning/careful.yaml", CAREFUL), FILE_OF("tuning/extra.yaml", extra ? extra : ""),
    };
    const struct catalog_spec spec = {
        .files = files, .count = ARRAY_SIZE(files) - !extra, .directory = "test", .mode = CATALOG_REPLACE};
    const struct recipe_request request = {.criteria = *criteria, .tuning = &choice, .tuning_count = choice != NULL};
    int r = catalog_open(world->arena, &spec, &world->catalog, &world->err);
    r = r < 0 ? r : vocabulary_open(world->arena, world->catalog, &world->vocabulary, &world->err);
    r = r < 0 ? r
              : recipe_resolve(world->arena, world->catalog, world->vocabulary, &request, &world->recipe, &world->err);
    return r < 0 ? r : tuning_from_doc(world->arena, world->recipe->doc, &world->tuning, &world->err);
}

static const struct criteria h100 = {
    .field = {[CRITERIA_ACCELERATOR] = "h100", [CRITERIA_SERVICE] = "own", [CRITERIA_OS] = "ubuntu"}};
static const struct criteria a100 = {
    .field = {[CRITERIA_ACCELERATOR] = "a100", [CRITERIA_SERVICE] = "own", [CRITERIA_OS] = "ubuntu"}};
static const struct criteria eks = {
    .field = {[CRITERIA_ACCELERATOR] = "h100", [CRITERIA_SERVICE] = "eks", [CRITERIA_OS] = "ubuntu"}};

static const struct tuning_setting *setting(const struct world *world, const char *name) {
    for (size_t i = 0; i < world->tuning.count; i++)
        if (str_eq(world->tuning.settings[i].name, name))
            return &world->tuning.settings[i];
    return NULL;
}

static void test_the_more_specific_wins(void **state _unused_) {
    _cleanup_world_ struct world world = {0};
    assert_int_equal(resolve_with(&world, NULL, &h100, NULL), 0);
    const struct tuning_setting *swap = setting(&world, "swap");
    assert_string_equal(swap->value, "1");
    assert_string_equal(swap->why, "special");
    assert_string_equal(swap->tradeoff, "t"); // what the special one leaves open stays
    assert_string_equal(swap->mechanism, "script");
    assert_string_equal(doc_text(doc_get(swap->doc, "value")->previous), "10");
    assert_null(setting(&world, "ghost")); // nothing gives it a value
    assert_false(setting(&world, "quiet")->is_enabled);
    assert_string_equal(setting(&world, "quiet")->reason, "taste");
    struct explanations explanations = {0};
    assert_int_equal(tuning_explain(world.arena, world.recipe, "tuning.swap", &explanations, &world.err), 0);
    assert_int_equal(explanations.items[0].count, 2);
    assert_string_equal(explanations.items[0].steps[0].why, "special");
    assert_string_equal(explanations.items[0].steps[1].why, "general");
}

static void test_holding_back_and_releasing(void **state _unused_) {
    _cleanup_world_ struct world held = {0}, released = {0}, single = {0};
    assert_int_equal(resolve_with(&held, NULL, &a100, NULL), 0);
    assert_false(setting(&held, "swap")->is_enabled);
    assert_string_equal(setting(&held, "swap")->reason, "nobody tried (--tuning careful=on)");
    assert_int_equal(resolve_with(&released, NULL, &a100, "careful=on"), 0);
    assert_true(setting(&released, "swap")->is_enabled);
    assert_string_equal(setting(&released, "swap")->value, "10");
    assert_false(setting(&released, "quiet")->is_enabled);
    assert_int_equal(resolve_with(&single, NULL, &a100, "swap=on"), 0);
    assert_true(setting(&single, "swap")->is_enabled);
}

static void test_choices(void **state _unused_) {
    static const char *const wrong[] = {"swop=on", "swap", "swap=maybe", "all=on", "=on"};
    _cleanup_world_ struct world on = {0}, off = {0};
    assert_int_equal(resolve_with(&on, NULL, &h100, "quiet=on"), 0);
    assert_true(setting(&on, "quiet")->is_enabled);
    assert_int_equal(resolve_with(&off, NULL, &h100, "all=off"), 0);
    assert_false(setting(&off, "swap")->is_enabled);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        _cleanup_world_ struct world world = {0};
        assert_int_equal(resolve_with(&world, NULL, &h100, wrong[i]), -ERROR_INVALID);
        assert_non_null(strstr(world.err->message, "--tuning"));
    }
}

static bool boxer_is_on(const struct world *world) {
    return doc_get_bool(recipe_component(world->recipe, "boxer")->overrides, "on", false);
}

static void test_delivery_follows_components(void **state _unused_) {
    _cleanup_world_ struct world world = {0}, off = {0};
    assert_int_equal(resolve_with(&world, NULL, &eks, NULL), 0);
    assert_string_equal(setting(&world, "swap")->mechanism, "box");
    assert_string_equal(setting(&world, "swap")->package, "parcel");
    assert_true(boxer_is_on(&world));
    assert_int_equal(resolve_with(&off, NULL, &eks, "all=off"), 0);
    assert_false(boxer_is_on(&off));
    assert_non_null(doc_get(recipe_component(off.recipe, "boxer")->overrides, "on"));
}

static void test_when_there_is_none(void **state _unused_) {
    static const struct criteria
        no_os = {.field = {[CRITERIA_ACCELERATOR] = "h100", [CRITERIA_SERVICE] = "own"}},
        toy = {.field = {[CRITERIA_ACCELERATOR] = "h100", [CRITERIA_SERVICE] = "toy"}},
        nothing = {.field = {[CRITERIA_SERVICE] = "own"}},
        other = {.field = {[CRITERIA_ACCELERATOR] = "h100", [CRITERIA_SERVICE] = "own", [CRITERIA_OS] = "cos"}};
    _cleanup_world_ struct world a = {0}, b = {0}, c = {0}, d = {0}, e = {0};
    assert_int_equal(resolve_with(&a, NULL, &no_os, NULL), 0);
    assert_non_null(strstr(a.tuning.note, "operating system"));
    assert_int_equal(a.tuning.count, 0);
    assert_int_equal(resolve_with(&b, NULL, &toy, NULL), 0);
    assert_string_equal(b.tuning.note, "toys are not tuned");
    assert_int_equal(resolve_with(&c, NULL, &nothing, NULL), 0);
    assert_null(c.tuning.doc);
    assert_int_equal(resolve_with(&d, NULL, &other, NULL), 0);
    assert_false(setting(&d, "swap")->is_enabled);
    assert_non_null(strstr(setting(&d, "swap")->reason, "nothing in this recipe can apply it"));
    assert_int_equal(resolve_with(&e, NULL, &other, "swap=on"), -ERROR_INVALID);
}

static void test_malformed_profiles(void **state _unused_) {
    static const char *const bad[][2] = {
        {"  settings: [{name: x, kind: sysctrl, key: a.b, value: \"1\"}]\n", "kind 'sysctrl' is unknown"},
        {"  settings: [{name: x, kind: sysctl, key: ab, value: \"1\"}]\n", "key 'ab'"},
        {"  settings: [{name: x, kind: sysctl, key: a..b, value: \"1\"}]\n", "key 'a..b'"},
        {"  settings: [{name: x, kind: sysctl, key: a.b, value: \"$(reboot)\"}]\n", "value '$(reboot)'"},
        {"  settings: [{name: x, kind: hugepages, key: 2T, value: \"1\"}]\n", "key '2T'"},
        {"  settings: [{name: x, kind: service, key: a.service, value: paused}]\n", "value 'paused'"},
        {"  settings: [{name: Bad name, kind: sysctl, key: a.b, value: \"1\"}]\n", "found 'Bad name'"},
        {"  settings: [{name: swap, kind: sysctl, key: vm.other, value: \"1\"}]\n", "another kind or key"},
        {"  settings: [{name: other, kind: sysctl, key: vm.swappiness, value: \"1\"}]\n", "has the kind and key of"},
        {"  settings: [{name: x, kind: sysctl, key: a.b, value: \"1\", verify: {reading: OS.a.b}}]\n",
         "either a value or expect"},
        {"  appliesTo: {acelerator: [h100]}\n", "no field 'acelerator'"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_world_ struct world world = {0};
        _cleanup_text_ struct text text = {0};
        text_addf(&text, PROFILE("extra", "%s"), bad[i][0]);
        assert_true(resolve_with(&world, text_str(&text), &h100, NULL) < 0);
        if (!strstr(world.err->message, bad[i][1]))
            fail_msg("'%s' is not in '%s'", bad[i][1], world.err->message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_more_specific_wins),
        cmocka_unit_test(test_holding_back_and_releasing),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_delivery_follows_components),
        cmocka_unit_test(test_when_there_is_none),
        cmocka_unit_test(test_malformed_profiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
