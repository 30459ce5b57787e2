// SPDX-License-Identifier: Apache-2.0
#include "lint/context.h"
#include "base/suggest.h"
#include "base/text.h"
#include "catalog/mixin.h"
#include "catalog/overlay.h"
#include "doc/load.h"
#include "recipe/resolve.h"

#include <stdlib.h>

#define FILE_SIZE_LIMIT ((size_t)10 * 1024 * 1024)

static const struct {
    const char *path;
    enum lint_kind kind;
} documents[] = {
    {"registry.yaml", LINT_REGISTRY},           {"criteria.yaml", LINT_CRITERIA},
    {"hardware/gpus.yaml", LINT_GPUS},          {"remediation.yaml", LINT_REMEDIATION},
    {"compatibility.yaml", LINT_COMPATIBILITY}, {"hardware/instances.yaml", LINT_INSTANCES},
    {"hardware/services.yaml", LINT_SERVICES},  {"catalog.yaml", LINT_CATALOG},
};

// --- files ---

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct lint_file *)a)->file.path, ((const struct lint_file *)b)->file.path);
}

static int compare_path(const void *path, const void *file) {
    return strcmp(path, ((const struct lint_file *)file)->file.path);
}

struct lint_file *lint_file(const struct lint *lint, const char *path) {
    return bsearch(path, lint->files, lint->file_count, sizeof *lint->files, compare_path);
}

static bool is_yaml(const char *path) {
    return str_has_suffix(path, ".yaml") || str_has_suffix(path, ".yml");
}

static enum lint_kind component_kind(const char *rest) {
    if (str_has_prefix(rest, "manifests/"))
        return LINT_TEMPLATE;
    if (!is_yaml(rest) || strchr(rest, '/'))
        return LINT_OTHER;
    if (str_eq(rest, "facts.yaml"))
        return LINT_FACTS;
    if (str_eq(rest, "upgrades.yaml"))
        return LINT_UPGRADES;
    return str_has_prefix(rest, "values") || str_eq(rest, "known-values.yaml") ? LINT_VALUES : LINT_OTHER;
}

static void classify(struct arena *arena, struct lint_file *file) {
    const char *path = file->file.path;
    for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
        if (str_eq(path, documents[i].path))
            file->kind = documents[i].kind;
    if (str_has_prefix(path, "overlays/") && is_yaml(path))
        file->kind = LINT_OVERLAY;
    if (str_has_prefix(path, "mixins/") && is_yaml(path))
        file->kind = LINT_MIXIN;
    if (str_has_prefix(path, "tuning/") && is_yaml(path))
        file->kind = str_eq(path, "tuning/delivery.yaml") ? LINT_DELIVERY : LINT_TUNING;
    const char *folder = "components/", *name = path + strlen(folder), *slash;
    if (!str_has_prefix(path, folder) || !(slash = strchr(name, '/')))
        return;
    file->component = arena_strndup(arena, name, (size_t)(slash - name));
    file->kind = component_kind(slash + 1);
}

static void load(struct lint *lint, struct lint_file *file) {
    const struct doc_limits limits = {.size = FILE_SIZE_LIMIT};
    bool is_elsewhere =
        file->kind == LINT_OTHER && !file->component && !strchr(file->file.path, '/') && is_yaml(file->file.path);
    if (file->kind == LINT_TEMPLATE || (file->kind == LINT_OTHER && !is_elsewhere))
        return;
    int r = doc_load_buffer(lint->arena, file->file.bytes, file->file.length, file->file.name, DOC_FORMAT_AUTO, &limits,
                            &file->doc, &file->load_error);
    file->is_broken = r < 0;
    // The engine takes overlays from the top of a folder, too.
    if (is_elsewhere && overlay_is_kind(doc_get_text(file->doc, "kind", NULL)))
        file->kind = LINT_OVERLAY;
}

static bool is_replaced(const struct catalog_spec *spec, const char *path) {
    for (size_t i = 0; i < spec->count; i++)
        if (str_eq(spec->files[i].path, path))
            return true;
    return false;
}

static void add_embedded(struct lint *lint) {
    const struct catalog_spec *spec = lint->request->spec;
    const struct embedded_knowledge *embedded = spec->embedded ? spec->embedded : &embedded_knowledge;
    size_t embedded_count = spec->mode == CATALOG_REPLACE ? 0 : embedded->file_count;
    lint->files = arena_new_array(lint->arena, struct lint_file, spec->count + embedded_count);
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded_file *file = &embedded->files[i];
        if (!is_replaced(spec, file->path))
            lint->files[lint->file_count++].file =
                (struct catalog_file){.path = file->path,
                                      .name = arena_printf(lint->arena, "recipes/%s", file->path),
                                      .bytes = file->bytes,
                                      .length = file->length,
                                      .embedded = file};
    }
}

void lint_read_files(struct lint *lint) {
    const struct catalog_spec *spec = lint->request->spec;
    add_embedded(lint);
    for (size_t i = 0; i < spec->count; i++)
        lint->files[lint->file_count++].file = spec->files[i];
    if (lint->file_count)
        qsort(lint->files, lint->file_count, sizeof *lint->files, compare_files);
    LINT_FOREACH_FILE(file, lint) {
        classify(lint->arena, file);
        load(lint, file);
    }
}

struct doc_origin lint_file_origin(const struct lint_file *file) {
    return file->doc && file->doc->origin.source ? file->doc->origin : (struct doc_origin){.source = file->file.name};
}

const struct lint_file *lint_document(const struct lint *lint, enum lint_kind kind) {
    LINT_FOREACH_FILE(file, lint)
    if (file->kind == kind && file->doc)
        return file;
    return NULL;
}

const struct doc *lint_registry_entry(const struct lint *lint, const char *name) {
    const struct lint_file *registry = lint_document(lint, LINT_REGISTRY);
    const struct doc *found = NULL;
    DOC_FOREACH_ITEM(item, registry ? doc_get(registry->doc, "components") : NULL)
    if (str_eq(doc_get_text(item, "name", NULL), name))
        found = item;
    // With a folder over the built-in knowledge, its registry only adds to the other one.
    const struct registry_entry *entry = NULL;
    _cleanup_error_ struct error *ignored = NULL;
    if (!found && lint->catalog && catalog_registry_entry(lint->catalog, name, &entry, &ignored) == 0 && entry)
        found = entry->doc;
    return found;
}

// --- overlays ---

static int compare_overlays(const void *a, const void *b) {
    const struct lint_overlay *first = a, *second = b;
    int order = strcmp(first->head.name, second->head.name);
    return order ? order : strcmp(first->file->file.path, second->file->file.path);
}

static int compare_overlay_name(const void *name, const void *overlay) {
    return strcmp(name, ((const struct lint_overlay *)overlay)->head.name);
}

struct lint_overlay *lint_overlay_find(const struct lint *lint, const char *name) {
    return bsearch(name, lint->overlays, lint->overlay_count, sizeof *lint->overlays, compare_overlay_name);
}

static void add_overlay(struct lint *lint, struct lint_file *file) {
    _cleanup_error_ struct error *ignored = NULL;
    const char *note = NULL;
    struct overlay head = {.file = file->file, .is_external = !file->file.embedded};
    if (overlay_from_doc(file->doc, &head, &ignored) < 0) {
        file->is_broken = true;
        return;
    }
    // Unknown keys are findings of their own and hide nothing else.
    if (overlay_check(lint->arena, file->doc, head.is_predecessor || lint->request->spec->mode == CATALOG_REPLACE,
                      &note, &ignored) < 0)
        file->is_broken = true;
    lint->overlays[lint->overlay_count++] = (struct lint_overlay){
        .file = file, .head = head, .spec = doc_get(file->doc, "spec"), .is_base = str_eq(head.name, "base")};
}

static void add_layer(struct lint *lint, const struct lint_layer *layer) {
    lint->layers[lint->layer_count++] = *layer;
}

static void add_mixin(struct lint *lint, struct lint_file *file) {
    _cleanup_error_ struct error *ignored = NULL;
    struct mixin head = {0};
    const char *note = NULL;
    if (mixin_from_doc(file->doc, &head, &ignored) < 0) {
        file->is_broken = true;
        return;
    }
    if (mixin_check(lint->arena, file->doc, head.is_predecessor || lint->request->spec->mode == CATALOG_REPLACE, &note,
                    &ignored) < 0)
        file->is_broken = true;
    add_layer(lint, &(struct lint_layer){.file = file,
                                         .what = "mixin",
                                         .name = head.name,
                                         .spec = doc_get(file->doc, "spec"),
                                         .is_predecessor = head.is_predecessor});
}

static const struct doc *profile_values(const struct lint_overlay *overlay) {
    return doc_get(doc_get(overlay->spec, "profile"), "values");
}

static void add_profile(struct lint *lint, const struct lint_overlay *overlay) {
    const char *name = doc_get_text(doc_get(overlay->spec, "profile"), "name", "?");
    DOC_FOREACH_MEMBER(value, profile_values(overlay))
    add_layer(lint, &(struct lint_layer){.file = overlay->file,
                                         .what = "profile",
                                         .name = arena_printf(lint->arena, "%s=%s", name, value->key),
                                         .spec = value->value,
                                         .is_predecessor = overlay->head.is_predecessor});
}

static void collect_layers(struct lint *lint) {
    size_t count = lint->file_count;
    LINT_FOREACH_OVERLAY(overlay, lint)
    count += doc_count(profile_values(overlay));
    lint->layers = arena_new_array(lint->arena, struct lint_layer, count);
    LINT_FOREACH_OVERLAY(overlay, lint) {
        add_layer(lint, &(struct lint_layer){.file = overlay->file,
                                             .what = "overlay",
                                             .name = overlay->head.name,
                                             .spec = overlay->spec,
                                             .is_predecessor = overlay->head.is_predecessor});
    }
    LINT_FOREACH_OVERLAY(overlay, lint)
    add_profile(lint, overlay);
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_MIXIN && file->doc)
            add_mixin(lint, file);
    }
}

static void link_overlays(struct lint *lint) {
    lint->base = lint_overlay_find(lint, "base");
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->is_base)
            overlay->base = overlay->head.base ? lint_overlay_find(lint, overlay->head.base) : lint->base;
    }
    LINT_FOREACH_OVERLAY(overlay, lint) {
        const struct lint_overlay *above = overlay->base;
        for (size_t i = 0; above && above != overlay && i < lint->overlay_count; i++)
            above = above->base;
        overlay->is_circular = above != NULL;
    }
}

static void collect_references(struct map *map, const struct doc *doc) {
    if (doc_is(doc, DOC_STRING))
        map_put(map, doc->text, (void *)doc);
    DOC_FOREACH_ITEM(item, doc)
    collect_references(map, item);
    DOC_FOREACH_MEMBER(member, doc)
    collect_references(map, member->value);
}

void lint_read_overlays(struct lint *lint) {
    lint->overlays = arena_new_array(lint->arena, struct lint_overlay, lint->file_count);
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_OVERLAY && file->doc)
            add_overlay(lint, file);
        if (file->kind == LINT_OVERLAY || file->kind == LINT_MIXIN || file->kind == LINT_REGISTRY)
            collect_references(&lint->references, file->doc);
    }
    if (lint->overlay_count)
        qsort(lint->overlays, lint->overlay_count, sizeof *lint->overlays, compare_overlays);
    link_overlays(lint);
    collect_layers(lint);
    LINT_FOREACH_OVERLAY(overlay, lint) {
        struct lint_overlay *above = overlay->head.has_criteria || overlay->is_base ? overlay : NULL;
        for (; above && !above->is_reached; above = above->base)
            above->is_reached = true;
    }
    lint->is_predecessor =
        lint->request->spec->mode == CATALOG_REPLACE && lint->base && lint->base->head.is_predecessor;
    lint->is_newer = lint->is_predecessor && lint->base->head.is_newer;
}

// --- as the engine sees it ---

// Of one name, the engine would take neither.
static void break_same_mixins(struct lint *lint) {
    LINT_FOREACH_LAYER(layer, lint) {
        for (const struct lint_layer *other = lint->layers; other < layer; other++)
            if (str_eq(layer->what, "mixin") && str_eq(other->what, "mixin") && str_eq(layer->name, other->name))
                layer->file->is_broken = other->file->is_broken = true;
    }
}

static bool has_sound_mixins(const struct lint *lint, const struct lint_overlay *overlay) {
    bool is_sound = true;
    DOC_FOREACH_ITEM(name, doc_get(overlay->spec, "mixins")) {
        const struct lint_layer *mixin = lint_mixin(lint, doc_text(name));
        is_sound = is_sound && mixin && !mixin->file->is_broken;
    }
    return is_sound;
}

static bool is_sound(const struct lint *lint, const struct lint_overlay *overlay) {
    for (size_t i = 0; i <= lint->overlay_count; i++) {
        bool is_twice =
            (overlay > lint->overlays && str_eq(overlay->head.name, overlay[-1].head.name)) ||
            (overlay + 1 < lint->overlays + lint->overlay_count && str_eq(overlay->head.name, overlay[1].head.name));
        if (overlay->file->is_broken || overlay->is_circular || is_twice || !has_sound_mixins(lint, overlay))
            return false;
        if (overlay->is_base)
            return true;
        if (!overlay->base)
            return !overlay->head.base;
        overlay = overlay->base;
    }
    return false;
}

void lint_open_catalog(struct lint *lint) {
    const struct catalog_spec *asked = lint->request->spec;
    struct catalog_spec spec = *asked;
    struct catalog_file *files = arena_new_array(lint->arena, struct catalog_file, spec.count);
    break_same_mixins(lint);
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!is_sound(lint, overlay))
            overlay->file->is_broken = true;
    }
    spec.count = 0;
    for (size_t i = 0; i < asked->count; i++) {
        const struct lint_file *file = lint_file(lint, asked->files[i].path);
        if (!file || !file->is_broken)
            files[spec.count++] = asked->files[i];
    }
    spec.files = files;
    if (catalog_open(lint->arena, &spec, &lint->catalog, &lint->catalog_error) < 0)
        lint->catalog = NULL;
    if (lint->catalog && vocabulary_open(lint->arena, lint->catalog, &lint->vocabulary, &lint->vocabulary_error) < 0)
        lint->vocabulary = NULL;
}

int lint_criteria(const struct lint *lint, const struct lint_overlay *overlay, struct criteria *ret,
                  struct error **err) {
    int r = 0;
    *ret = overlay->head.criteria;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (ret->field[i])
            r = vocabulary_resolve(lint->vocabulary, i, ret->field[i], overlay->file->file.name, &ret->field[i], err);
    return r;
}

static int merge(struct lint *lint, struct lint_overlay *overlay, const struct criteria *criteria, struct error **err) {
    struct match match;
    const struct match_request request = {.criteria = criteria};
    int r = catalog_match(lint->arena, lint->catalog, lint->vocabulary, &request, &match, err);
    if (r < 0)
        return r;
    merger_init(&overlay->merger, lint->arena, lint->catalog);
    r = merger_add_match(&overlay->merger, &match, err);
    overlay->is_merged = r == 0;
    merger_done(&overlay->merger);
    return r;
}

void lint_resolve(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        struct recipe_request request = {0};
        if (!lint->vocabulary || overlay->file->is_broken || (!overlay->head.has_criteria && !overlay->is_base))
            continue;
        int r = lint_criteria(lint, overlay, &request.criteria, &overlay->error);
        r = r < 0 ? r : merge(lint, overlay, &request.criteria, &overlay->error);
        if (r == 0 && recipe_resolve(lint->arena, lint->catalog, lint->vocabulary, &request, &overlay->recipe,
                                     &overlay->error) < 0)
            overlay->recipe = NULL;
    }
}

void lint_done(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint)
    error_free(file->load_error);
    LINT_FOREACH_OVERLAY(overlay, lint)
    error_free(overlay->error);
    error_free(lint->catalog_error);
    error_free(lint->vocabulary_error);
    map_done(&lint->references);
    map_done(&lint->charts);
    map_done(&lint->seen);
}

const char *lint_suggest(const struct lint *lint, const char *word, const char *const *known, size_t count,
                         const char *otherwise) {
    const char *nearest = suggest_nearest(word, known, count);
    return nearest ? arena_printf(lint->arena, "did you mean '%s'?", nearest) : otherwise;
}
