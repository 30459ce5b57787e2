// SPDX-License-Identifier: Apache-2.0
#include "model/embedded.h"
#include "doc/load.h"
#include "doc/record.h"

#include <stdlib.h>
#include <string.h>

static int compare_path(const void *path, const void *file) {
    return strcmp(path, ((const struct embedded_file *)file)->path);
}

const struct embedded_file *embedded_find(const struct embedded_knowledge *knowledge, const char *path) {
    return bsearch(path, knowledge->files, knowledge->file_count, sizeof *knowledge->files, compare_path);
}

size_t embedded_first(const struct embedded_knowledge *knowledge, const char *prefix) {
    size_t low = 0, high = knowledge->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(knowledge->files[middle].path, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int embedded_document(struct arena *arena, const struct embedded_file *file, const char *source, const struct doc **ret,
                      struct error **err) {
    if (file->recorded)
        return doc_from_record(arena, file->recorded, file->recorded_length, source, ret, err);
    return doc_load_buffer(arena, file->bytes, file->length, source, DOC_FORMAT_YAML, NULL, ret, err);
}
