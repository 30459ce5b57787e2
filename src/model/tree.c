// SPDX-License-Identifier: Apache-2.0
#include "model/tree.h"
#include "base/file.h"

#include <string.h>

void tree_init(struct tree *tree, struct arena *arena) {
    *tree = (struct tree){.arena = arena};
}

// Index of the path, or of the place where it belongs.
static size_t lower_bound(const struct tree *tree, const char *path, bool *ret_found) {
    size_t low = 0, high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(tree->files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = low < tree->count && str_eq(tree->files[low].path, path);
    return low;
}

int tree_add(struct tree *tree, const char *path, const char *bytes, size_t length, bool is_executable,
             struct error **err) {
    if (!path_is_safe_relative(path))
        return error_set(
            err, ERROR_INVALID,
            "'%s' is no safe path for a file of a bundle: it must be relative, without '..' and backslashes", path);
    bool is_there;
    size_t index = lower_bound(tree, path, &is_there);
    if (is_there)
        return error_set(err, ERROR_CONFLICT, "two files of the bundle want the path '%s'", path);
    if (tree->count == tree->capacity) {
        size_t capacity = tree->capacity ? tree->capacity * 2 : 32;
        tree->files =
            arena_grow(tree->arena, tree->files, tree->capacity * sizeof *tree->files, capacity * sizeof *tree->files);
        tree->capacity = capacity;
    }
    memmove(tree->files + index + 1, tree->files + index, (tree->count - index) * sizeof *tree->files);
    tree->files[index] = (struct tree_file){
        .path = arena_strdup(tree->arena, path),
        .bytes = arena_strndup(tree->arena, bytes, length),
        .length = length,
        .is_executable = is_executable,
    };
    tree->count++;
    return 0;
}

const struct tree_file *tree_find(const struct tree *tree, const char *path) {
    bool is_there;
    size_t index = lower_bound(tree, path, &is_there);
    return is_there ? &tree->files[index] : NULL;
}
