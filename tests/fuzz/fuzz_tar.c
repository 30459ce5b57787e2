// SPDX-License-Identifier: Apache-2.0
// An archive from outside: what is accepted has safe paths, each once, and is the same when it is written and read
// again.
#include "base/file.h"
#include "io/tar.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_files(const struct directory_file *files, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!path_is_safe_relative(files[i].path) || (i > 0 && strcmp(files[i - 1].path, files[i].path) >= 0) ||
            files[i].bytes[files[i].length] != '\0')
            abort();
}

static void check_round_trip(struct arena *arena, const struct directory_file *files, size_t count) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text text = {0};
    struct directory_file *again = NULL;
    size_t again_count = 0;
    if (tar_write(files, count, 0, &text, &err) < 0)
        return; // a path that prefix and name of our own cannot hold
    if (tar_read(arena, text_str(&text), text.length, "again", NULL, &again, &again_count, &err) < 0 ||
        again_count != count)
        abort();
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].path, again[i].path) != 0 || files[i].length != again[i].length ||
            memcmp(files[i].bytes, again[i].bytes, files[i].length) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct directory_limits limits = {.file_count = 100};
    struct directory_file *files = NULL;
    size_t count = 0;
    if (tar_read(arena, (const char *)data, size, "archive", &limits, &files, &count, &err) < 0)
        return 0;
    check_files(files, count);
    check_round_trip(arena, files, count);
    return 0;
}
