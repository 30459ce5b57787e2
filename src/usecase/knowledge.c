// SPDX-License-Identifier: Apache-2.0
#include "usecase/knowledge.h"
#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "catalog/identity.h"
#include "io/tar.h"

// The files of a folder have 64 MiB at most; headers and padding of an archive come to that.
#define ARCHIVE_SIZE_LIMIT ((size_t)72 * 1024 * 1024)

static int read_archive(struct arena *arena, const char *path, struct directory_file **ret, size_t *ret_count,
                        struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = file_read(path, ARCHIVE_SIZE_LIMIT, &content, err);
    return r < 0 ? r : tar_read(arena, text_str(&content), content.length, path, NULL, ret, ret_count, err);
}

// A folder may have been changed on purpose since it was packed; an archive is whole or it is damaged.
static int check_index(struct arena *arena, const struct catalog_spec *spec, bool is_archive, struct error **err) {
    const char *path = NULL;
    if (catalog_index_holds(arena, spec, &path))
        return 0;
    if (!is_archive) {
        log_warning("%s: '%s' is not what %s says: a file was changed since the catalog was packed", spec->directory,
                    path, CATALOG_INDEX_PATH);
        return 0;
    }
    error_set(err, ERROR_INVALID, "%s: '%s' is not what %s in the archive says", spec->directory, path,
              CATALOG_INDEX_PATH);
    return error_hint(err, "get the archive again, or pack the catalog anew with cnsctl recipe catalog pack");
}

// "-" is never a catalog: standard input is for documents.
static int read_files(struct arena *arena, const char *place, struct catalog_spec *spec, struct error **err) {
    struct directory_file *files = NULL;
    bool is_archive = path_exists(place) && !path_is_directory(place);
    int r = is_archive ? read_archive(arena, place, &files, &spec->count, err)
                       : directory_read(arena, place, NULL, &files, &spec->count, err);
    if (r < 0)
        return r;
    struct catalog_file *table = arena_new_array(arena, struct catalog_file, spec->count);
    for (size_t i = 0; i < spec->count; i++)
        table[i] = (struct catalog_file){files[i].path, files[i].name, files[i].bytes, files[i].length};
    spec->files = table;
    return check_index(arena, spec, is_archive, err);
}

int knowledge_read(struct arena *arena, const struct knowledge_source *source, struct catalog_spec *ret,
                   struct error **err) {
    if (source->data && source->catalog) {
        error_set(err, ERROR_INVALID, "--data and --catalog exclude each other");
        return error_hint(err,
                          "--data lays a folder over the built-in knowledge, --catalog uses a folder instead of it");
    }
    const char *directory = source->data ? source->data : source->catalog;
    struct catalog_spec spec = {.directory = directory, .mode = source->catalog ? CATALOG_REPLACE : CATALOG_OVERLAY};
    if (!directory) {
        *ret = spec;
        return 0;
    }
    int r = read_files(arena, directory, &spec, err);
    if (r == 0)
        *ret = spec;
    return r;
}

int knowledge_open(struct arena *arena, const struct knowledge_source *source, struct catalog **ret,
                   struct error **err) {
    struct catalog_spec spec;
    int r = knowledge_read(arena, source, &spec, err);
    return r < 0 ? r : catalog_open(arena, &spec, ret, err);
}

// Embedded mixins have the names of their files.
static void add_mixin_name(const char *path, struct strvec *names) {
    const char *folder = "mixins/", *dot = strrchr(path, '.');
    if (str_has_prefix(path, folder) && str_has_suffix(path, ".yaml"))
        strvec_add_bytes(names, path + strlen(folder), (size_t)(dot - path) - strlen(folder));
}

const char *const *knowledge_mixin_names(void) {
    static struct strvec names;
    static const char *const none[] = {NULL};
    if (!names.count)
        for (size_t i = 0; i < embedded_knowledge.file_count; i++)
            add_mixin_name(embedded_knowledge.files[i].path, &names);
    return names.count ? (const char *const *)names.items : none;
}

static void add_profile_choices(const struct doc *overlay, struct strvec *choices) {
    const struct doc *profile = doc_get(doc_get(overlay, "spec"), "profile");
    DOC_FOREACH_MEMBER(value, doc_get(profile, "values"))
    strvec_addf(choices, "%s=%s", doc_get_text(profile, "name", ""), value->key);
}

const char *const *knowledge_profile_choices(void) {
    static struct strvec choices;
    static bool is_made;
    static const char *const none[] = {NULL};
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t i = 0; !is_made && i < embedded_knowledge.file_count; i++) {
        const struct embedded_file *file = &embedded_knowledge.files[i];
        const struct doc *doc = NULL;
        _cleanup_error_ struct error *ignored = NULL;
        if (str_has_prefix(file->path, "overlays/") && embedded_document(arena, file, file->path, &doc, &ignored) == 0)
            add_profile_choices(doc, &choices);
    }
    is_made = true;
    strvec_sort_unique(&choices);
    return choices.count ? (const char *const *)choices.items : none;
}
