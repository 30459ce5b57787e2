// SPDX-License-Identifier: Apache-2.0
#include "usecase/knowledge.h"
#include "base/text.h"
#include "base/vec.h"
#include "io/directory.h"

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
    struct directory_file *files = NULL;
    int r = directory_read(arena, directory, NULL, &files, &spec.count, err);
    if (r < 0)
        return r;
    struct catalog_file *table = arena_new_array(arena, struct catalog_file, spec.count);
    for (size_t i = 0; i < spec.count; i++)
        table[i] = (struct catalog_file){files[i].path, files[i].name, files[i].bytes, files[i].length};
    spec.files = table;
    *ret = spec;
    return 0;
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
