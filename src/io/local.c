// SPDX-License-Identifier: Apache-2.0
#include "io/local.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct descriptor {
    int fd;
    char *name;
};

static const char *path_of(const char *location) {
    static const char prefix[] = "file://";
    return strncasecmp(location, prefix, sizeof prefix - 1) == 0 ? location + sizeof prefix - 1 : location;
}

static ssize_t descriptor_read(void *context, char *buffer, size_t size, struct error **err) {
    const struct descriptor *descriptor = context;
    for (;;) {
        ssize_t got = read(descriptor->fd, buffer, size);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return error_set_errno(err, errno, "%s: cannot read", descriptor->name);
    }
}

static void descriptor_close(void *context) {
    struct descriptor *descriptor = context;
    if (descriptor->fd > STDERR_FILENO)
        close(descriptor->fd);
    free(descriptor->name);
    free(descriptor);
}

static struct byte_stream descriptor_stream(int fd, const char *name) {
    struct descriptor *descriptor = xmalloc(sizeof *descriptor);
    *descriptor = (struct descriptor){.fd = fd, .name = xstrdup(name)};
    return (struct byte_stream){.read = descriptor_read, .close = descriptor_close, .context = descriptor};
}

int file_open(const char *location, struct byte_stream *ret, struct error **err) {
    const char *path = path_of(location);
    _cleanup_close_ int fd = -1;
    struct stat status;
    int r = file_open_to_read(path, &fd, &status, err);
    if (r < 0)
        return r;
    *ret = descriptor_stream(fd, path);
    fd = -1;
    return 0;
}

int standard_input_open(const char *location _unused_, struct byte_stream *ret, struct error **err) {
    static atomic_flag is_taken = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&is_taken)) {
        error_set(err, ERROR_INVALID, "standard input (-) is named twice, and can be read only once");
        return error_hint(err, "put one of the documents into a file");
    }
    *ret = descriptor_stream(STDIN_FILENO, "standard input");
    return 0;
}

int standard_output_write(const char *location _unused_, const char *bytes, size_t length, struct error **err) {
    return fd_write_all(STDOUT_FILENO, bytes, length, "standard output", err);
}

// A file that is replaced keeps its mode; a new one gets what the umask leaves.
static mode_t mode_for(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        return status.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

int file_location_write(const char *location, const char *bytes, size_t length, struct error **err) {
    const char *path = path_of(location);
    return file_write(path, bytes, length, mode_for(path), err);
}

static int check_directory_of(const char *path, struct error **err) {
    const char *base = path_base_name(path);
    _cleanup_free_ char *directory = base == path ? xstrdup(".") : xstrndup(path, (size_t)(base - path));
    if (!*base)
        return error_set(err, ERROR_INVALID, "%s: is the name of a directory, a file name was expected", path);
    if (access(directory, W_OK | X_OK) == 0)
        return 0;
    int r = error_set_errno(err, errno, "%s: cannot be written, because of its directory", path);
    return r == -ERROR_NOT_FOUND ? error_hint(err, "make it first: mkdir -p '%s'", directory) : r;
}

int file_location_check(const char *location, struct error **err) {
    const char *path = path_of(location);
    struct stat status;
    if (stat(path, &status) < 0)
        return check_directory_of(path, err);
    if (S_ISDIR(status.st_mode))
        return error_set(err, ERROR_CONFLICT, "%s: is a directory, a file name was expected", path);
    if (S_ISREG(status.st_mode))
        return check_directory_of(path, err);
    return access(path, W_OK) == 0 ? 0 : error_set_errno(err, errno, "%s: cannot be written", path);
}
