// SPDX-License-Identifier: Apache-2.0
#include "recipe/hydrated.h"
#include "base/text.h"
#include "doc/path.h"

int hydration_need(struct arena *arena, const char *selector, enum hydration_need *ret, const char **ret_component,
                   struct error **err) {
    struct doc_path path = {0};
    int r = doc_path_parse(arena, selector, &path, err);
    if (r < 0)
        return r;
    bool is_components = path.count > 0 && str_eq(path.steps[0].key, "components");
    if (is_components && path.count > 1 && path.steps[1].key)
        *ret_component = path.steps[1].key;
    *ret = path.count == 0  ? HYDRATION_ALL
           : !is_components ? HYDRATION_NONE
                            : (path.count > 1 ? HYDRATION_ONE : HYDRATION_ALL);
    return 0;
}

// Here the number of nodes always stands, so that a query can ask for it.
static const struct doc *criteria_doc(struct arena *arena, const struct criteria *criteria) {
    struct doc *map = criteria_document(arena, criteria);
    if (!criteria->nodes)
        doc_map_set_int(arena, map, "nodes", criteria->nodes);
    return map;
}

static const struct doc *component_doc(struct arena *arena, const struct component *component) {
    static const char *const keys[] = {"name",    "type", "source", "namespace",     "chart",
                                       "version", "tag",  "path",   "dependencyRefs"};
    struct doc *map = doc_new_map(arena);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const struct doc *value = doc_get(component->doc, keys[i]);
        if (value)
            doc_map_set(arena, map, keys[i], value);
    }
    if (component->values)
        doc_map_set(arena, map, "values", component->values);
    return map;
}

const struct doc *recipe_hydrated_doc(struct arena *arena, const struct recipe *recipe) {
    static const char *const keys[] = {"kind", "apiVersion", "metadata"};
    struct doc *map = doc_new_map(arena), *components = doc_new_map(arena);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        if (doc_get(recipe->doc, keys[i]))
            doc_map_set(arena, map, keys[i], doc_get(recipe->doc, keys[i]));
    doc_map_set(arena, map, "criteria", criteria_doc(arena, &recipe->criteria));
    if (recipe->constraint_count)
        doc_map_set(arena, map, "constraints", doc_get(recipe->doc, "constraints"));
    if (doc_get(recipe->doc, "deploymentOrder"))
        doc_map_set(arena, map, "deploymentOrder", doc_get(recipe->doc, "deploymentOrder"));
    for (size_t i = 0; i < recipe->component_count; i++)
        doc_map_set(arena, components, recipe->components[i].name, component_doc(arena, &recipe->components[i]));
    doc_map_set(arena, map, "components", components);
    if (recipe->validation)
        doc_map_set(arena, map, "validation", recipe->validation);
    if (doc_get(recipe->doc, "tuning"))
        doc_map_set(arena, map, "tuning", doc_get(recipe->doc, "tuning"));
    return map;
}
