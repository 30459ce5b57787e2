// SPDX-License-Identifier: Apache-2.0
#pragma once

// A tree of files in memory: what a deployer renders and what is then written whole, zipped or pushed. Paths are
// relative and safe (path_is_safe_relative), unique, and kept sorted.

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct tree_file {
    const char *path;
    const char *bytes;
    size_t length;
    bool is_executable;
};

struct tree {
    struct arena *arena;
    struct tree_file *files;
    size_t count, capacity;
};

void tree_init(struct tree *tree, struct arena *arena);
// Copies path and bytes. ERROR_INVALID: unsafe path; ERROR_CONFLICT: the path is there already.
int tree_add(struct tree *tree, const char *path, const char *bytes, size_t length, bool is_executable,
             struct error **err) _must_use_;
const struct tree_file *tree_find(const struct tree *tree, const char *path);
