// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "base/text.h"
#include "base/vec.h"
#include "catalog/state.h"
#include "doc/load.h"

#include <stdlib.h>

// No file of a catalog is near this; a larger one is a mistake.
#define FILE_SIZE_LIMIT ((size_t)10 * 1024 * 1024)

// --- files ---

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct catalog_file *)a)->path, ((const struct catalog_file *)b)->path);
}

const struct catalog_file *catalog_find_external(const struct catalog *catalog, const char *path) {
    struct catalog_file key = {.path = path};
    return bsearch(&key, catalog->external, catalog->external_count, sizeof key, compare_files);
}

const struct catalog_file *catalog_find_builtin(struct catalog *catalog, const char *path) {
    const struct embedded_file *embedded = embedded_find(catalog->embedded, path);
    if (!embedded)
        return NULL;
    // Made once: a program that resolves for days must not grow by each question.
    struct catalog_file *file = &catalog->builtin[embedded - catalog->embedded->files];
    if (!file->path)
        *file = (struct catalog_file){
            .path = embedded->path,
            .name = embedded->name ? embedded->name : arena_printf(catalog->arena, "recipes/%s", embedded->path),
            .bytes = embedded->bytes,
            .length = embedded->length,
            .embedded = embedded};
    return file;
}

const struct catalog_file *catalog_find_file(struct catalog *catalog, const char *path) {
    const struct catalog_file *file = catalog_find_external(catalog, path);
    return file || catalog->mode == CATALOG_REPLACE ? file : catalog_find_builtin(catalog, path);
}

size_t catalog_list(struct catalog *catalog, const char *prefix, const char *const **ret) {
    size_t embedded_count = catalog->mode == CATALOG_REPLACE ? 0 : catalog->embedded->file_count, count = 0;
    const struct embedded_file *files = catalog->embedded->files;
    const char **paths = arena_new_array(catalog->arena, const char *, catalog->external_count + embedded_count + 1);
    for (size_t i = 0; i < catalog->external_count; i++)
        if (str_has_prefix(catalog->external[i].path, prefix))
            paths[count++] = catalog->external[i].path;
    for (size_t i = embedded_count ? embedded_first(catalog->embedded, prefix) : 0;
         i < embedded_count && str_has_prefix(files[i].path, prefix); i++)
        if (!catalog_find_external(catalog, files[i].path))
            paths[count++] = files[i].path;
    // Built-in ones come in order.
    if (catalog->external_count && count)
        qsort(paths, count, sizeof *paths, compare_strings);
    *ret = paths;
    return count;
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

int catalog_load_file(struct catalog *catalog, const struct catalog_file *file, const struct doc **ret,
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
    return file ? catalog_load_file(catalog, file, ret, err) : file_not_found(catalog, path, err);
}

int catalog_builtin_document(struct catalog *catalog, const char *path, const struct doc **ret, struct error **err) {
    const struct catalog_file *file = catalog_find_builtin(catalog, path);
    return file ? catalog_load_file(catalog, file, ret, err) : file_not_found(catalog, path, err);
}

bool catalog_path_is_yaml(const char *path) {
    return str_has_suffix(path, ".yaml") || str_has_suffix(path, ".yml");
}

// --- what was read ---

void catalog_add_note(struct catalog *catalog, const char *note) {
    if (catalog->note_count == catalog->note_capacity) {
        size_t capacity = catalog->note_capacity ? catalog->note_capacity * 2 : 8;
        catalog->notes = arena_grow(catalog->arena, catalog->notes, catalog->note_capacity * sizeof *catalog->notes,
                                    capacity * sizeof *catalog->notes);
        catalog->note_capacity = capacity;
    }
    catalog->notes[catalog->note_count++] = note;
}

const struct catalog_identity *catalog_identity(const struct catalog *catalog) {
    return &catalog->identity;
}

enum catalog_mode catalog_mode(const struct catalog *catalog) {
    return catalog->mode;
}

bool catalog_is_predecessor(const struct catalog *catalog) {
    return catalog->is_predecessor;
}

bool catalog_is_newer(const struct catalog *catalog) {
    return catalog->is_newer;
}

size_t catalog_notes(const struct catalog *catalog, const char *const **ret) {
    *ret = catalog->notes;
    return catalog->note_count;
}

// --- opening ---

static int check_replacement(const struct catalog *catalog, struct error **err) {
    const char *missing = !catalog->base.name                              ? BASE_PATH
                          : !catalog_find_external(catalog, REGISTRY_PATH) ? REGISTRY_PATH
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
        if (str_eq(path, REGISTRY_PATH) || str_eq(path, "criteria.yaml") || str_eq(path, "compatibility.yaml") ||
            str_has_prefix(path, "hardware/") || str_has_prefix(path, "overlays/") ||
            str_has_prefix(path, MIXIN_FOLDER) || str_has_prefix(path, "components/") ||
            str_has_prefix(path, "tuning/"))
            return 0;
    }
    error_set(err, ERROR_NOT_FOUND,
              "%s: holds none of registry.yaml, criteria.yaml, compatibility.yaml, overlays/, mixins/, components/ and "
              "hardware/",
              catalog->directory);
    return error_hint(err, "name the folder that holds them; docs/recipe.md shows the layout");
}

static int check_content(struct catalog *catalog, struct error **err) {
    if (catalog->mode == CATALOG_OVERLAY)
        return check_addition(catalog, err);
    catalog->is_predecessor = catalog->base.is_predecessor;
    catalog->is_newer = catalog->base.is_newer;
    return check_replacement(catalog, err);
}

int catalog_open(struct arena *arena, const struct catalog_spec *spec, struct catalog **ret, struct error **err) {
    struct catalog *catalog = arena_new_object(arena, struct catalog);
    catalog->arena = arena;
    catalog->embedded = spec->embedded ? spec->embedded : &embedded_knowledge;
    catalog->builtin = arena_new_array(arena, struct catalog_file, catalog->embedded->file_count);
    catalog->mode = spec->mode;
    catalog->directory = spec->directory;
    catalog->external = arena_new_array(arena, struct catalog_file, spec->count);
    catalog->external_count = spec->count;
    if (spec->count)
        memcpy(catalog->external, spec->files, spec->count * sizeof *spec->files);
    qsort(catalog->external, catalog->external_count, sizeof *catalog->external, compare_files);
    int r = catalog_read_overlays(catalog, err);
    r = r < 0 ? r : catalog_read_mixins(catalog, err);
    r = r < 0 ? r : check_content(catalog, err);
    r = r < 0 ? r : catalog_identify(arena, spec, &catalog->identity, err);
    if (r < 0)
        return r;
    if (!catalog->base.name)
        return error_set(err, ERROR_INTERNAL, "this build holds no knowledge: %s is missing", BASE_PATH);
    *ret = catalog;
    return 0;
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
        if (r >= 0 && catalog_find_external(catalog, REGISTRY_PATH))
            r = catalog_document(catalog, REGISTRY_PATH, &external, err);
        r = r < 0 || !builtin ? r : registry_add(catalog->arena, &registry, builtin, err);
        r = r < 0 || !external ? r : registry_add(catalog->arena, &registry, external, err);
        if (r < 0)
            return r;
        const char *note = external ? registry_idle_keys(catalog->arena, external) : NULL;
        if (note)
            catalog_add_note(catalog, note);
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
