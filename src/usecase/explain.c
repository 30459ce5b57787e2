// SPDX-License-Identifier: Apache-2.0
#include "usecase/explain.h"
#include "base/text.h"
#include "io/source.h"
#include "recipe/explain.h"
#include "recipe/hydrate.h"

static bool has_criteria(const struct recipe_arguments *arguments) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (arguments->field[i])
            return true;
    return arguments->snapshot || arguments->criteria || arguments->has_nodes;
}

static int read_recipe(struct arena *arena, const struct explain_arguments *arguments, struct recipe_answer *ret,
                       struct error **err) {
    if (has_criteria(&arguments->recipe)) {
        error_set(err, ERROR_INVALID, "--recipe and criteria exclude each other");
        return error_hint(err, "a recipe file has its criteria in it");
    }
    if (arguments->recipe.is_strict) {
        error_set(err, ERROR_INVALID, "--recipe and --strict exclude each other");
        return error_hint(err, "--strict is about choosing a recipe, which was done when the file was made");
    }
    if (arguments->recipe.mixin_count || arguments->recipe.profile_count) {
        error_set(err, ERROR_INVALID, "--recipe and --%s exclude each other",
                  arguments->recipe.mixin_count ? "mixin" : "profile");
        return error_hint(err, "that is chosen when the recipe is made, with cnsctl recipe");
    }
    int r = knowledge_open(arena, &arguments->recipe.knowledge, &ret->catalog, err);
    r = r < 0 ? r : source_load(arena, arguments->recipe_location, NULL, &ret->doc, err);
    r = r < 0 ? r : recipe_from_doc(arena, ret->doc, &ret->recipe, err);
    if (r >= 0)
        recipe_tell_remarks(ret->recipe);
    for (size_t i = 0; r >= 0 && i < ret->recipe->component_count; i++) {
        struct component *component = &ret->recipe->components[i];
        if (!component->registry)
            r = catalog_registry_entry(ret->catalog, component->name, &component->registry, err);
    }
    return r;
}

int explain_run(struct arena *arena, const struct explain_arguments *arguments, struct explain_answer *ret,
                struct error **err) {
    struct recipe_answer answer;
    struct explanations explanations;
    int r = arguments->recipe_location ? read_recipe(arena, arguments, &answer, err)
                                       : recipe_make(arena, &arguments->recipe, &answer, err);
    const char *selector = arguments->selector ? arguments->selector : "";
    r = r < 0 ? r : recipe_explain(arena, answer.catalog, answer.recipe, selector, &explanations, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text text = {0};
    explanations_text(&explanations, &text);
    *ret = (struct explain_answer){.doc = explanations_doc(arena, &explanations),
                                   .text = arena_strdup(arena, text_str(&text))};
    return 0;
}
