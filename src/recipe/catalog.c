// SPDX-License-Identifier: Apache-2.0
#include "recipe/catalog.h"
#include "base/suggest.h"
#include "base/text.h"
#include "doc/load.h"
#include "recipe/overlay.h"
#include "recipe/registry.h"

#include <stdlib.h>

#define BASE_PATH "overlays/base.yaml"
#define REGISTRY_PATH "registry.yaml"
// No file of a catalog is near this; a larger one is a mistake.
#define FILE_SIZE_LIMIT ((size_t)10 * 1024 * 1024)

// A document is known by the bytes that it was made from: names may coincide (--data recipes).
struct parsed {
    const char *bytes;
    const struct doc *doc;
};

struct catalog {
    struct arena *arena;
    const struct embedded_knowledge *embedded;
    enum catalog_mode mode;
    const char *directory;
    bool is_predecessor;
    struct catalog_file *external; // sorted by path
    size_t external_count;
    struct overlay base;
    struct overlay *overlays; // sorted by name
    size_t overlay_count;
    struct parsed *documents;
    size_t document_count, document_capacity;
    struct registry registry;
    bool has_registry;
    const char **notes;
    size_t note_count, note_capacity;
};

// --- files ---

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct catalog_file *)a)->path, ((const struct catalog_file *)b)->path);
}

static const struct catalog_file *find_external(const struct catalog *catalog, const char *path) {
    struct catalog_file key = {.path = path};
    return bsearch(&key, catalog->external, catalog->external_count, sizeof key, compare_files);
}

static const struct catalog_file *find_builtin(struct catalog *catalog, const char *path) {
    const struct embedded_file *embedded = embedded_find(catalog->embedded, path);
    if (!embedded)
        return NULL;
    struct catalog_file *file = arena_new_object(catalog->arena, struct catalog_file);
    *file = (struct catalog_file){.path = embedded->path,
                                  .name = arena_printf(catalog->arena, "recipes/%s", embedded->path),
                                  .bytes = embedded->bytes,
                                  .length = embedded->length,
                                  .embedded = embedded};
    return file;
}

const struct catalog_file *catalog_find_file(struct catalog *catalog, const char *path) {
    const struct catalog_file *file = find_external(catalog, path);
    return file || catalog->mode == CATALOG_REPLACE ? file : find_builtin(catalog, path);
}

static int file_not_found(struct catalog *catalog, const char *path, struct error **err) {
    size_t embedded_count = catalog->mode == CATALOG_REPLACE ? 0 : catalog->embedded->file_count;
    const char **names = arena_new_array(catalog->arena, const char *, catalog->external_count + embedded_count);
    size_t count = 0;
    for (size_t i = 0; i < catalog->external_count; i++)
        names[count++] = catalog->external[i].path;
    for (size_t i = 0; i < embedded_count; i++)
        names[count++] = catalog->embedded->files[i].path;
    error_set(err, ERROR_NOT_FOUND, "the catalog%s%s has no file '%s'", catalog->directory ? " " : "",
              catalog->directory ? catalog->directory : "", path);
    const char *nearest = suggest_nearest(path, names, count);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    return -ERROR_NOT_FOUND;
}

static void keep_document(struct catalog *catalog, const char *bytes, const struct doc *doc) {
    if (catalog->document_count == catalog->document_capacity) {
        size_t old = catalog->document_capacity;
        catalog->document_capacity = old ? old * 2 : 32;
        catalog->documents = arena_grow(catalog->arena, catalog->documents, old * sizeof *catalog->documents,
                                        catalog->document_capacity * sizeof *catalog->documents);
    }
    catalog->documents[catalog->document_count++] = (struct parsed){bytes, doc};
}

static int load_file(struct catalog *catalog, const struct catalog_file *file, const struct doc **ret,
                     struct error **err) {
    for (size_t i = 0; i < catalog->document_count; i++)
        if (catalog->documents[i].bytes == file->bytes) {
            *ret = catalog->documents[i].doc;
            return 0;
        }
    const struct doc_limits limits = {.size = FILE_SIZE_LIMIT};
    int r = file->embedded ? embedded_document(catalog->arena, file->embedded, file->name, ret, err)
                           : doc_load_buffer(catalog->arena, file->bytes, file->length, file->name, DOC_FORMAT_AUTO,
                                             &limits, ret, err);
    if (r == 0)
        keep_document(catalog, file->bytes, *ret);
    return r;
}

int catalog_document(struct catalog *catalog, const char *path, const struct doc **ret, struct error **err) {
    const struct catalog_file *file = catalog_find_file(catalog, path);
    return file ? load_file(catalog, file, ret, err) : file_not_found(catalog, path, err);
}

int catalog_builtin_document(struct catalog *catalog, const char *path, const struct doc **ret, struct error **err) {
    const struct catalog_file *file = find_builtin(catalog, path);
    return file ? load_file(catalog, file, ret, err) : file_not_found(catalog, path, err);
}

// --- which files are overlays ---

static bool is_yaml(const char *path) {
    return str_has_suffix(path, ".yaml") || str_has_suffix(path, ".yml");
}

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
    if (!is_yaml(path) || str_has_prefix(path, "components/") || has_folder(path, "checks"))
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

static void add_note(struct catalog *catalog, const char *note) {
    if (catalog->note_count == catalog->note_capacity) {
        size_t capacity = catalog->note_capacity ? catalog->note_capacity * 2 : 8;
        catalog->notes = arena_grow(catalog->arena, catalog->notes, catalog->note_capacity * sizeof *catalog->notes,
                                    capacity * sizeof *catalog->notes);
        catalog->note_capacity = capacity;
    }
    catalog->notes[catalog->note_count++] = note;
}

static int check_overlay(struct catalog *catalog, const struct overlay *overlay, struct error **err) {
    const char *note = NULL;
    bool is_tolerant = catalog->mode == CATALOG_REPLACE || overlay->is_predecessor;
    int r = overlay_check(catalog->arena, overlay->doc, is_tolerant, &note, err);
    if (note)
        add_note(catalog, note);
    return r;
}

// Reads an external file that may be an overlay; *ret_is_overlay is false when it is another engine's data.
static int read_external(struct catalog *catalog, const struct catalog_file *file, struct overlay *ret,
                         bool *ret_is_overlay, struct error **err) {
    const struct doc *doc = NULL;
    int r = load_file(catalog, file, &doc, err);
    if (r < 0)
        return r;
    const char *kind = doc_get_text(doc, "kind", NULL);
    *ret_is_overlay = str_is_empty(kind) || overlay_is_kind(kind);
    if (!*ret_is_overlay && !str_has_prefix(file->path, "overlays/"))
        return 0;
    if (!*ret_is_overlay && catalog->mode == CATALOG_REPLACE) {
        add_note(catalog, arena_printf(catalog->arena, "%s: a %s, not an overlay; ignored", file->name, kind));
        return 0;
    }
    *ret = (struct overlay){.is_external = true, .file = *file};
    r = overlay_from_doc(doc, ret, err);
    return r < 0 ? r : check_overlay(catalog, ret, err);
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
        if (str_eq(file->path, BASE_PATH))
            catalog->base = overlay;
        else if (is_overlay)
            catalog->overlays[catalog->overlay_count++] = overlay;
    }
    return 0;
}

static void take_embedded_overlays(struct catalog *catalog) {
    for (size_t i = 0; i < catalog->embedded->overlay_count; i++) {
        const struct embedded_overlay *row = &catalog->embedded->overlays[i];
        if (find_external(catalog, row->path))
            continue;
        struct overlay overlay = {.name = row->name,
                                  .base = row->base,
                                  .criteria = row->criteria,
                                  .has_criteria = row->has_criteria,
                                  .file = *find_builtin(catalog, row->path)};
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

static int check_replacement(const struct catalog *catalog, struct error **err) {
    const char *missing = !catalog->base.name                      ? BASE_PATH
                          : !find_external(catalog, REGISTRY_PATH) ? REGISTRY_PATH
                                                                   : NULL;
    if (!missing)
        return 0;
    error_set(err, ERROR_NOT_FOUND, "%s: a catalog must have %s, and this folder has not",
              catalog->directory ? catalog->directory : "catalog", missing);
    return error_hint(err, "to lay a folder over the built-in knowledge, use --data instead of --catalog");
}

static int check_addition(const struct catalog *catalog, struct error **err) {
    if (!catalog->directory)
        return 0;
    for (size_t i = 0; i < catalog->external_count; i++) {
        const char *path = catalog->external[i].path;
        if (str_eq(path, REGISTRY_PATH) || str_eq(path, "criteria.yaml") || str_has_prefix(path, "overlays/") ||
            str_has_prefix(path, "components/"))
            return 0;
    }
    error_set(err, ERROR_NOT_FOUND, "%s: holds none of registry.yaml, criteria.yaml, overlays/ and components/",
              catalog->directory);
    return error_hint(err, "name the folder that holds them; docs/recipe.md shows the layout");
}

static int read_overlays(struct catalog *catalog, struct error **err) {
    catalog->overlays =
        arena_new_array(catalog->arena, struct overlay, catalog->external_count + catalog->embedded->overlay_count);
    if (catalog->mode == CATALOG_OVERLAY)
        take_embedded_overlays(catalog);
    int r = read_external_overlays(catalog, err);
    if (r < 0)
        return r;
    qsort(catalog->overlays, catalog->overlay_count, sizeof *catalog->overlays, compare_overlays);
    r = check_names(catalog, err);
    if (r < 0)
        return r;
    if (catalog->mode == CATALOG_OVERLAY)
        return check_addition(catalog, err);
    catalog->is_predecessor = catalog->base.is_predecessor;
    return check_replacement(catalog, err);
}

int catalog_open(struct arena *arena, const struct catalog_spec *spec, struct catalog **ret, struct error **err) {
    struct catalog *catalog = arena_new_object(arena, struct catalog);
    catalog->arena = arena;
    catalog->embedded = spec->embedded ? spec->embedded : &embedded_knowledge;
    catalog->mode = spec->mode;
    catalog->directory = spec->directory;
    catalog->external = arena_new_array(arena, struct catalog_file, spec->count);
    catalog->external_count = spec->count;
    if (spec->count)
        memcpy(catalog->external, spec->files, spec->count * sizeof *spec->files);
    qsort(catalog->external, catalog->external_count, sizeof *catalog->external, compare_files);
    int r = read_overlays(catalog, err);
    if (r < 0)
        return r;
    if (!catalog->base.name)
        return error_set(err, ERROR_INTERNAL, "this build holds no knowledge: %s is missing", BASE_PATH);
    *ret = catalog;
    return 0;
}

// --- what is known ---

enum catalog_mode catalog_mode(const struct catalog *catalog) {
    return catalog->mode;
}

bool catalog_is_predecessor(const struct catalog *catalog) {
    return catalog->is_predecessor;
}

size_t catalog_notes(const struct catalog *catalog, const char *const **ret) {
    *ret = catalog->notes;
    return catalog->note_count;
}

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
    int r = load_file(catalog, &own->file, &doc, err);
    r = r < 0 ? r : overlay_from_doc(doc, &loaded, err);
    r = r < 0 ? r : check_overlay(catalog, &loaded, err);
    if (r == 0)
        *own = loaded;
    return r;
}

// --- registry ---

int catalog_registry(struct catalog *catalog, const struct registry_entry **ret, size_t *ret_count,
                     struct error **err) {
    if (!catalog->has_registry) {
        struct registry registry = {0};
        const struct doc *builtin = NULL, *external = NULL;
        int r = 0;
        if (catalog->mode == CATALOG_OVERLAY)
            r = catalog_builtin_document(catalog, REGISTRY_PATH, &builtin, err);
        if (r >= 0 && find_external(catalog, REGISTRY_PATH))
            r = catalog_document(catalog, REGISTRY_PATH, &external, err);
        r = r < 0 || !builtin ? r : registry_add(catalog->arena, &registry, builtin, err);
        r = r < 0 || !external ? r : registry_add(catalog->arena, &registry, external, err);
        if (r < 0)
            return r;
        catalog->registry = registry;
        catalog->has_registry = true;
    }
    *ret = catalog->registry.entries;
    *ret_count = catalog->registry.count;
    return 0;
}

int catalog_registry_entry(struct catalog *catalog, const char *name, const struct registry_entry **ret,
                           struct error **err) {
    const struct registry_entry *entries = NULL;
    size_t count = 0;
    int r = catalog_registry(catalog, &entries, &count, err);
    if (r == 0)
        *ret = registry_find(&catalog->registry, name);
    return r;
}
