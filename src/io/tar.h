// SPDX-License-Identifier: Apache-2.0
#pragma once

// A set of files as one archive: ustar (POSIX.1-1988), not compressed. Written the same way each time: files sorted by
// path, no owner, one time for all. Read strictly, because archives come from outside: regular files and folders only,
// safe relative paths, none of them twice, checksums right, the end in its place. Links, devices and extensions are
// refused.

#include "base/text.h"
#include "io/directory.h"

#include <stdint.h>

// Reads the archive into files sorted by path, their names "<name>/<path>"; files whose path has a part that starts
// with a dot are passed over, as in a folder. The bytes are borrowed; paths and names live in the arena.
// ERROR_INVALID: hostile, truncated, compressed or no archive at all; ERROR_LIMIT.
int tar_read(struct arena *arena, const char *bytes, size_t length, const char *name,
             const struct directory_limits *limits, struct directory_file **ret, size_t *ret_count,
             struct error **err) _must_use_;
// Appends the archive. Paths must be safe and differ; `seconds` since 1970 is every file's time. ERROR_INVALID: a path
// that the format cannot hold.
int tar_write(const struct directory_file *files, size_t count, uint64_t seconds, struct text *out,
              struct error **err) _must_use_;
