// SPDX-License-Identifier: Apache-2.0
#include "usecase/knowledge.h"
#include "base/text.h"
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
