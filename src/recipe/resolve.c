// SPDX-License-Identifier: Apache-2.0
#include "recipe/resolve.h"
#include "base/text.h"
#include "catalog/compatibility.h"
#include "recipe/newer.h"
#include "recipe/resolve_state.h"

// --- what the user should know ---

static void describe_criteria(const struct criteria *criteria, struct text *out) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (criteria->field[i])
            text_addf(out, "%s%s=%s", out->length ? " " : "", criteria_field_names[i], criteria->field[i]);
    if (criteria->nodes)
        text_addf(out, "%snodes=%lld", out->length ? " " : "", (long long)criteria->nodes);
    if (out->length == 0)
        text_add(out, "any");
}

static bool is_specific(const struct match *match) {
    for (size_t i = 0; i < match->matching_count; i++)
        if (criteria_specificity(&match->matching[i]->criteria) > 0)
            return true;
    return false;
}

static int generic_recipe(struct resolver *resolver, struct error **err) {
    const struct match *match = &resolver->match;
    _cleanup_text_ struct text criteria = {0}, reason = {0};
    describe_criteria(&resolver->request->criteria, &criteria);
    if (match->excluded_count)
        text_addf(&reason, "every overlay that matches %s is excluded by the snapshot", text_str(&criteria));
    else
        text_addf(&reason, "no overlay matches %s", text_str(&criteria));
    if (resolver->request->is_strict) {
        error_set(err, ERROR_NOT_FOUND, "%s, and --strict asks for a recipe made for it", text_str(&reason));
        return error_hint(err, "without --strict the generic recipe is given");
    }
    merger_note(&resolver->merger, "%s: this recipe is the generic one", text_str(&reason));
    return 0;
}

// A criterion that shaped nothing is likely to be a disappointment; it is told, not refused.
static void note_unused_criteria(struct resolver *resolver) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        bool is_used = false;
        for (size_t j = 0; j < resolver->match.matching_count; j++)
            is_used = is_used || resolver->match.matching[j]->criteria.field[i];
        if (resolver->request->criteria.field[i] && !is_used)
            merger_note(&resolver->merger, "nothing in this recipe is specific to %s '%s'", criteria_field_names[i],
                        resolver->request->criteria.field[i]);
    }
}

static int composed_recipe(struct resolver *resolver, struct error **err) {
    if (resolver->request->is_strict) {
        error_set(err, ERROR_NOT_FOUND, "%s, and --strict asks for a recipe made for it",
                  resolver->maturity.composition);
        return error_hint(err, "without --strict it is given, as a preview; cnsctl recipe list shows what there is");
    }
    merger_note(&resolver->merger, "%s; it counts as a preview", resolver->maturity.composition);
    return 0;
}

static int note_coverage(struct resolver *resolver, struct error **err) {
    // Asked for nothing in particular, the generic recipe is the right answer.
    if (criteria_is_empty(&resolver->request->criteria))
        return 0;
    if (catalog_is_newer(resolver->catalog))
        return newer_check_coverage(resolver->arena, resolver->catalog, resolver->vocabulary, &resolver->match,
                                    &resolver->request->criteria, err);
    if (!is_specific(&resolver->match))
        return generic_recipe(resolver, err);
    int r = resolver->maturity.composition ? composed_recipe(resolver, err) : 0;
    if (r == 0)
        note_unused_criteria(resolver);
    return r;
}

// --- the whole ---

static int attach_registry(struct resolver *resolver, struct recipe *recipe, struct error **err) {
    for (size_t i = 0; i < recipe->component_count; i++) {
        int r =
            catalog_registry_entry(resolver->catalog, recipe->components[i].name, &recipe->components[i].registry, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int build(struct resolver *resolver, struct recipe **ret, struct error **err) {
    struct doc *components = doc_new_list(resolver->arena);
    int r = resolver_fill_components(resolver, components, err);
    if (r < 0)
        return r;
    maturity_of_match(resolver->arena, resolver->catalog, &resolver->match, &resolver->request->criteria,
                      &resolver->maturity);
    maturity_of_mixins(&resolver->merger.mixins, &resolver->maturity);
    const struct result_parts parts = {
        .criteria = &resolver->request->criteria,
        .match = &resolver->match,
        .maturity = &resolver->maturity,
        .mixins = &resolver->merger.mixins,
        .catalog = catalog_identity(resolver->catalog),
        .profiles = &resolver->profiles,
        .constraints = resolver->merger.constraints,
        .components = components,
        .validation = resolver->merger.validation,
        .tuning = resolver->tuning,
    };
    struct recipe *recipe = NULL;
    r = result_build(resolver->arena, &parts, &recipe, err);
    r = r < 0 ? r : attach_registry(resolver, recipe, err);
    r = r < 0 ? r : note_coverage(resolver, err);
    if (r < 0)
        return r;
    recipe->source = NULL;
    recipe->notes = resolver->merger.notes;
    recipe->note_count = resolver->merger.note_count;
    *ret = recipe;
    return 0;
}

int recipe_resolve(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                   const struct recipe_request *request, struct recipe **ret, struct error **err) {
    struct resolver resolver = {.arena = arena, .catalog = catalog, .vocabulary = vocabulary, .request = request};
    const struct match_request match = {.criteria = &request->criteria, .snapshot = request->snapshot};
    int r = compatibility_check(arena, catalog, vocabulary, &request->criteria, err);
    r = r < 0 ? r : catalog_match(arena, catalog, vocabulary, &match, &resolver.match, err);
    if (r < 0)
        return r;
    merger_init(&resolver.merger, arena, catalog);
    r = resolver_merge(&resolver, err);
    r = r < 0 ? r : build(&resolver, ret, err);
    merger_done(&resolver.merger);
    return r;
}
