// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files. Reading has a size limit; writing is whole or absent: a temporary file beside the target, fsync, rename.

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <sys/types.h>

// Reads a whole file (or what a pipe or /proc file yields) into *content, which must be {0}. More than `limit` bytes is
// ERROR_LIMIT; a directory is ERROR_INVALID.
int file_read(const char *path, size_t limit, struct text *content, struct error **err) _must_use_;
// Opens what file_read would read; the caller closes *ret_fd.
struct stat;
int file_open_to_read(const char *path, int *ret_fd, struct stat *ret_status, struct error **err) _must_use_;
// Creates or replaces a file by temporary file, fsync and rename. A symbolic link at `path` is followed (its target is
// replaced); a device, pipe or socket (/dev/stdout, /dev/null, a fifo) is written to directly.
int file_write(const char *path, const char *bytes, size_t length, mode_t mode, struct error **err) _must_use_;
// write(2) until all is written. EPIPE is reported like any other error.
int fd_write_all(int fd, const char *bytes, size_t length, const char *name, struct error **err) _must_use_;
// Creates the directory and its parents; an existing directory is fine.
int directory_make(const char *path, struct error **err) _must_use_;
// Removes a file or a directory with all that is in it, never following links; absent is fine.
int path_remove_all(const char *path, struct error **err) _must_use_;
bool path_exists(const char *path);
bool path_is_directory(const char *path);
// "a/b/" + "/c" -> "a/b/c"; the caller frees it.
char *path_join(const char *directory, const char *name);
// The part after the last slash; points into path.
const char *path_base_name(const char *path);
// True when a relative path stays inside its root: not empty, not absolute, no "." or ".." part, no backslash, no NUL.
bool path_is_safe_relative(const char *path);

static inline void close_cleanup(int *fd) {
    extern int close(int);
    if (*fd >= 0)
        close(*fd);
}
#define _cleanup_close_ _cleanup_(close_cleanup)
