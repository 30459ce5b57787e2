// SPDX-License-Identifier: Apache-2.0
// Rules of lint about single files: that they load, say what they are, have the names that they should, and are used.
#include "base/alloc.h"
#include "base/text.h"
#include "catalog/mixin.h"
#include "catalog/overlay.h"
#include "lint/context.h"
#include "model/api_version.h"

static const char *const kind_names[] = {
    [LINT_REGISTRY] = "ComponentRegistry",
    [LINT_CRITERIA] = "CriteriaCatalog",
    [LINT_GPUS] = "GPUCatalog",
    [LINT_REMEDIATION] = "RemediationCatalog",
    [LINT_COMPATIBILITY] = "CompatibilityCatalog",
    [LINT_INSTANCES] = "InstanceCatalog",
    [LINT_SERVICES] = "ServiceCatalog",
    [LINT_CATALOG] = "Catalog",
    [LINT_OVERLAY] = "RecipeMetadata",
    [LINT_MIXIN] = "RecipeMixin",
    [LINT_FACTS] = "ComponentFacts",
    [LINT_UPGRADES] = "ComponentUpgrades",
    [LINT_TUNING] = "TuningProfile",
    [LINT_DELIVERY] = "TuningDelivery",
    [LINT_TEMPLATE] = NULL,
};

// --- loading ---

void lint_rule_loads(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (file->load_error)
            lint_find_error(lint, file->load_error, "correct the file at this place");
    }
}

static void check_head(struct lint *lint, const struct lint_file *file, const char *expected) {
    const char *kind = doc_get_text(file->doc, "kind", NULL), *version = doc_get_text(file->doc, "apiVersion", NULL);
    const struct doc *kind_node = doc_get(file->doc, "kind"), *version_node = doc_get(file->doc, "apiVersion");
    const char *remedy = arena_printf(lint->arena, "set kind: %s", expected);
    if (!doc_is(file->doc, DOC_MAP))
        lint_find(lint, lint_file_origin(file), remedy, "a document of kind %s is expected here, found a %s", expected,
                  doc_kind_name(file->doc->kind));
    else if (!kind)
        lint_find(lint, lint_file_origin(file), remedy, "this document has no kind");
    else if (!str_eq_ignore_case(kind, expected))
        lint_find(lint, kind_node->origin, remedy, "this document is a %s; at this path a %s is expected", kind,
                  expected);
    else if (!version || !api_version_is_known(version))
        lint_find(lint, version_node ? version_node->origin : lint_file_origin(file),
                  "set apiVersion: cns.nvidia.com/v1alpha1", version ? "apiVersion '%s' is unknown" : "%sno apiVersion",
                  version ? version : "");
}

void lint_rule_kind(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (!file->doc)
            continue;
        if (file->kind != LINT_VALUES && file->kind != LINT_OTHER)
            check_head(lint, file, kind_names[file->kind]);
        else if (file->kind == LINT_VALUES && !doc_is(file->doc, DOC_MAP) && !doc_is(file->doc, DOC_NULL))
            lint_find(lint, lint_file_origin(file), "write the values as a map",
                      "a values file must hold a map, found a %s", doc_kind_name(file->doc->kind));
        else if (file->kind == LINT_OTHER && !doc_get(file->doc, "kind"))
            lint_find(lint, lint_file_origin(file), "give it a kind, or move it below components/<name>/",
                      "this document has no kind, so nothing reads it");
    }
    if (lint->catalog_error)
        lint_find_error(lint, lint->catalog_error, "see docs/recipe.md for what a catalog must hold");
    if (lint->vocabulary_error)
        lint_find_error(lint, lint->vocabulary_error, "see docs/recipe-format.md for what criteria.yaml holds");
}

static void check_shape(struct lint *lint, const struct lint_file *file) {
    const char *note = NULL, *what = file->kind == LINT_MIXIN ? "mixin" : "overlay";
    _cleanup_error_ struct error *head_error = NULL, *error = NULL;
    struct overlay overlay;
    struct mixin mixin;
    int r = file->kind == LINT_MIXIN ? mixin_from_doc(file->doc, &mixin, &head_error)
                                     : overlay_from_doc(file->doc, &overlay, &head_error);
    // What is wrong with the head is told by document-kind, but for the name.
    if (r < 0 && str_is_empty(doc_get_text(doc_get(file->doc, "metadata"), "name", NULL)))
        lint_find(lint, lint_file_origin(file), "add metadata.name, the name of the file without .yaml",
                  "this %s has no metadata.name", what);
    if (r < 0)
        return;
    r = file->kind == LINT_MIXIN ? mixin_check(lint->arena, file->doc, true, &note, &error)
                                 : overlay_check(lint->arena, file->doc, true, &note, &error);
    if (r < 0)
        lint_find_error(lint, error,
                        arena_printf(lint->arena, "see docs/recipe-format.md for the shape of the %s", what));
}

void lint_rule_shape(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if ((file->kind == LINT_OVERLAY || file->kind == LINT_MIXIN) && doc_is(file->doc, DOC_MAP))
            check_shape(lint, file);
    }
    const struct registry_entry *entries;
    size_t count;
    _cleanup_error_ struct error *error = NULL;
    if (lint->catalog && catalog_registry(lint->catalog, &entries, &count, &error) < 0)
        lint_find_error(lint, error, "see docs/recipe-format.md for the shape of the registry");
}

// --- names ---

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void lint_rule_names(struct lint *lint) {
    LINT_FOREACH_LAYER(layer, lint) {
        if (str_eq(layer->what, "profile"))
            continue;
        const char *file = base_name(layer->file->file.path), *dot = strrchr(file, '.');
        const struct doc *name = doc_get(doc_get(layer->file->doc, "metadata"), "name");
        if (!str_eq_bytes(file, (size_t)(dot - file), layer->name))
            lint_find(lint, name->origin, arena_printf(lint->arena, "rename the file or the %s", layer->what),
                      "%s '%s' stands in a file named %s", layer->what, layer->name, file);
    }
    LINT_FOREACH_FILE(file, lint) {
        const char *path = base_name(file->file.path);
        const struct doc *own = file->kind == LINT_TUNING ? doc_get(doc_get(file->doc, "metadata"), "name") : NULL;
        if (doc_is_scalar(own) && !str_eq_bytes(path, (size_t)(strrchr(path, '.') - path), doc_text(own)))
            lint_find(lint, own->origin, "rename the file or the profile",
                      "tuning profile '%s' stands in a file named %s", doc_text(own), path);
        bool is_about = file->kind == LINT_FACTS || file->kind == LINT_UPGRADES;
        const struct doc *component = is_about ? doc_get(file->doc, "component") : NULL;
        if (doc_is_scalar(component) && !str_eq(doc_text(component), file->component))
            lint_find(lint, component->origin, "name the component whose folder this is",
                      "%s about '%s' stand in the folder of '%s'", file->kind == LINT_FACTS ? "facts" : "upgrade notes",
                      doc_text(component), file->component);
    }
}

static void check_unique(struct lint *lint, struct map *names, const char *name, const struct doc *node,
                         const char *what) {
    const struct doc *first = map_get(names, name);
    if (first)
        lint_find(lint, node->origin, "give one of the two another name, or take it out",
                  "%s '%s' is there twice; the first stands at %s", what, name,
                  doc_origin_text(lint->arena, first->origin));
    else
        map_put(names, name, (void *)node);
}

// --set takes both, so that a key must not mean two components.
static void check_keys(struct lint *lint, const struct doc *item, const struct map *names, struct map *keys) {
    DOC_FOREACH_ITEM(key, doc_get(item, "valueOverrideKeys")) {
        const struct doc *named = doc_is_scalar(key) ? map_get(names, doc_text(key)) : NULL;
        if (named && named != item)
            lint_find(lint, key->origin, "choose another key", "the override key '%s' is the name of another component",
                      doc_text(key));
        else if (doc_is_scalar(key))
            check_unique(lint, keys, doc_text(key), key, "override key");
    }
}

static void check_registry_names(struct lint *lint, const struct lint_file *registry) {
    _cleanup_map_ struct map names = {0}, keys = {0};
    const struct doc *list = registry ? doc_get(registry->doc, "components") : NULL;
    DOC_FOREACH_ITEM(item, list) {
        const char *name = doc_get_text(item, "name", NULL);
        if (name)
            check_unique(lint, &names, name, item, "component");
    }
    DOC_FOREACH_ITEM(item, list)
    check_keys(lint, item, &names, &keys);
}

void lint_rule_duplicates(struct lint *lint) {
    _cleanup_map_ struct map overlays = {0}, mixins = {0};
    LINT_FOREACH_LAYER(layer, lint)
    if (!str_eq(layer->what, "profile"))
        check_unique(lint, str_eq(layer->what, "mixin") ? &mixins : &overlays, layer->name,
                     doc_get(doc_get(layer->file->doc, "metadata"), "name"), layer->what);
    check_registry_names(lint, lint_document(lint, LINT_REGISTRY));
}

// --- references to files ---

static void check_reference(struct lint *lint, const struct doc *path) {
    if (!doc_is_scalar(path) || str_is_empty(doc_text(path)) || lint_file(lint, doc_text(path)))
        return;
    const char **known = arena_new_array(lint->arena, const char *, lint->file_count);
    for (size_t i = 0; i < lint->file_count; i++)
        known[i] = lint->files[i].file.path;
    const char *remedy =
        lint_suggest(lint, doc_text(path), known, lint->file_count, "add the file, or take the reference out");
    lint_find(lint, path->origin, remedy, "there is no file '%s'", doc_text(path));
}

static void check_facts_files(struct lint *lint, const struct lint_file *facts) {
    DOC_FOREACH_ITEM(item, doc_get(facts->doc, "facts")) {
        const struct doc *name = doc_get(item, "file");
        if (name && doc_is_scalar(name) &&
            !lint_file(lint, arena_printf(lint->arena, "components/%s/%s", facts->component, doc_text(name))))
            lint_find(lint, name->origin, "name a values file of this folder", "there is no file '%s' in this folder",
                      doc_text(name));
    }
}

void lint_rule_missing_files(struct lint *lint) {
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs")) {
            check_reference(lint, doc_get(ref, "valuesFile"));
            DOC_FOREACH_ITEM(path, doc_get(ref, "manifestFiles"))
            check_reference(lint, path);
            DOC_FOREACH_ITEM(path, doc_get(ref, "preManifestFiles"))
            check_reference(lint, path);
        }
    }
    const struct lint_file *registry = lint_document(lint, LINT_REGISTRY);
    DOC_FOREACH_ITEM(entry, registry ? doc_get(registry->doc, "components") : NULL) {
        DOC_FOREACH_ITEM(path, doc_get(entry, "manifestFiles"))
        check_reference(lint, path);
    }
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_FACTS)
            check_facts_files(lint, file);
    }
}

// Files that the engine finds by their names, for a component that there is.
static bool is_found_by_name(const struct lint *lint, const struct lint_file *file) {
    static const char *const names[] = {"values.yaml", "facts.yaml", "known-values.yaml", "upgrades.yaml"};
    const char *name = base_name(file->file.path);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_eq(name, names[i]))
            return map_has(&lint->references, file->component) || lint_registry_entry(lint, file->component);
    return false;
}

void lint_rule_unused_files(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        bool is_data = str_has_suffix(file->file.path, ".yaml") || str_has_suffix(file->file.path, ".yml");
        if (!file->component || !is_data || map_has(&lint->references, file->file.path) || is_found_by_name(lint, file))
            continue;
        lint_find(lint, (struct doc_origin){.source = file->file.name}, "name it in an overlay, or delete it",
                  "no overlay and no entry of the registry names this file");
    }
}

// --- templates ---

static void check_template(struct lint *lint, const struct lint_file *file) {
    _cleanup_error_ struct error *error = NULL;
    if (lint->request->parse_template(lint->arena, &file->file, &error) < 0)
        lint_find_error(lint, error, "docs/templates.md lists what manifests may use");
}

void lint_rule_templates(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_TEMPLATE)
            check_template(lint, file);
    }
}
