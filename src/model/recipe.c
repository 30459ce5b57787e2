// SPDX-License-Identifier: Apache-2.0
#include "model/recipe.h"
#include "base/map.h"
#include "base/text.h"
#include "model/api_version.h"
#include "model/deployment_order.h"
#include "model/recipe_remarks.h"

#include <stdlib.h>

// The largest known recipe has 25; the limit keeps hostile ones from costing time.
#define COMPONENT_LIMIT 1000

const struct component *recipe_component(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->component_count; i++)
        if (str_eq(recipe->components[i].name, name))
            return &recipe->components[i];
    return NULL;
}

// --- checks of shape, told with the place ---

static int expect_kind(const struct doc *doc, enum doc_kind kind, const char *what, struct error **err) {
    if (!doc || doc->kind == DOC_NULL || doc->kind == kind)
        return 0;
    return doc_error(err, ERROR_INVALID, doc->origin, "%s must be a %s, found %s", what, doc_kind_name(kind),
                     doc_kind_name(doc->kind));
}

// *ret gets the member when it is a list of strings, NULL when it is absent, null or empty.
static int get_text_list(const struct doc *map, const char *key, const struct doc **ret, struct error **err) {
    const struct doc *list = doc_get(map, key);
    int r = expect_kind(list, DOC_LIST, key, err);
    if (r < 0)
        return r;
    DOC_FOREACH_ITEM(item, list)
    if (!doc_is_scalar(item) || item->kind == DOC_NULL)
        return doc_error(err, ERROR_INVALID, item->origin, "%s must hold strings, found %s", key,
                         doc_kind_name(item->kind));
    *ret = doc_count(list) ? list : NULL;
    return 0;
}

static int get_map(const struct doc *map, const char *key, const struct doc **ret, struct error **err) {
    const struct doc *value = doc_get(map, key);
    int r = expect_kind(value, DOC_MAP, key, err);
    if (r == 0)
        *ret = doc_is(value, DOC_MAP) ? value : NULL;
    return r;
}

static int get_list(const struct doc *map, const char *key, const struct doc **ret, struct error **err) {
    const struct doc *value = doc_get(map, key);
    int r = expect_kind(value, DOC_LIST, key, err);
    if (r == 0)
        *ret = doc_count(value) ? value : NULL;
    return r;
}

// A member's text; "" counts as absent, as in both predecessors.
static const char *get_text(const struct doc *map, const char *key) {
    const char *text = doc_get_text(map, key, NULL);
    return str_is_empty(text) ? NULL : text;
}

static int copy_texts(struct arena *arena, const struct doc *map, const char *key, const char ***ret, size_t *ret_count,
                      struct error **err) {
    const struct doc *list = NULL;
    int r = get_text_list(map, key, &list, err);
    if (r < 0)
        return r;
    const char **texts = arena_new_array(arena, const char *, doc_count(list));
    DOC_FOREACH_ITEM(item, list)
    texts[item_index] = doc_text(item);
    *ret = texts;
    *ret_count = doc_count(list);
    return 0;
}

// --- parts ---

int constraint_from_doc(const struct doc *doc, struct constraint *ret, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "a constraint must be a map with name and value, found %s",
                         doc_kind_name(doc->kind));
    const char *name = get_text(doc, "name");
    if (!name)
        return doc_error(err, ERROR_INVALID, doc->origin, "a constraint has no name");
    if (!get_text(doc, "value"))
        return doc_error(err, ERROR_INVALID, doc->origin, "constraint '%s' has no value", name);
    *ret = (struct constraint){
        .name = name,
        .value = get_text(doc, "value"),
        .severity = get_text(doc, "severity"),
        .remediation = get_text(doc, "remediation"),
        .unit = get_text(doc, "unit"),
        .source = get_text(doc, "source"),
        .why = get_text(doc, "why"),
        .relax = doc_get_bool(doc, "relax", false),
        .relax_why = get_text(doc, "relaxWhy"),
        .doc = doc,
    };
    return 0;
}

static int read_type(const struct doc *doc, enum component_type *ret, struct error **err) {
    const char *type = get_text(doc, "type");
    *ret = COMPONENT_HELM;
    if (!type || str_eq_ignore_case(type, "Helm"))
        return 0;
    *ret = COMPONENT_KUSTOMIZE;
    if (str_eq_ignore_case(type, "Kustomize"))
        return 0;
    return doc_error(err, ERROR_INVALID, doc_get(doc, "type")->origin,
                     "component type '%s' is unknown; it is Helm or Kustomize", type);
}

static int read_manifests(struct arena *arena, const struct doc *doc, struct component *component, struct error **err) {
    const struct doc *list = NULL;
    int r = get_list(doc, "manifests", &list, err);
    if (r < 0 || !list)
        return r;
    component->manifests = arena_new_array(arena, struct manifest, doc_count(list));
    DOC_FOREACH_ITEM(item, list) {
        const char *path = get_text(item, "path");
        const struct doc *text = doc_get(item, "text");
        if (!path || !doc_is_scalar(text))
            return doc_error(err, ERROR_INVALID, item->origin, "an inlined manifest must have path and text");
        component->manifests[component->manifest_count++] =
            (struct manifest){.path = path, .text = text->text, .is_pre = doc_get_bool(item, "pre", false)};
    }
    return 0;
}

static int read_registry(struct arena *arena, const struct doc *doc, struct component *component, struct error **err) {
    const struct doc *entry = NULL;
    int r = get_map(doc, "registry", &entry, err);
    if (r < 0 || !entry)
        return r;
    struct registry_entry *registry = arena_new_object(arena, struct registry_entry);
    registry->name = doc_get_text(entry, "name", component->name);
    registry->display_name = doc_get_text(entry, "displayName", registry->name);
    registry->doc = entry;
    component->registry = registry;
    return 0;
}

static int read_component_parts(struct arena *arena, const struct doc *doc, struct component *component,
                                struct error **err) {
    int r = read_type(doc, &component->type, err);
    r = r < 0 ? r : get_map(doc, "overrides", &component->overrides, err);
    r = r < 0 ? r : get_map(doc, "values", &component->values, err);
    r = r < 0 ? r : get_text_list(doc, "dependencyRefs", &component->dependency_refs, err);
    r = r < 0 ? r : get_text_list(doc, "manifestFiles", &component->manifest_files, err);
    r = r < 0 ? r : get_text_list(doc, "preManifestFiles", &component->pre_manifest_files, err);
    r = r < 0 ? r : get_list(doc, "expectedResources", &component->expected_resources, err);
    r = r < 0 ? r : read_manifests(arena, doc, component, err);
    return r < 0 ? r : read_registry(arena, doc, component, err);
}

static int component_from_doc(struct arena *arena, const struct doc *doc, struct component *ret, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "a componentRef must be a map, found %s",
                         doc_kind_name(doc->kind));
    *ret = (struct component){
        .name = get_text(doc, "name"),
        .namespace_ = get_text(doc, "namespace"),
        .chart = get_text(doc, "chart"),
        .source = get_text(doc, "source"),
        .version = get_text(doc, "version"),
        .tag = get_text(doc, "tag"),
        .path = get_text(doc, "path"),
        .values_file = get_text(doc, "valuesFile"),
        .doc = doc,
    };
    if (!ret->name)
        return doc_error(err, ERROR_INVALID, doc->origin, "a componentRef has no name");
    return read_component_parts(arena, doc, ret, err);
}

static int compare_components(const void *a, const void *b) {
    return strcmp(((const struct component *)a)->name, ((const struct component *)b)->name);
}

static int read_components(struct arena *arena, const struct doc *doc, struct recipe *recipe, struct error **err) {
    const struct doc *list = NULL;
    int r = get_list(doc, "componentRefs", &list, err);
    if (r < 0)
        return r;
    if (doc_count(list) > COMPONENT_LIMIT)
        return doc_error(err, ERROR_LIMIT, list->origin, "componentRefs has %zu items, more than the limit of %d",
                         doc_count(list), COMPONENT_LIMIT);
    recipe->components = arena_new_array(arena, struct component, doc_count(list));
    DOC_FOREACH_ITEM(item, list) {
        r = component_from_doc(arena, item, &recipe->components[recipe->component_count], err);
        if (r < 0)
            return r;
        const char *name = recipe->components[recipe->component_count].name;
        if (recipe_component(recipe, name))
            return doc_error(err, ERROR_INVALID, item->origin, "component '%s' stands in componentRefs twice", name);
        recipe->component_count++;
    }
    qsort(recipe->components, recipe->component_count, sizeof *recipe->components, compare_components);
    return 0;
}

static int compare_constraints(const void *a, const void *b) {
    return strcmp(((const struct constraint *)a)->name, ((const struct constraint *)b)->name);
}

static int read_constraints(struct arena *arena, const struct doc *doc, struct recipe *recipe, struct error **err) {
    const struct doc *list = NULL;
    int r = get_list(doc, "constraints", &list, err);
    if (r < 0)
        return r;
    recipe->constraints = arena_new_array(arena, struct constraint, doc_count(list));
    DOC_FOREACH_ITEM(item, list) {
        r = constraint_from_doc(item, &recipe->constraints[recipe->constraint_count], err);
        if (r < 0)
            return r;
        recipe->constraint_count++;
    }
    qsort(recipe->constraints, recipe->constraint_count, sizeof *recipe->constraints, compare_constraints);
    for (size_t i = 1; i < recipe->constraint_count; i++)
        if (str_eq(recipe->constraints[i - 1].name, recipe->constraints[i].name))
            return doc_error(err, ERROR_INVALID, recipe->constraints[i].doc->origin,
                             "constraint '%s' stands here twice", recipe->constraints[i].name);
    return 0;
}

// An order that was given must name every component once; one that was not is made from the dependencies.
static int read_order(struct arena *arena, const struct doc *doc, struct recipe *recipe, struct error **err) {
    int r = copy_texts(arena, doc, "deploymentOrder", &recipe->deployment_order, &recipe->order_count, err);
    if (r < 0)
        return r;
    if (recipe->order_count == 0) {
        recipe->order_count = recipe->component_count;
        return deployment_order(arena, recipe->components, recipe->component_count, &recipe->deployment_order, err);
    }
    const struct doc *list = doc_get(doc, "deploymentOrder");
    if (recipe->order_count != recipe->component_count)
        return doc_error(err, ERROR_INVALID, list->origin, "deploymentOrder has %zu components, componentRefs %zu",
                         recipe->order_count, recipe->component_count);
    for (size_t i = 0; i < recipe->order_count; i++) {
        if (!recipe_component(recipe, recipe->deployment_order[i]))
            return doc_error(err, ERROR_INVALID, doc_item(list, i)->origin,
                             "deploymentOrder names '%s', which is not in componentRefs", recipe->deployment_order[i]);
        for (size_t j = 0; j < i; j++)
            if (str_eq(recipe->deployment_order[i], recipe->deployment_order[j]))
                return doc_error(err, ERROR_INVALID, doc_item(list, i)->origin, "deploymentOrder names '%s' twice",
                                 recipe->deployment_order[i]);
    }
    return 0;
}

static int read_criteria(const struct doc *doc, struct recipe *recipe, struct error **err) {
    const struct doc *criteria = NULL;
    int r = get_map(doc, "criteria", &criteria, err);
    if (r < 0)
        return r;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *value = get_text(criteria, criteria_field_names[i]);
        recipe->criteria.field[i] = str_eq(value, "any") ? NULL : value;
    }
    const struct doc *nodes = doc_get(criteria, "nodes");
    if (nodes && (!doc_to_int(nodes, &recipe->criteria.nodes) || recipe->criteria.nodes < 0))
        return doc_error(err, ERROR_INVALID, nodes->origin, "criteria.nodes must be an integer of 0 or more");
    return 0;
}

// Both predecessors keep the names of excluded overlays and the reasons in two lists.
static int read_exclusions(struct arena *arena, const struct doc *metadata, struct recipe *recipe, struct error **err) {
    const struct doc *names = NULL, *warnings = NULL;
    int r = get_list(metadata, "excludedOverlays", &names, err);
    r = r < 0 ? r : get_list(metadata, "constraintWarnings", &warnings, err);
    if (r < 0)
        return r;
    recipe->excluded = arena_new_array(arena, struct excluded_overlay, doc_count(names) + doc_count(warnings));
    recipe->warnings = arena_new_array(arena, struct excluded_overlay, doc_count(warnings));
    // The value tells whether a warning gave the reason.
    static char excluded, explained;
    _cleanup_map_ struct map by_name = {0};
    DOC_FOREACH_ITEM(item, names) {
        // Newer ones are maps with a reason.
        const char *name = doc_is(item, DOC_MAP) ? get_text(item, "name") : doc_text(item);
        if (!name)
            return doc_error(err, ERROR_INVALID, item->origin, "excludedOverlays must hold names");
        map_put(&by_name, name, &excluded);
    }
    DOC_FOREACH_ITEM(item, warnings) {
        struct excluded_overlay row = {
            .overlay = get_text(item, "overlay"),
            .constraint = get_text(item, "constraint"),
            .expected = get_text(item, "expected"),
            .actual = get_text(item, "actual"),
            .reason = get_text(item, "reason"),
        };
        if (row.overlay && map_has(&by_name, row.overlay)) {
            recipe->excluded[recipe->excluded_count++] = row;
            map_put(&by_name, row.overlay, &explained);
        } else {
            recipe->warnings[recipe->warning_count++] = row;
        }
    }
    for (size_t i = 0; i < by_name.count; i++)
        if (by_name.entries[i].value == &excluded)
            recipe->excluded[recipe->excluded_count++] = (struct excluded_overlay){.overlay = by_name.entries[i].key};
    return 0;
}

static int read_profile(const struct doc *doc, struct recipe *recipe, struct error **err) {
    struct recipe_profile profile = {
        .name = get_text(doc, "name"),
        .value = get_text(doc, "value"),
        .advertiser = get_text(doc, "advertiser"),
        .doc = doc,
    };
    if (!profile.name || !profile.value)
        return doc_error(err, ERROR_INVALID, doc->origin, "a selected profile must have name and value");
    int r = get_map(doc, "ownedPaths", &profile.owned_paths, err);
    DOC_FOREACH_MEMBER(member, profile.owned_paths) {
        const struct doc *ignored = NULL;
        r = r < 0 ? r : get_text_list(profile.owned_paths, member->key, &ignored, err);
    }
    if (r >= 0)
        recipe->profiles[recipe->profile_count++] = profile;
    return r;
}

static int read_profiles(struct arena *arena, const struct doc *metadata, struct recipe *recipe, struct error **err) {
    const struct doc *one = NULL, *list = NULL;
    int r = get_map(metadata, "selectedProfile", &one, err);
    r = r < 0 ? r : get_list(metadata, "selectedProfiles", &list, err);
    if (r < 0)
        return r;
    recipe->profiles = arena_new_array(arena, struct recipe_profile, doc_count(list) + 1);
    r = one ? read_profile(one, recipe, err) : 0;
    DOC_FOREACH_ITEM(item, list)
    r = r < 0 ? r : read_profile(item, recipe, err);
    return r;
}

// --- the whole document ---

static int check_kind(const struct doc *doc, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "a recipe must be a map, found %s", doc_kind_name(doc->kind));
    const char *kind = get_text(doc, "kind");
    if (!kind) {
        doc_error(err, ERROR_INVALID, doc->origin, "this document has no kind; a recipe has kind RecipeResult");
        return error_hint(err, "cnsctl recipe makes one");
    }
    if (!str_eq(kind, "RecipeResult") && !str_eq(kind, "recipeResult")) {
        doc_error(err, ERROR_INVALID, doc_get(doc, "kind")->origin,
                  "this document is a %s, where a recipe (kind RecipeResult) is expected", kind);
        if (str_eq_ignore_case(kind, "RecipeMetadata"))
            error_hint(err, "an overlay becomes part of a recipe through cnsctl recipe --data DIR");
        return -ERROR_INVALID;
    }
    const char *version = get_text(doc, "apiVersion");
    if (!version)
        return doc_error(err, ERROR_INVALID, doc->origin, "this recipe has no apiVersion");
    if (!api_version_is_known(version))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "apiVersion")->origin,
                         "apiVersion '%s' is unknown; " API_VERSIONS_READ " can be read", version);
    return 0;
}

int recipe_from_doc(struct arena *arena, const struct doc *doc, struct recipe **ret, struct error **err) {
    int r = check_kind(doc, err);
    if (r < 0)
        return r;
    struct recipe *recipe = arena_new_object(arena, struct recipe);
    recipe->doc = doc;
    recipe->source = doc->origin.source;
    const struct doc *metadata = NULL;
    r = get_map(doc, "metadata", &metadata, err);
    recipe->version = get_text(metadata, "version");
    recipe->catalog_version = doc_get_text(doc_get(metadata, "catalog"), "version", NULL);
    recipe->catalog_digest = doc_get_text(doc_get(metadata, "catalog"), "digest", NULL);
    r = r < 0 ? r
              : copy_texts(arena, metadata, "appliedOverlays", &recipe->applied_overlays, &recipe->applied_count, err);
    r = r < 0 ? r : read_exclusions(arena, metadata, recipe, err);
    r = r < 0 ? r : read_profiles(arena, metadata, recipe, err);
    r = r < 0 ? r : read_criteria(doc, recipe, err);
    r = r < 0 ? r : read_constraints(arena, doc, recipe, err);
    r = r < 0 ? r : read_components(arena, doc, recipe, err);
    r = r < 0 ? r : read_order(arena, doc, recipe, err);
    r = r < 0 ? r : get_map(doc, "validation", &recipe->validation, err);
    if (r < 0)
        return r;
    recipe_add_remarks(arena, recipe);
    *ret = recipe;
    return 0;
}
