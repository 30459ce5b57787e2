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

int embedded_document(struct arena *arena, const struct embedded_file *file, const char *source, const struct doc **ret,
                      struct error **err) {
    if (file->recorded)
        return doc_from_record(arena, file->recorded, file->recorded_length, source, ret, err);
    return doc_load_buffer(arena, file->bytes, file->length, source, DOC_FORMAT_YAML, NULL, ret, err);
}
