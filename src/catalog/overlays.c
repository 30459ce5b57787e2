// SPDX-License-Identifier: Apache-2.0
// The overlays of a catalog: which files they are, and their heads.
#include "base/text.h"
#include "catalog/overlay.h"
#include "catalog/state.h"

#include <stdlib.h>

// --- which files are overlays ---

static bool has_folder(const char *path, const char *folder) {
    size_t length = strlen(folder);
    for (const char *at = strstr(path, folder); at; at = strstr(at + 1, folder))
        if ((at == path || at[-1] == '/') && at[length] == '/')
            return true;
    return false;
}

static bool is_never_overlay(const struct catalog *catalog, const char *path) {
    static const char *const names[] = {REGISTRY_PATH, "criteria.yaml", "data-v1.yaml"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (str_eq(path, names[i]))
            return true;
    if (!catalog_path_is_yaml(path) || str_has_prefix(path, "components/") || str_has_prefix(path, MIXIN_FOLDER) ||
        has_folder(path, "checks"))
        return true;
    return !str_has_prefix(path, "overlays/") && embedded_find(catalog->embedded, path);
}

static int refuse_top_level_base(const struct catalog_file *file, struct error **err) {
    error_set(err, ERROR_INVALID,
              "%s: the base is replaced by a file overlays/base.yaml; at the top of the folder it would be an overlay "
              "that nothing refers to",
              file->name);
    return error_hint(err, "move it to overlays/base.yaml, or give it a name and criteria of its own under overlays/");
}

static int check_overlay(struct catalog *catalog, const struct overlay *overlay, struct error **err) {
    const char *note = NULL;
    bool is_tolerant = catalog->mode == CATALOG_REPLACE || overlay->is_predecessor;
    int r = overlay_check(catalog->arena, overlay->doc, is_tolerant, &note, err);
    if (note)
        catalog_add_note(catalog, note);
    return r;
}

// Reads an external file that may be an overlay; *ret_is_overlay is false when it is another engine's data.
static int read_external(struct catalog *catalog, const struct catalog_file *file, struct overlay *ret,
                         bool *ret_is_overlay, struct error **err) {
    const struct doc *doc = NULL;
    int r = catalog_load_file(catalog, file, &doc, err);
    if (r < 0)
        return r;
    const char *kind = doc_get_text(doc, "kind", NULL);
    *ret_is_overlay = str_is_empty(kind) || overlay_is_kind(kind);
    if (!*ret_is_overlay && !str_has_prefix(file->path, "overlays/"))
        return 0;
    if (!*ret_is_overlay && catalog->mode == CATALOG_REPLACE) {
        catalog_add_note(catalog, arena_printf(catalog->arena, "%s: a %s, not an overlay; ignored", file->name, kind));
        return 0;
    }
    *ret = (struct overlay){.is_external = true, .file = *file};
    r = overlay_from_doc(doc, ret, err);
    return r < 0 ? r : check_overlay(catalog, ret, err);
}

// A document with nothing but a profile adds to the built-in overlay at its path, instead of replacing it.
static bool is_extension(struct catalog *catalog, const struct catalog_file *file) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *ignored = NULL;
    if (catalog->mode != CATALOG_OVERLAY || !embedded_find(catalog->embedded, file->path) ||
        catalog_load_file(catalog, file, &doc, &ignored) < 0)
        return false;
    const struct doc *spec = doc_get(doc, "spec");
    return doc_is(spec, DOC_MAP) && doc_count(spec) == 1 && doc_get(spec, "profile");
}

static void extend(struct catalog *catalog, const struct overlay *extension) {
    if (str_eq(extension->file.path, catalog->base.file.path))
        catalog->base.extension = extension->doc;
    for (size_t i = 0; i < catalog->overlay_count; i++)
        if (str_eq(catalog->overlays[i].file.path, extension->file.path))
            catalog->overlays[i].extension = extension->doc;
}

static int read_external_overlays(struct catalog *catalog, struct error **err) {
    for (size_t i = 0; i < catalog->external_count; i++) {
        const struct catalog_file *file = &catalog->external[i];
        if (str_eq(file->path, "base.yaml") || str_eq(file->path, "base.yml"))
            return refuse_top_level_base(file, err);
        if (is_never_overlay(catalog, file->path))
            continue;
        struct overlay overlay;
        bool is_overlay = false;
        int r = read_external(catalog, file, &overlay, &is_overlay, err);
        if (r < 0)
            return r;
        if (is_overlay && is_extension(catalog, file))
            extend(catalog, &overlay);
        else if (str_eq(file->path, BASE_PATH))
            catalog->base = overlay;
        else if (is_overlay)
            catalog->overlays[catalog->overlay_count++] = overlay;
    }
    return 0;
}

static void take_embedded_overlays(struct catalog *catalog) {
    for (size_t i = 0; i < catalog->embedded->overlay_count; i++) {
        const struct embedded_overlay *row = &catalog->embedded->overlays[i];
        const struct catalog_file *external = catalog_find_external(catalog, row->path);
        if (external && !is_extension(catalog, external))
            continue;
        struct overlay overlay = {.name = row->name,
                                  .base = row->base,
                                  .criteria = row->criteria,
                                  .has_criteria = row->has_criteria,
                                  .file = *catalog_find_builtin(catalog, row->path)};
        if (str_eq(row->path, BASE_PATH))
            catalog->base = overlay;
        else
            catalog->overlays[catalog->overlay_count++] = overlay;
    }
}

static int compare_overlays(const void *a, const void *b) {
    const struct overlay *first = a, *second = b;
    int order = strcmp(first->name, second->name);
    return order ? order : strcmp(first->file.path, second->file.path);
}

static int check_names(const struct catalog *catalog, struct error **err) {
    for (size_t i = 0; i < catalog->overlay_count; i++) {
        const struct overlay *overlay = &catalog->overlays[i];
        if (str_eq(overlay->name, "base"))
            return error_set(err, ERROR_INVALID, "%s: an overlay may not be named 'base'; that is %s",
                             overlay->file.name, BASE_PATH);
        if (i == 0 || !str_eq(overlay->name, overlay[-1].name))
            continue;
        error_set(err, ERROR_INVALID, "%s and %s are both named '%s'", overlay[-1].file.name, overlay->file.name,
                  overlay->name);
        return error_hint(err, "to replace an overlay, put the new one at the same relative path");
    }
    return 0;
}

int catalog_read_overlays(struct catalog *catalog, struct error **err) {
    catalog->overlays =
        arena_new_array(catalog->arena, struct overlay, catalog->external_count + catalog->embedded->overlay_count);
    if (catalog->mode == CATALOG_OVERLAY)
        take_embedded_overlays(catalog);
    int r = read_external_overlays(catalog, err);
    if (r < 0)
        return r;
    if (catalog->external_count) // built-in ones come in order
        qsort(catalog->overlays, catalog->overlay_count, sizeof *catalog->overlays, compare_overlays);
    return check_names(catalog, err);
}

// --- what is known ---

size_t catalog_overlays(const struct catalog *catalog, const struct overlay **ret) {
    *ret = catalog->overlays;
    return catalog->overlay_count;
}

static int compare_overlay_name(const void *name, const void *overlay) {
    return strcmp(name, ((const struct overlay *)overlay)->name);
}

const struct overlay *catalog_find_overlay(const struct catalog *catalog, const char *name) {
    if (str_eq(name, "base"))
        return &catalog->base;
    return bsearch(name, catalog->overlays, catalog->overlay_count, sizeof *catalog->overlays, compare_overlay_name);
}

int catalog_overlay_load(struct catalog *catalog, const struct overlay *overlay, struct error **err) {
    if (overlay->doc)
        return 0;
    // The catalog owns its overlays; callers see them as constants.
    struct overlay *own = (struct overlay *)overlay;
    struct overlay loaded = *overlay;
    const struct doc *doc = NULL;
    int r = catalog_load_file(catalog, &own->file, &doc, err);
    r = r < 0 ? r : overlay_from_doc(doc, &loaded, err);
    r = r < 0 ? r : check_overlay(catalog, &loaded, err);
    loaded.extension = own->extension;
    if (r == 0)
        *own = loaded;
    return r;
}
