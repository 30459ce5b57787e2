// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/alloc.h"
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK ((size_t)64 * 1024)

int file_open_to_read(const char *path, int *ret_fd, struct stat *ret_status, struct error **err) {
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_set_errno(err, errno, "%s: cannot open", path);
    struct stat status;
    if (fstat(fd, &status) < 0)
        return error_set_errno(err, errno, "%s: cannot stat", path);
    if (S_ISDIR(status.st_mode))
        return error_set(err, ERROR_INVALID, "%s: is a directory, a file was expected", path);
    *ret_status = status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int file_read(const char *path, size_t limit, struct text *content, struct error **err) {
    _cleanup_close_ int fd = -1;
    struct stat status;
    int r = file_open_to_read(path, &fd, &status, err);
    if (r < 0)
        return r;
    size_t expected = S_ISREG(status.st_mode) && status.st_size > 0 ? (size_t)status.st_size : 0;
    if (expected > limit)
        return error_set(err, ERROR_LIMIT, "%s: %zu bytes, more than the limit of %zu", path, expected, limit);
    _cleanup_text_ struct text read_so_far = {0};
    for (;;) {
        // One byte more than expected, so that the end of an ordinary file is seen without growing.
        size_t want = expected >= read_so_far.length ? expected - read_so_far.length + 1 : READ_CHUNK;
        if (!expected)
            want = READ_CHUNK;
        ssize_t got = read(fd, text_reserve(&read_so_far, want), want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, "%s: cannot read", path);
        text_commit(&read_so_far, (size_t)got);
        if (got == 0)
            break;
        if (read_so_far.length > limit)
            return error_set(err, ERROR_LIMIT, "%s: more than the limit of %zu bytes", path, limit);
    }
    *content = read_so_far;
    read_so_far = (struct text){0};
    return 0;
}

int fd_write_all(int fd, const char *bytes, size_t length, const char *name, struct error **err) {
    while (length) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(err, errno, "%s: cannot write", name);
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

// fsync of the directory makes the rename itself durable; file systems that refuse it (EINVAL) need none.
static int sync_directory_of(const char *path, struct error **err) {
    const char *base = path_base_name(path);
    _cleanup_free_ char *directory = base == path ? xstrdup(".") : xstrndup(path, (size_t)(base - path));
    _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; // a directory that can be written but not read: the rename is done, durability is the system's
    if (fsync(fd) < 0 && errno != EINVAL && errno != EBADF)
        return error_set_errno(err, errno, "%s: cannot sync directory", directory);
    return 0;
}

static int write_new_file(int fd, const char *temporary, const char *bytes, size_t length, mode_t mode,
                          struct error **err) {
    int r = fd_write_all(fd, bytes, length, temporary, err);
    if (r < 0)
        return r;
    if (fchmod(fd, mode) < 0)
        return error_set_errno(err, errno, "%s: cannot set mode", temporary);
    if (fsync(fd) < 0)
        return error_set_errno(err, errno, "%s: cannot sync", temporary);
    return 0;
}

static int write_directly(const char *path, const char *bytes, size_t length, struct error **err) {
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_set_errno(err, errno, "%s: cannot open for writing", path);
    return fd_write_all(fd, bytes, length, path, err);
}

int file_write(const char *path, const char *bytes, size_t length, mode_t mode, struct error **err) {
    struct stat status;
    _cleanup_free_ char *resolved = NULL;
    int missing = stat(path, &status) < 0 ? errno : 0;
    if (!missing) {
        if (S_ISDIR(status.st_mode))
            return error_set(err, ERROR_CONFLICT, "%s: is a directory, a file name was expected", path);
        if (!S_ISREG(status.st_mode))
            return write_directly(path, bytes, length, err);
        resolved = realpath(path, NULL);
    } else if (path_exists(path)) {
        // A link that leads nowhere or in a circle: replacing it would not be what writing through it means.
        return error_set_errno(err, missing, "%s: cannot follow the symbolic link", path);
    }
    const char *target = resolved ? resolved : path;
    _cleanup_free_ char *temporary = xasprintf("%s.tmp-XXXXXX", target);
    _cleanup_interrupts_ sigset_t held _unused_ = interrupts_hold();
    _cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno, "%s: cannot create", path);
    int r = write_new_file(fd, temporary, bytes, length, mode, err);
    if (r == 0 && rename(temporary, target) < 0)
        r = error_set_errno(err, errno, "%s: cannot replace", path);
    if (r < 0) {
        unlink(temporary);
        return r;
    }
    return sync_directory_of(target, err);
}

int directory_make(const char *path, struct error **err) {
    _cleanup_free_ char *partial = xstrdup(path);
    for (char *p = partial + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char saved = *p;
        *p = '\0';
        if (mkdir(partial, 0777) < 0 && errno != EEXIST)
            return error_set_errno(err, errno, "%s: cannot create directory", partial);
        *p = saved;
        if (!saved)
            break;
    }
    if (!path_is_directory(path))
        return error_set(err, ERROR_CONFLICT, "%s: exists and is not a directory", path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status _unused_, int type _unused_,
                        struct FTW *walk _unused_) {
    return remove(path);
}

int path_remove_all(const char *path, struct error **err) {
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        return error_set_errno(err, errno, "%s: cannot remove", path);
    return 0;
}

bool path_exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0;
}

bool path_is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *path_join(const char *directory, const char *name) {
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    while (*name == '/')
        name++;
    if (length == 0)
        return xstrdup(name);
    const char *separator = directory[length - 1] == '/' ? "" : "/";
    return xasprintf("%.*s%s%s", (int)length, directory, separator, name);
}

const char *path_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_is_safe_relative(const char *path) {
    if (!*path || *path == '/')
        return false;
    for (const char *part = path;;) {
        const char *end = strchrnul(part, '/');
        size_t length = (size_t)(end - part);
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        if (memchr(part, '\\', length))
            return false;
        if (!*end)
            return true;
        part = end + 1;
    }
}
