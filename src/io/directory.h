// SPDX-License-Identifier: Apache-2.0
#pragma once

// A directory read into memory as a whole, with limits: for folders of data that come from outside. Symbolic links are
// refused anywhere, the directory itself included, so that what is read is what stands there and no loop can be
// followed.

#include "base/arena.h"
#include "base/error.h"

#include <stddef.h>

struct directory_file {
    const char *path; // relative to the directory, parts separated by '/'
    const char *name; // "<directory>/<path>"
    const char *bytes;
    size_t length;
};

// 0 takes the default: 10 MiB a file, 4096 files, 64 MiB in all, 32 levels.
struct directory_limits {
    size_t file_size, file_count, total_size;
    unsigned depth;
};

struct directory_limits directory_limits_or_default(const struct directory_limits *limits);
// Files sorted by path; entries whose name starts with a dot are passed over. Everything lives in the arena.
// ERROR_NOT_FOUND: no such directory; ERROR_INVALID: a link, a device, or not a directory; ERROR_DENIED: unreadable;
// ERROR_LIMIT.
int directory_read(struct arena *arena, const char *directory, const struct directory_limits *limits,
                   struct directory_file **ret, size_t *ret_count, struct error **err) _must_use_;
