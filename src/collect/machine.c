// SPDX-License-Identifier: Apache-2.0
#include "collect/machine.h"
#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define READ_CHUNK ((size_t)16 * 1024)

int machine_open(const char *root, struct machine *ret, struct error **err) {
    *ret = (struct machine){.root = xstrdup(""), .root_fd = -1};
    if (str_is_empty(root) || str_eq(root, "/"))
        return 0;
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        int saved = errno;
        machine_done(ret);
        return error_set_errno(err, saved, "%s: cannot be the root of a machine", root);
    }
    free(ret->root);
    *ret = (struct machine){.root = xstrdup(root), .root_fd = fd};
    return 0;
}

void machine_done(struct machine *machine) {
    if (machine->root_fd >= 0)
        close(machine->root_fd);
    free(machine->root);
    *machine = (struct machine){.root_fd = -1};
}

char *machine_path(const struct machine *machine, const char *path) {
    return machine_is_running_one(machine) ? xstrdup(path) : path_join(machine->root, path);
}

bool machine_is_live(const struct machine *machine) {
    if (machine_is_running_one(machine))
        return true;
    _cleanup_close_ int fd = machine_open_fd(machine, "/proc", O_RDONLY | O_DIRECTORY);
    struct statfs status;
    return fd >= 0 && fstatfs(fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int machine_open_fd(const struct machine *machine, const char *path, int flags) {
    flags |= O_CLOEXEC;
    if (!(flags & O_PATH)) // openat2 refuses flags that have no meaning
        flags |= O_NOCTTY;
    if (machine_is_running_one(machine))
        return open(path, flags);
    struct open_how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_IN_ROOT};
    int fd = (int)syscall(SYS_openat2, machine->root_fd, path, &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
    // A kernel or sandbox without openat2: links are then followed as the running machine sees them.
    while (*path == '/')
        path++;
    return openat(machine->root_fd, *path ? path : ".", flags);
}

bool machine_has(const struct machine *machine, const char *path) {
    _cleanup_close_ int fd = machine_open_fd(machine, path, O_PATH);
    return fd >= 0;
}

int machine_read(const struct machine *machine, const char *path, size_t limit, struct text *content,
                 struct error **err) {
    _cleanup_close_ int fd = machine_open_fd(machine, path, O_RDONLY);
    if (fd < 0)
        return error_set_errno(err, errno, "%s: cannot open", path);
    _cleanup_text_ struct text read_so_far = {0};
    for (;;) {
        ssize_t got = read(fd, text_reserve(&read_so_far, READ_CHUNK), READ_CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, "%s: cannot read", path);
        text_commit(&read_so_far, (size_t)got);
        if (read_so_far.length > limit)
            return error_set(err, ERROR_LIMIT, "%s: more than %zu bytes", path, limit);
        if (got == 0)
            break;
    }
    *content = read_so_far;
    read_so_far = (struct text){0};
    return 0;
}

long machine_bytes(const struct machine *machine, const char *path, char *buffer, size_t size) {
    _cleanup_close_ int fd = machine_open_fd(machine, path, O_RDONLY);
    if (fd < 0)
        return -1;
    ssize_t got;
    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    return (long)got;
}

bool machine_line(const struct machine *machine, const char *path, char *buffer, size_t size) {
    long got = machine_bytes(machine, path, buffer, size - 1);
    buffer[MAX(got, 0)] = '\0';
    if (got < 0)
        return false;
    buffer[strcspn(buffer, "\n")] = '\0';
    char *start = str_trim(buffer);
    memmove(buffer, start, strlen(start) + 1);
    return true;
}

bool machine_number(const struct machine *machine, const char *path, int64_t *ret) {
    char line[64], *end;
    if (!machine_line(machine, path, line, sizeof line) || !line[0])
        return false;
    errno = 0;
    long long value = strtoll(line, &end, str_has_prefix(line, "0x") ? 16 : 10);
    if (errno || *end)
        return false;
    *ret = value;
    return true;
}

bool machine_list(const struct machine *machine, const char *path, struct strvec *names) {
    int fd = machine_open_fd(machine, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return false;
    DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return false;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            strvec_add(names, entry->d_name);
    closedir(directory);
    strvec_sort(names);
    return true;
}

char *machine_link_name(const struct machine *machine, const char *path) {
    _cleanup_close_ int fd = machine_open_fd(machine, path, O_PATH | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    char target[PATH_MAX];
    ssize_t length = readlinkat(fd, "", target, sizeof target - 1);
    if (length <= 0)
        return NULL;
    target[length] = '\0';
    return xstrdup(path_base_name(target));
}
