// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "recipe/merge_parts.h"
#include "recipe/resolve_state.h"

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

// What belongs to the component wherever it is used comes before what overlays add.
static void fill_manifests(struct resolver *resolver, struct doc *component, const struct doc *entry) {
    const struct doc *own = doc_get(entry, "manifestFiles"), *added = doc_get(component, "manifestFiles");
    if (doc_count(own))
        doc_map_set(resolver->arena, component, "manifestFiles",
                    doc_count(added) ? merge_union(resolver->arena, own, added) : own);
}

// Both predecessors read these and do nothing with them; so do we, but it is told.
static void note_idle_keys(struct resolver *resolver, const struct doc *component) {
    for (size_t i = 0; i < ARRAY_SIZE(component_idle_keys); i++)
        if (doc_get(component, component_idle_keys[i]))
            merger_note(&resolver->merger, "component '%s': %s has no effect", doc_get_text(component, "name", ""),
                        component_idle_keys[i]);
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
    note_idle_keys(resolver, component);
    if (entry)
        fill_manifests(resolver, component, entry->doc);
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

int resolver_fill_components(struct resolver *resolver, struct doc *components, struct error **err) {
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
