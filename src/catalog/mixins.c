// SPDX-License-Identifier: Apache-2.0
// The mixins of a catalog. Embedded ones are known by the names of their files, which equal their own.
#include "base/suggest.h"
#include "base/text.h"
#include "catalog/mixin.h"
#include "catalog/state.h"

#include <stdlib.h>

static const char *file_stem(struct arena *arena, const char *path) {
    const char *name = path + strlen(MIXIN_FOLDER), *dot = strrchr(name, '.');
    return arena_strndup(arena, name, (size_t)(dot - name));
}

static bool is_mixin_path(const char *path) {
    return str_has_prefix(path, MIXIN_FOLDER) && catalog_path_is_yaml(path);
}

// The rest of a file is filled in when the mixin is loaded.
static void take_embedded(struct catalog *catalog) {
    const struct embedded_knowledge *embedded = catalog->embedded;
    for (size_t i = embedded_first(embedded, MIXIN_FOLDER);
         i < embedded->file_count && str_has_prefix(embedded->files[i].path, MIXIN_FOLDER); i++) {
        const char *path = embedded->files[i].path;
        if (is_mixin_path(path) && !catalog_find_external(catalog, path))
            catalog->mixins[catalog->mixin_count++] =
                (struct mixin){.name = file_stem(catalog->arena, path), .file = {.path = path}};
    }
}

static int check_mixin(struct catalog *catalog, const struct mixin *mixin, struct error **err) {
    const char *note = NULL;
    bool is_tolerant = catalog->mode == CATALOG_REPLACE || mixin->is_predecessor;
    int r = mixin_check(catalog->arena, mixin->doc, is_tolerant, &note, err);
    if (note)
        catalog_add_note(catalog, note);
    return r;
}

static int read_external(struct catalog *catalog, struct error **err) {
    for (size_t i = 0; i < catalog->external_count; i++) {
        const struct catalog_file *file = &catalog->external[i];
        struct mixin mixin = {.is_external = true, .file = *file};
        const struct doc *doc = NULL;
        if (!is_mixin_path(file->path))
            continue;
        int r = catalog_load_file(catalog, file, &doc, err);
        r = r < 0 ? r : mixin_from_doc(doc, &mixin, err);
        r = r < 0 ? r : check_mixin(catalog, &mixin, err);
        if (r < 0)
            return r;
        catalog->mixins[catalog->mixin_count++] = mixin;
    }
    return 0;
}

static int compare_mixins(const void *a, const void *b) {
    const struct mixin *first = a, *second = b;
    int order = strcmp(first->name, second->name);
    return order ? order : strcmp(first->file.path, second->file.path);
}

static const char *place(const struct mixin *mixin) {
    return mixin->file.name ? mixin->file.name : mixin->file.path;
}

static int check_names(const struct catalog *catalog, struct error **err) {
    for (size_t i = 1; i < catalog->mixin_count; i++) {
        const struct mixin *mixin = &catalog->mixins[i];
        if (!str_eq(mixin->name, mixin[-1].name))
            continue;
        error_set(err, ERROR_INVALID, "%s and %s are both named '%s'", place(&mixin[-1]), place(mixin), mixin->name);
        return error_hint(err, "to replace a mixin, put the new one at the same relative path");
    }
    return 0;
}

int catalog_read_mixins(struct catalog *catalog, struct error **err) {
    size_t limit = catalog->external_count + catalog->embedded->file_count;
    catalog->mixins = arena_new_array(catalog->arena, struct mixin, limit);
    if (catalog->mode == CATALOG_OVERLAY)
        take_embedded(catalog);
    int r = read_external(catalog, err);
    if (r < 0)
        return r;
    qsort(catalog->mixins, catalog->mixin_count, sizeof *catalog->mixins, compare_mixins);
    return check_names(catalog, err);
}

size_t catalog_mixins(const struct catalog *catalog, const struct mixin **ret) {
    *ret = catalog->mixins;
    return catalog->mixin_count;
}

static int compare_name(const void *name, const void *mixin) {
    return strcmp(name, ((const struct mixin *)mixin)->name);
}

static const struct mixin *find(const struct catalog *catalog, const char *name) {
    return bsearch(name, catalog->mixins, catalog->mixin_count, sizeof *catalog->mixins, compare_name);
}

static int unknown(const struct catalog *catalog, const char *name, const char *where, struct error **err) {
    const char **names = arena_new_array(catalog->arena, const char *, catalog->mixin_count);
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < catalog->mixin_count; i++) {
        names[i] = catalog->mixins[i].name;
        text_addf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    if (!catalog->mixin_count)
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no mixin '%s'; the catalog has none at all", where, name);
    error_set(err, ERROR_NOT_FOUND, "%s: there is no mixin '%s'; there are %s", where, name, text_str(&list));
    const char *nearest = suggest_nearest(name, names, catalog->mixin_count);
    return nearest ? error_hint(err, "did you mean '%s'?", nearest) : -ERROR_NOT_FOUND;
}

int catalog_mixin(struct catalog *catalog, const char *name, const char *where, const struct mixin **ret,
                  struct error **err) {
    const struct mixin *found = find(catalog, name);
    if (!found)
        return unknown(catalog, name, where, err);
    // The catalog owns its mixins; callers see them as constants.
    struct mixin *own = (struct mixin *)found, loaded = *found;
    const struct doc *doc = NULL;
    if (!own->doc) {
        loaded.file = own->is_external ? own->file : *catalog_find_builtin(catalog, own->file.path);
        int r = catalog_load_file(catalog, &loaded.file, &doc, err);
        r = r < 0 ? r : mixin_from_doc(doc, &loaded, err);
        r = r < 0 ? r : check_mixin(catalog, &loaded, err);
        if (r < 0)
            return r;
        *own = loaded;
    }
    *ret = own;
    return 0;
}
