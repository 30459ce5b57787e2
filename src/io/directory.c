// SPDX-License-Identifier: Apache-2.0
#include "io/directory.h"
#include "base/file.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
    struct arena *arena;
    const char *directory;
    struct directory_limits limits;
    struct directory_file *files;
    size_t count, capacity;
    size_t total;
};

static void closedir_cleanup(DIR **directory) {
    if (*directory)
        closedir(*directory);
}
#define _cleanup_dir_ _cleanup_(closedir_cleanup)

static int refuse_link(const char *name, struct error **err) {
    error_set(err, ERROR_INVALID, "%s: is a symbolic link; links are not followed in a folder of data", name);
    return error_hint(err, "put the file itself there");
}

static int check_limits(const struct walk *walk, const char *name, size_t size, struct error **err) {
    const struct directory_limits *limits = &walk->limits;
    if (walk->count == limits->file_count)
        return error_set(err, ERROR_LIMIT, "%s: holds more than %zu files", walk->directory, limits->file_count);
    if (size > limits->file_size)
        return error_set(err, ERROR_LIMIT, "%s: has %zu bytes, more than the limit of %zu", name, size,
                         limits->file_size);
    if (size > limits->total_size - walk->total)
        return error_set(err, ERROR_LIMIT, "%s: its files have more than %zu bytes in all", walk->directory,
                         limits->total_size);
    return 0;
}

// Up to `size` bytes; *ret_length is less when the file has shrunk meanwhile.
static int read_bytes(int fd, char *bytes, size_t size, const char *name, size_t *ret_length, struct error **err) {
    *ret_length = 0;
    while (*ret_length < size) {
        ssize_t n = read(fd, bytes + *ret_length, size - *ret_length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "cannot read %s", name);
        if (n == 0)
            break;
        *ret_length += (size_t)n;
    }
    bytes[*ret_length] = '\0';
    return 0;
}

// Read by descriptor, so that what was checked is what is read.
static int add_file(struct walk *walk, int parent, const char *entry, const char *path, const char *name,
                    struct error **err) {
    _cleanup_close_ int fd = openat(parent, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ELOOP ? refuse_link(name, err) : error_set_errno(err, errno, "cannot open %s", name);
    struct stat status;
    if (fstat(fd, &status) < 0)
        return error_set_errno(err, errno, "cannot look at %s", name);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_INVALID, "%s: is neither a file nor a directory", name);
    size_t size = (size_t)status.st_size, length = 0;
    int r = check_limits(walk, name, size, err);
    if (r < 0)
        return r;
    char *bytes = arena_text_space(walk->arena, size + 1);
    r = read_bytes(fd, bytes, size, name, &length, err);
    if (r < 0)
        return r;
    walk->total += length;
    if (walk->count == walk->capacity) {
        size_t old = walk->capacity;
        walk->capacity = old ? old * 2 : 64;
        walk->files =
            arena_grow(walk->arena, walk->files, old * sizeof *walk->files, walk->capacity * sizeof *walk->files);
    }
    walk->files[walk->count++] = (struct directory_file){path, name, bytes, length};
    return 0;
}

static int walk_directory(struct walk *walk, int fd, const char *path, unsigned depth, struct error **err);

static int walk_entry(struct walk *walk, int parent, const char *entry, const char *path, unsigned depth,
                      struct error **err) {
    const char *below = *path ? arena_printf(walk->arena, "%s/%s", path, entry) : arena_strdup(walk->arena, entry);
    const char *name = arena_printf(walk->arena, "%s/%s", walk->directory, below);
    struct stat status;
    if (fstatat(parent, entry, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set_errno(err, errno, "cannot look at %s", name);
    if (S_ISLNK(status.st_mode))
        return refuse_link(name, err);
    if (!S_ISDIR(status.st_mode))
        return add_file(walk, parent, entry, below, name, err);
    if (depth == walk->limits.depth)
        return error_set(err, ERROR_LIMIT, "%s: is nested more than %u levels deep", name, walk->limits.depth);
    int fd = openat(parent, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return error_set_errno(err, errno, "cannot open directory %s", name);
    return walk_directory(walk, fd, below, depth + 1, err);
}

// Takes the descriptor over.
static int walk_directory(struct walk *walk, int fd, const char *path, unsigned depth, struct error **err) {
    _cleanup_dir_ DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return error_set_errno(err, errno, "cannot read directory %s/%s", walk->directory, path);
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry)
            return errno ? error_set_errno(err, errno, "cannot read directory %s/%s", walk->directory, path) : 0;
        if (entry->d_name[0] == '.')
            continue;
        int r = walk_entry(walk, dirfd(directory), entry->d_name, path, depth, err);
        if (r < 0)
            return r;
    }
}

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct directory_file *)a)->path, ((const struct directory_file *)b)->path);
}

static int open_root(const char *directory, int *ret_fd, struct error **err) {
    struct stat status;
    if (lstat(directory, &status) < 0)
        return error_set_errno(err, errno, "cannot open directory %s", directory);
    if (S_ISLNK(status.st_mode))
        return refuse_link(directory, err);
    if (!S_ISDIR(status.st_mode))
        return error_set(err, ERROR_INVALID, "%s: is not a directory", directory);
    *ret_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return *ret_fd < 0 ? error_set_errno(err, errno, "cannot open directory %s", directory) : 0;
}

struct directory_limits directory_limits_or_default(const struct directory_limits *limits) {
    struct directory_limits result = limits ? *limits : (struct directory_limits){0};
    result.file_size = result.file_size ? result.file_size : (size_t)10 * 1024 * 1024;
    result.file_count = result.file_count ? result.file_count : 4096;
    result.total_size = result.total_size ? result.total_size : (size_t)64 * 1024 * 1024;
    result.depth = result.depth ? result.depth : 32;
    return result;
}

int directory_read(struct arena *arena, const char *directory, const struct directory_limits *limits,
                   struct directory_file **ret, size_t *ret_count, struct error **err) {
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    struct walk walk = {.arena = arena,
                        .directory = arena_strndup(arena, directory, length),
                        .limits = directory_limits_or_default(limits)};
    int fd = -1;
    int r = open_root(walk.directory, &fd, err);
    r = r < 0 ? r : walk_directory(&walk, fd, "", 0, err);
    if (r < 0)
        return r;
    if (walk.count)
        qsort(walk.files, walk.count, sizeof *walk.files, compare_files);
    *ret = walk.files;
    *ret_count = walk.count;
    return 0;
}
