// SPDX-License-Identifier: Apache-2.0
#include "recipe/result.h"
#include "base/text.h"

#include <stdlib.h>

static const char *const component_keys[] = {COMPONENT_REF_KEYS};

// --- parts ---

static struct doc *text_list(struct arena *arena, const char *const *texts, size_t count) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < count; i++)
        doc_list_add(arena, list, doc_new_string(arena, texts[i]));
    return list;
}

static void add_warnings(struct arena *arena, struct doc *list, const struct excluded_overlay *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct doc *row = doc_new_map(arena);
        doc_map_set_text(arena, row, "overlay", rows[i].overlay);
        doc_map_set_text(arena, row, "constraint", rows[i].constraint);
        doc_map_set_text(arena, row, "expected", rows[i].expected);
        doc_map_set_text(arena, row, "actual", rows[i].actual);
        doc_map_set_text(arena, row, "reason", rows[i].reason);
        doc_list_add(arena, list, row);
    }
}

static const struct doc *catalog_doc(struct arena *arena, const struct catalog_identity *identity) {
    struct doc *map = doc_new_map(arena);
    doc_map_set_text(arena, map, "version", identity->version);
    doc_map_set_text(arena, map, "digest", identity->digest);
    doc_map_set_text(arena, map, "source", identity->source);
    return map;
}

// The predecessors know one profile; a list is written only where there are more.
static void add_profiles(struct arena *arena, struct doc *map, const struct profiles *profiles) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < profiles->count; i++)
        doc_list_add(arena, list, profile_doc(arena, &profiles->items[i]));
    if (profiles->count == 1)
        doc_map_set(arena, map, "selectedProfile", doc_item(list, 0));
    else if (profiles->count)
        doc_map_set(arena, map, "selectedProfiles", list);
}

static const struct doc *metadata(struct arena *arena, const struct result_parts *parts) {
    const struct match *match = parts->match;
    struct doc *map = doc_new_map(arena), *applied = doc_new_list(arena), *excluded = doc_new_list(arena);
    doc_map_set_text(arena, map, "version", CNS_VERSION);
    doc_map_set(arena, map, "catalog", catalog_doc(arena, parts->catalog));
    for (size_t i = 0; i < match->count; i++)
        doc_list_add(arena, applied, doc_new_string(arena, match->overlays[i]->name));
    doc_map_set(arena, map, "appliedOverlays", applied);
    struct doc *mixins = doc_new_list(arena);
    for (size_t i = 0; i < parts->mixins->count; i++)
        doc_list_add(arena, mixins, doc_new_string(arena, parts->mixins->entries[i].key));
    if (doc_count(mixins))
        doc_map_set(arena, map, "mixins", mixins);
    add_profiles(arena, map, parts->profiles);
    doc_map_set_text(arena, map, "maturity", parts->maturity->word);
    doc_map_set_text(arena, map, "maturityReason", parts->maturity->composition);
    // Rows of one overlay stand together.
    for (size_t i = 0; i < match->excluded_count; i++)
        if (i == 0 || !str_eq(match->excluded[i].overlay, match->excluded[i - 1].overlay))
            doc_list_add(arena, excluded, doc_new_string(arena, match->excluded[i].overlay));
    if (doc_count(excluded))
        doc_map_set(arena, map, "excludedOverlays", excluded);
    struct doc *warnings = doc_new_list(arena);
    add_warnings(arena, warnings, match->excluded, match->excluded_count);
    add_warnings(arena, warnings, match->warnings, match->warning_count);
    if (doc_count(warnings))
        doc_map_set(arena, map, "constraintWarnings", warnings);
    return map;
}

static int compare_by_name(const void *a, const void *b) {
    return strcmp(doc_get_text(*(const struct doc *const *)a, "name", ""),
                  doc_get_text(*(const struct doc *const *)b, "name", ""));
}

static const struct doc *sorted_by_name(struct doc *list) {
    if (list->list.count)
        qsort(list->list.items, list->list.count, sizeof *list->list.items, compare_by_name);
    return list;
}

static const struct doc *constraint_list(struct arena *arena, const struct doc *constraints) {
    struct doc *list = doc_new_list(arena);
    DOC_FOREACH_MEMBER(member, constraints)
    doc_list_add(arena, list, member->value);
    return sorted_by_name(list);
}

// The keys in their fixed order; a source is written even when it is empty, as readers of both predecessors expect.
static struct doc *ordered_component(struct arena *arena, const struct doc *component) {
    struct doc *map = doc_new_map(arena);
    map->origin = component->origin;
    for (size_t i = 0; i < ARRAY_SIZE(component_keys); i++) {
        const struct doc *value = doc_get(component, component_keys[i]);
        if (value)
            doc_map_set(arena, map, component_keys[i], value);
        else if (str_eq(component_keys[i], "source"))
            doc_map_set_text(arena, map, "source", "");
    }
    return map;
}

static const struct doc *component_list(struct arena *arena, const struct doc *components) {
    struct doc *list = doc_new_list(arena);
    DOC_FOREACH_ITEM(item, components)
    doc_list_add(arena, list, ordered_component(arena, item));
    return sorted_by_name(list);
}

static const struct doc *ordered_validation(struct arena *arena, const struct doc *validation) {
    static const char *const phases[] = {"readiness", "deployment", "performance", "conformance"};
    struct doc *map = doc_new_map(arena);
    map->origin = validation->origin;
    for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
        if (doc_get(validation, phases[i]))
            doc_map_set(arena, map, phases[i], doc_get(validation, phases[i]));
    return map;
}

// --- the document ---

int result_build(struct arena *arena, const struct result_parts *parts, struct recipe **ret, struct error **err) {
    struct doc *doc = doc_new_map(arena);
    doc_map_set_text(arena, doc, "kind", "RecipeResult");
    doc_map_set_text(arena, doc, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set(arena, doc, "metadata", metadata(arena, parts));
    doc_map_set(arena, doc, "criteria", criteria_document(arena, parts->criteria));
    if (doc_count(parts->constraints))
        doc_map_set(arena, doc, "constraints", constraint_list(arena, parts->constraints));
    doc_map_set(arena, doc, "componentRefs", component_list(arena, parts->components));
    // Reading it back checks everything and computes the order, which then takes its place in the document.
    struct recipe *recipe = NULL;
    int r = recipe_from_doc(arena, doc, &recipe, err);
    if (r < 0)
        return r;
    doc_map_set(arena, doc, "deploymentOrder", text_list(arena, recipe->deployment_order, recipe->order_count));
    for (size_t i = 0; i < recipe->profile_count; i++) {
        recipe->profiles[i].content = parts->profiles->items[i].content;
        recipe->profiles[i].values = parts->profiles->items[i].values;
    }
    if (parts->validation) {
        recipe->validation = ordered_validation(arena, parts->validation);
        doc_map_set(arena, doc, "validation", recipe->validation);
    }
    if (parts->tuning)
        doc_map_set(arena, doc, "tuning", parts->tuning);
    *ret = recipe;
    return 0;
}

static const struct doc *manifest_list(struct arena *arena, const struct component *component) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < component->manifest_count; i++) {
        struct doc *map = doc_new_map(arena);
        doc_map_set_text(arena, map, "path", component->manifests[i].path);
        if (component->manifests[i].is_pre)
            doc_map_set_bool(arena, map, "pre", true);
        doc_map_set_text(arena, map, "text", component->manifests[i].text);
        doc_list_add(arena, list, map);
    }
    return list;
}

const struct doc *result_inline(struct arena *arena, const struct recipe *recipe) {
    struct doc *doc = doc_copy(arena, recipe->doc), *list = doc_new_list(arena);
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        struct doc *map = doc_copy(arena, component->doc);
        if (component->values)
            doc_map_set(arena, map, "values", component->values);
        if (component->manifest_count)
            doc_map_set(arena, map, "manifests", manifest_list(arena, component));
        if (component->registry)
            doc_map_set(arena, map, "registry", component->registry->doc);
        doc_list_add(arena, list, map);
    }
    doc_map_set(arena, doc, "componentRefs", list);
    return doc;
}
