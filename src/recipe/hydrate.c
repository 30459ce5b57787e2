// SPDX-License-Identifier: Apache-2.0
#include "recipe/hydrate.h"
#include "base/text.h"
#include "doc/merge.h"

static int load_values(struct catalog *catalog, const char *path, struct doc_origin origin, const struct doc **ret,
                       struct error **err) {
    const struct doc *doc = NULL;
    int r = catalog_document(catalog, path, &doc, err);
    if (r < 0)
        return origin.source ? error_prefix(err, "%s:%u: valuesFile", origin.source, origin.line) : r;
    if (doc->kind == DOC_NULL)
        return 0;
    if (doc->kind != DOC_MAP)
        return doc_error(err, ERROR_INVALID, doc->origin, "values must be a map, found %s", doc_kind_name(doc->kind));
    *ret = doc;
    return 0;
}

int component_hydrate_values(struct arena *arena, struct catalog *catalog, struct component *component,
                             struct error **err) {
    if (component->values)
        return 0;
    const struct doc *values = NULL, *own = NULL;
    if (component->values_file) {
        const char *common = arena_printf(arena, "components/%s/values.yaml", component->name);
        int r = 0;
        if (!str_eq(common, component->values_file) && catalog_find_file(catalog, common))
            r = load_values(catalog, common, (struct doc_origin){0}, &values, err);
        r = r < 0 ? r
                  : load_values(catalog, component->values_file, doc_get(component->doc, "valuesFile")->origin, &own,
                                err);
        if (r < 0)
            return r;
    }
    values = doc_merge(arena, doc_merge(arena, values, own), component->overrides);
    component->values = values ? values : doc_new_map(arena);
    return 0;
}

static int add_manifests(struct catalog *catalog, struct component *component, const struct doc *paths, bool is_pre,
                         struct error **err) {
    DOC_FOREACH_ITEM(item, paths) {
        const struct catalog_file *file = catalog_find_file(catalog, doc_text(item));
        if (!file)
            return doc_error(err, ERROR_NOT_FOUND, item->origin, "component '%s': the catalog has no manifest '%s'",
                             component->name, doc_text(item));
        if (memchr(file->bytes, '\0', file->length))
            return error_set(err, ERROR_INVALID, "%s: holds a NUL byte, so it is no manifest", file->name);
        component->manifests[component->manifest_count++] =
            (struct manifest){.path = file->path, .text = file->bytes, .is_pre = is_pre};
    }
    return 0;
}

static int hydrate_manifests(struct arena *arena, struct catalog *catalog, struct component *component,
                             struct error **err) {
    size_t count = doc_count(component->manifest_files) + doc_count(component->pre_manifest_files);
    if (component->manifests || count == 0)
        return 0;
    component->manifests = arena_new_array(arena, struct manifest, count);
    int r = add_manifests(catalog, component, component->pre_manifest_files, true, err);
    return r < 0 ? r : add_manifests(catalog, component, component->manifest_files, false, err);
}

int recipe_hydrate(struct arena *arena, struct catalog *catalog, struct recipe *recipe, struct error **err) {
    for (size_t i = 0; i < recipe->component_count; i++) {
        struct component *component = &recipe->components[i];
        int r = component_hydrate_values(arena, catalog, component, err);
        r = r < 0 ? r : hydrate_manifests(arena, catalog, component, err);
        if (r >= 0 && !component->registry)
            r = catalog_registry_entry(catalog, component->name, &component->registry, err);
        if (r < 0)
            return r;
    }
    return 0;
}
