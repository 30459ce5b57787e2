// SPDX-License-Identifier: Apache-2.0
#include "recipe/resolve.h"
#include "base/text.h"
#include "model/constraint_eval.h"
#include "recipe/compatibility.h"
#include "recipe/match.h"
#include "recipe/merge_parts.h"
#include "recipe/mixin.h"
#include "recipe/profile.h"
#include "recipe/result.h"
#include "recipe/tuning.h"

#include <stdlib.h>

struct resolver {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct recipe_request *request;
    struct match match;
    struct merger merger;
    struct profiles profiles;
    const struct doc *tuning;
    struct maturity maturity;
};

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
    if (!is_specific(&resolver->match))
        return generic_recipe(resolver, err);
    int r = resolver->maturity.composition ? composed_recipe(resolver, err) : 0;
    if (r == 0)
        note_unused_criteria(resolver);
    return r;
}

// --- registry defaults ---

static void fill(struct resolver *resolver, struct doc *component, const char *key, const struct doc *value) {
    if (!str_is_empty(doc_get_text(component, key, NULL)) || str_is_empty(doc_text(value)))
        return;
    struct doc *text = doc_new_string(resolver->arena, doc_text(value));
    text->origin = value->origin;
    doc_map_set(resolver->arena, component, key, text);
}

// "nvidia/gpu-operator" names a chart in a repository that we give by its address.
static void fill_chart(struct resolver *resolver, struct doc *component, const struct doc *value) {
    const char *chart = doc_text(value), *slash = chart ? strrchr(chart, '/') : NULL;
    if (!slash) {
        fill(resolver, component, "chart", value);
        return;
    }
    struct doc *last = doc_new_string(resolver->arena, slash + 1);
    last->origin = value->origin;
    fill(resolver, component, "chart", last);
}

static void fill_helm(struct resolver *resolver, struct doc *component, const struct doc *entry) {
    const struct doc *helm = doc_get(entry, "helm");
    fill(resolver, component, "source", doc_get(helm, "defaultRepository"));
    fill(resolver, component, "version", doc_get(helm, "defaultVersion"));
    fill(resolver, component, "namespace", doc_get(helm, "defaultNamespace"));
    fill_chart(resolver, component, doc_get(helm, "defaultChart"));
    // Neither predecessor reads the namespace of components that are manifests only.
    if (!catalog_is_predecessor(resolver->catalog))
        fill(resolver, component, "namespace", doc_get(doc_get(entry, "manifest"), "defaultNamespace"));
}

static void fill_kustomize(struct resolver *resolver, struct doc *component, const struct doc *entry) {
    const struct doc *kustomize = doc_get(entry, "kustomize");
    fill(resolver, component, "source", doc_get(kustomize, "defaultSource"));
    fill(resolver, component, "tag", doc_get(kustomize, "defaultTag"));
    fill(resolver, component, "path", doc_get(kustomize, "defaultPath"));
    fill(resolver, component, "namespace", doc_get(kustomize, "defaultNamespace"));
}

static int fill_component(struct resolver *resolver, struct doc *component, struct error **err) {
    const struct registry_entry *entry = NULL;
    int r = catalog_registry_entry(resolver->catalog, doc_get_text(component, "name", ""), &entry, err);
    if (r < 0)
        return r;
    const struct doc *source = entry ? doc_get(doc_get(entry->doc, "kustomize"), "defaultSource") : NULL;
    if (str_is_empty(doc_get_text(component, "type", NULL)))
        doc_map_set_text(resolver->arena, component, "type", str_is_empty(doc_text(source)) ? "Helm" : "Kustomize");
    if (!entry)
        merger_note(&resolver->merger, "component '%s' is not in the registry", doc_get_text(component, "name", ""));
    else if (str_eq_ignore_case(doc_get_text(component, "type", ""), "Kustomize"))
        fill_kustomize(resolver, component, entry->doc);
    else
        fill_helm(resolver, component, entry->doc);
    return 0;
}

// --- files that the recipe refers to ---

static int check_values_file(const struct resolver *resolver, const struct doc *path, struct error **err) {
    const struct doc *ignored = NULL;
    if (str_is_empty(doc_text(path)) || catalog_find_file(resolver->catalog, doc_text(path)))
        return 0;
    int r = catalog_document(resolver->catalog, doc_text(path), &ignored, err); // says what there is instead
    return r < 0 ? error_prefix(err, "%s:%u: valuesFile", path->origin.source, path->origin.line) : 0;
}

static int check_manifests(const struct resolver *resolver, const struct doc *component, const char *key,
                           struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(component, key))
    if (!catalog_find_file(resolver->catalog, doc_text(item)))
        return doc_error(err, ERROR_NOT_FOUND, item->origin, "component '%s': the catalog has no manifest '%s'",
                         doc_get_text(component, "name", ""), doc_text(item));
    return 0;
}

static int check_files(const struct resolver *resolver, const struct doc *component, struct error **err) {
    int r = check_values_file(resolver, doc_get(component, "valuesFile"), err);
    r = r < 0 ? r : check_manifests(resolver, component, "manifestFiles", err);
    return r < 0 ? r : check_manifests(resolver, component, "preManifestFiles", err);
}

// --- the whole ---

static int check_mixins(struct resolver *resolver, const struct overlay *overlay, struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(doc_get(overlay->doc, "spec"), "mixins")) {
        const struct mixin *mixin = NULL;
        const char *where = doc_origin_text(resolver->arena, item->origin);
        int r = catalog_mixin(resolver->catalog, doc_text(item), where, &mixin, err);
        r = r < 0 ? r : mixin_check_applies(resolver->vocabulary, mixin, &resolver->request->criteria, where, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int merge_overlays(struct resolver *resolver, struct error **err) {
    for (size_t i = 0; i < resolver->match.count; i++) {
        const struct overlay *overlay = resolver->match.overlays[i];
        int r = catalog_overlay_load(resolver->catalog, overlay, err);
        r = r < 0 ? r : check_mixins(resolver, overlay, err);
        r = r < 0 ? r : merger_add(&resolver->merger, overlay, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int judge(struct resolver *resolver, const struct doc *item, struct constraint *ret_constraint,
                 struct constraint_verdict *ret, struct error **err) {
    int r = constraint_from_doc(item, ret_constraint, err);
    return r < 0 ? r : constraint_evaluate(resolver->arena, ret_constraint, resolver->request->snapshot, ret, err);
}

static const char *other_values(struct resolver *resolver, const struct profile_choice *choice) {
    _cleanup_text_ struct text list = {0};
    DOC_FOREACH_MEMBER(member, choice->values)
    if (!str_eq(member->key, choice->value))
        text_addf(&list, "%s%s", list.length ? ", " : "", member->key);
    return arena_strdup(resolver->arena, text_str(&list));
}

// What was asked for by name is kept even where the snapshot contradicts it, and that is told.
static int judge_mixin(struct resolver *resolver, const struct mixin *mixin, struct error **err) {
    DOC_FOREACH_ITEM(item, resolver->request->snapshot ? doc_get(doc_get(mixin->doc, "spec"), "constraints") : NULL) {
        struct constraint constraint;
        struct constraint_verdict verdict;
        int r = judge(resolver, item, &constraint, &verdict, err);
        if (r < 0)
            return r;
        if (verdict.outcome == CONSTRAINT_VIOLATED)
            merger_note(&resolver->merger, "mixin '%s' demands %s '%s', which the snapshot does not satisfy: %s",
                        mixin->name, constraint.name, constraint.value, verdict.reason);
    }
    return 0;
}

static int merge_asked_mixins(struct resolver *resolver, struct error **err) {
    const struct recipe_request *request = resolver->request;
    for (size_t i = 0; i < request->mixin_count; i++) {
        const struct mixin *mixin = NULL;
        int r = catalog_mixin(resolver->catalog, request->mixins[i], "--mixin", &mixin, err);
        r = r < 0 ? r : mixin_check_applies(resolver->vocabulary, mixin, &request->criteria, "--mixin", err);
        r = r < 0 ? r : judge_mixin(resolver, mixin, err);
        r = r < 0 ? r : merger_add_mixin(&resolver->merger, mixin, err);
        if (r < 0)
            return r;
    }
    return 0;
}

// As judge_mixin: the choice is the user's, or a default that was meant for machines without a snapshot.
static int judge_profile(struct resolver *resolver, const struct profile_choice *choice, struct error **err) {
    DOC_FOREACH_ITEM(item, resolver->request->snapshot ? doc_get(choice->content, "constraints") : NULL) {
        struct constraint_verdict verdict;
        struct constraint constraint;
        int r = judge(resolver, item, &constraint, &verdict, err);
        if (r < 0)
            return r;
        if (verdict.outcome == CONSTRAINT_VIOLATED)
            merger_note(&resolver->merger,
                        "profile %s=%s demands %s '%s', which the snapshot does not satisfy: %s; "
                        "choose another value with --profile %s=VALUE (%s)",
                        choice->name, choice->value, constraint.name, constraint.value, verdict.reason, choice->name,
                        other_values(resolver, choice));
    }
    return 0;
}

static int merge_profiles(struct resolver *resolver, struct error **err) {
    const struct recipe_request *request = resolver->request;
    int r = profiles_choose(resolver->arena, &resolver->match, request->profiles, request->profile_count,
                            &resolver->profiles, err);
    for (size_t i = 0; r >= 0 && i < resolver->profiles.count; i++) {
        const struct profile_choice *choice = &resolver->profiles.items[i];
        const char *title = arena_printf(resolver->arena, "%s=%s", choice->name, choice->value);
        r = judge_profile(resolver, choice, err);
        r = r < 0 ? r : merger_add_profile(&resolver->merger, title, choice->content, choice->overlay, err);
    }
    return r;
}

// Behind all that gives components, because how a setting reaches a node depends on them.
static int add_tuning(struct resolver *resolver, struct error **err) {
    const struct tuning_request request = {.criteria = &resolver->request->criteria,
                                           .choices = resolver->request->tuning,
                                           .choice_count = resolver->request->tuning_count,
                                           .components = resolver->merger.components};
    struct tuning_answer answer = {0};
    int r = tuning_resolve(resolver->arena, resolver->catalog, &request, &answer, err);
    for (size_t i = 0; r >= 0 && i < answer.component_ref_count; i++)
        r = merger_add_component(&resolver->merger, answer.component_refs[i], err);
    resolver->tuning = answer.section;
    return r;
}

static int fill_components(struct resolver *resolver, struct doc *components, struct error **err) {
    DOC_FOREACH_MEMBER(member, resolver->merger.components) {
        struct doc *component = doc_copy(resolver->arena, member->value);
        int r = fill_component(resolver, component, err);
        r = r < 0 ? r : check_files(resolver, component, err);
        if (r < 0)
            return r;
        doc_list_add(resolver->arena, components, component);
    }
    return 0;
}

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
    int r = fill_components(resolver, components, err);
    if (r < 0)
        return r;
    maturity_of_match(resolver->arena, &resolver->match, &resolver->request->criteria, &resolver->maturity);
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
    r = merge_overlays(&resolver, err);
    r = r < 0 ? r : merge_asked_mixins(&resolver, err);
    r = r < 0 ? r : merge_profiles(&resolver, err);
    r = r < 0 ? r : add_tuning(&resolver, err);
    r = r < 0 ? r : build(&resolver, ret, err);
    merger_done(&resolver.merger);
    return r;
}
