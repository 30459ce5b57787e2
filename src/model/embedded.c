// SPDX-License-Identifier: Apache-2.0
#include "model/embedded.h"

#include <stdlib.h>
#include <string.h>

static int compare_path(const void *path, const void *file) {
    return strcmp(path, ((const struct embedded_file *)file)->path);
}

const struct embedded_file *embedded_find(const struct embedded_knowledge *knowledge, const char *path) {
    return bsearch(path, knowledge->files, knowledge->file_count, sizeof *knowledge->files, compare_path);
}
