// SPDX-License-Identifier: Apache-2.0
#include "io/tree_writer.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/map.h"
#include "base/sha256.h"
#include "base/text.h"
#include "io/destination.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_LIMIT ((size_t)16 * 1024 * 1024)
#define FILE_LIMIT ((size_t)64 * 1024 * 1024)
#define ASIDE_LIMIT 1000

// Where the folder is and what is there now.
struct target {
    char *path;   // real path, or what it will be
    char *parent; // its folder
    const char *name;
    bool exists, is_ours, is_empty;
    char *stranger; // a file in it that is not ours
    char *edited;   // a file of ours that somebody changed
};

static void target_done(struct target *target) {
    free(target->path);
    free(target->parent);
    free(target->stranger);
    free(target->edited);
}
#define _cleanup_target_ _cleanup_(target_done)

static char *parent_of(const char *path) {
    const char *name = path_base_name(path);
    if (name == path)
        return xstrdup(".");
    return name == path + 1 ? xstrdup("/") : xstrndup(path, (size_t)(name - path - 1));
}

// --- what is there? ---

// A folder that contains the place where we stand cannot be exchanged without pulling the ground away from the caller.
static int refuse_working_directory(const char *path, const char *shown, struct error **err) {
    char here[PATH_MAX];
    size_t length = strlen(path);
    if (!getcwd(here, sizeof here))
        return 0;
    bool contains =
        strncmp(here, path, length) == 0 && (here[length] == '/' || !here[length] || path[length - 1] == '/');
    if (!contains)
        return 0;
    error_set(err, ERROR_INVALID, "%s: is the working directory or a folder above it", shown);
    return error_hint(err,
                      "the output gets a folder of its own, which is replaced as a whole: name one, such as ./bundle");
}

static int locate(const char *folder, struct target *target, struct error **err) {
    _cleanup_free_ char *trimmed = xstrdup(folder);
    size_t length = strlen(trimmed);
    while (length > 1 && trimmed[length - 1] == '/')
        trimmed[--length] = '\0';
    struct stat status;
    if (!length)
        return error_set(err, ERROR_INVALID, "the name of the output folder is empty");
    if (stat(trimmed, &status) == 0) {
        if (!S_ISDIR(status.st_mode))
            return error_set(err, ERROR_CONFLICT, "%s: is there and is no folder", folder);
        target->exists = true;
        target->path = realpath(trimmed, NULL);
        if (!target->path)
            return error_set_errno(err, errno, "%s: cannot be resolved", folder);
    } else if (errno != ENOENT && errno != ENOTDIR) {
        return error_set_errno(err, errno, "%s: cannot be looked at", folder);
    } else if (path_exists(trimmed)) {
        return error_set(err, ERROR_CONFLICT, "%s: is a symbolic link that leads nowhere", folder);
    } else {
        target->path = TAKE_PTR(trimmed);
    }
    target->parent = parent_of(target->path);
    target->name = path_base_name(target->path);
    if (str_eq(target->name, "..") || str_eq(target->name, ".") || !*target->name)
        return error_set(err, ERROR_INVALID, "%s: name a folder, not a place relative to one", folder);
    return target->exists ? refuse_working_directory(target->path, folder, err) : 0;
}

// The paths in the list file, and the lines, which begin with the hash; both point into *content.
static void read_list(struct text *content, struct map *paths) {
    char *rest = NULL;
    for (char *line = strtok_r(content->bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *path = strstr(line, "  ");
        if (path)
            map_put(paths, path + 2, line);
    }
}

static const char *what(const struct tree_writer_spec *spec) {
    return spec->what ? spec->what : "bundle";
}

static bool has_marker(const struct tree_writer_spec *spec, const struct target *target) {
    _cleanup_free_ char *path = path_join(target->path, spec->marker_name);
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    return file_read(path, LIST_LIMIT, &content, &ignored) == 0 && str_has_prefix(text_str(&content), spec->marker);
}

// Whether the file is as its line in the list says: edits that somebody made must not vanish with the old bundle.
static bool is_as_made(const char *path, const char *line) {
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    char hex[SHA256_HEX_SIZE];
    return file_read(path, FILE_LIMIT, &content, &ignored) == 0 &&
           str_has_prefix(line, sha256_hex(text_str(&content), content.length, hex));
}

// Looks for a file that the list does not name; what is no plain file or folder is a stranger too.
static void find_stranger(const struct tree_writer_spec *spec, struct target *target, const struct map *paths) {
    char *const roots[] = {target->path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
    size_t skip = strlen(target->path) + 1;
    target->is_empty = true;
    for (FTSENT *entry; walk && (entry = fts_read(walk));) {
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
            continue;
        const char *path = entry->fts_path + skip;
        target->is_empty = false;
        bool is_file = entry->fts_info == FTS_F || entry->fts_info == FTS_NSOK;
        const char *line = is_file ? map_get(paths, path) : NULL;
        if (line && !target->edited && !is_as_made(entry->fts_path, line))
            target->edited = xstrdup(path);
        if (line || (is_file && str_eq(path, spec->list_name)))
            continue;
        target->stranger = xstrdup(entry->fts_pathlen > skip ? path : "what it holds");
        break;
    }
    if (walk)
        fts_close(walk);
}

static void recognise(const struct tree_writer_spec *spec, struct target *target) {
    _cleanup_free_ char *path = path_join(target->path, spec->list_name);
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    _cleanup_map_ struct map paths = {0};
    bool has_list = file_read(path, LIST_LIMIT, &content, &ignored) == 0 && content.length;
    if (has_list)
        read_list(&content, &paths);
    find_stranger(spec, target, &paths);
    target->is_ours = has_list && !target->stranger && !target->edited && has_marker(spec, target);
}

static int examine(const struct tree_writer_spec *spec, struct target *target, struct error **err) {
    int r = locate(spec->folder, target, err);
    if (r < 0 || !target->exists)
        return r;
    recognise(spec, target);
    if (target->is_empty || target->is_ours || spec->force)
        return 0;
    if (target->edited && !target->stranger)
        error_set(err, ERROR_CONFLICT, "%s: %s was changed after the %s in it was made", spec->folder, target->edited,
                  what(spec));
    else
        error_set(err, ERROR_CONFLICT, "%s: holds something else than a %s of this program (%s)", spec->folder,
                  what(spec), target->stranger ? target->stranger : spec->list_name);
    return error_hint(err, "choose another folder, or --force, which moves this one aside");
}

int tree_write_check(const struct tree_writer_spec *spec, struct error **err) {
    _cleanup_target_ struct target target = {0};
    int r = destination_check_folder(spec->folder, err);
    if (r >= 0)
        r = examine(spec, &target, err);
    if (r < 0)
        return r;
    if (path_is_directory(target.parent) && access(target.parent, W_OK | X_OK) < 0)
        return error_set_errno(err, errno, "%s: no %s can be made in it", target.parent, what(spec));
    return 0;
}

// --- writing ---

static int make_parents(int root, char *path, const char *shown, struct error **err) {
    for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int failed = mkdirat(root, path, 0777) < 0 && errno != EEXIST ? errno : 0;
        *slash = '/';
        if (failed)
            return error_set_errno(err, failed, "%s/%s: cannot create its folder", shown, path);
    }
    return 0;
}

static int write_file(int root, const struct tree_writer_file *file, const char *shown, struct error **err) {
    if (!path_is_safe_relative(file->path))
        return error_set(err, ERROR_INVALID, "%s: no safe path inside of a folder", file->path);
    _cleanup_free_ char *path = xstrdup(file->path);
    int r = make_parents(root, path, shown, err);
    if (r < 0)
        return r;
    _cleanup_close_ int fd =
        openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->is_executable ? 0777 : 0666);
    if (fd < 0)
        return error_set_errno(err, errno, "%s/%s: cannot create", shown, path);
    return fd_write_all(fd, file->bytes, file->length, path, err);
}

static int fill(int root, const struct tree_writer_spec *spec, struct error **err) {
    int r = 0;
    for (size_t i = 0; i < spec->count && r >= 0; i++)
        r = write_file(root, &spec->files[i], spec->folder, err);
    // One call for all files: an fsync of each costs a journal commit of each.
    if (r >= 0 && syncfs(root) < 0)
        r = error_set_errno(err, errno, "%s: cannot sync", spec->folder);
    return r;
}

static void sync_parent(const char *parent) {
    _cleanup_close_ int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)!fsync(fd); // the exchange is done; durability of the name is then the file system's word
}

// A free name beside the target for what --force moves away.
static char *aside_name(const struct target *target) {
    for (int i = 1; i < ASIDE_LIMIT; i++) {
        char *path = xasprintf("%s.before-%d", target->path, i);
        if (!path_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

static int exchange_by_two_renames(const char *temporary, const struct target *target, struct error **err) {
    _cleanup_free_ char *old = xasprintf("%s-old", temporary);
    if (rename(target->path, old) < 0)
        return error_set_errno(err, errno, "%s: cannot be moved", target->path);
    if (rename(temporary, target->path) < 0) {
        int failed = errno;
        (void)!rename(old, target->path);
        return error_set_errno(err, failed, "%s: cannot be replaced", target->path);
    }
    (void)!rename(old, temporary);
    return 0;
}

// Where nothing may be lost, the old folder gets its new name before the new one comes: killed in between, the target
// is absent, but all data has a name that no later run removes.
static int move_aside(const char *temporary, const struct target *target, char **ret_aside, struct error **err) {
    _cleanup_free_ char *aside = aside_name(target);
    if (!aside)
        return error_set(err, ERROR_CONFLICT, "%s: there are %d folders beside it that were moved aside", target->path,
                         ASIDE_LIMIT - 1);
    if (rename(target->path, aside) < 0)
        return error_set_errno(err, errno, "%s: cannot be moved aside", target->path);
    if (rename(temporary, target->path) < 0) {
        int failed = errno;
        (void)!rename(aside, target->path);
        return error_set_errno(err, failed, "%s: cannot be put in place", target->path);
    }
    *ret_aside = TAKE_PTR(aside);
    return 0;
}

static int put_new(const char *temporary, const struct target *target, struct error **err) {
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, target->path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return error_set(err, ERROR_CONFLICT, "%s: somebody else made it meanwhile", target->path);
    if ((errno == EINVAL || errno == ENOSYS) && rename(temporary, target->path) == 0)
        return 0;
    return error_set_errno(err, errno, "%s: cannot be put in place", target->path);
}

// Puts the new folder in place; a bundle that was there before then has the temporary name.
static int put_in_place(const char *temporary, const struct target *target, char **ret_aside, struct error **err) {
    if (!target->exists)
        return put_new(temporary, target, err);
    if (!target->is_ours && !target->is_empty)
        return move_aside(temporary, target, ret_aside, err);
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, target->path, RENAME_EXCHANGE) == 0)
        return 0;
    if (errno == EINVAL || errno == ENOSYS)
        return exchange_by_two_renames(temporary, target, err);
    error_set_errno(err, errno, "%s: cannot be replaced", target->path);
    return error_hint(err, "a mount point cannot be replaced: name a folder inside it");
}

// Folders that a killed run left behind: their lock is free.
static void remove_left_overs(const struct target *target) {
    _cleanup_free_ char *prefix = xasprintf(".%s.tmp-", target->name);
    DIR *directory = opendir(target->parent);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!str_has_prefix(entry->d_name, prefix))
            continue;
        _cleanup_free_ char *path = path_join(target->parent, entry->d_name);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_error_ struct error *ignored = NULL;
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            (void)!path_remove_all(path, &ignored);
    }
    if (directory)
        closedir(directory);
}

// mkdtemp makes it private; the folder gets the mode that mkdir would have given it.
static int open_temporary(char *temporary, const char *shown, int *ret_fd, struct error **err) {
    if (!mkdtemp(temporary))
        return error_set_errno(err, errno, "%s: cannot create a folder there", shown);
    _cleanup_close_ int fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mode_t mask = umask(0);
    umask(mask);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fchmod(fd, 0777 & ~mask) < 0) {
        int failed = errno;
        rmdir(temporary);
        return error_set_errno(err, failed, "%s: cannot prepare a folder there", shown);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static void remove_temporary(void *path) {
    _cleanup_error_ struct error *ignored = NULL;
    (void)!path_remove_all(path, &ignored);
}

int tree_write(const struct tree_writer_spec *spec, char **ret_aside, struct error **err) {
    _cleanup_target_ struct target target = {0};
    int r = examine(spec, &target, err);
    if (r >= 0)
        r = directory_make(target.parent, err);
    if (r < 0)
        return r;
    _cleanup_interrupts_ sigset_t held _unused_ = interrupts_hold();
    remove_left_overs(&target);
    _cleanup_free_ char *temporary = xasprintf("%s/.%s.tmp-XXXXXX", target.parent, target.name);
    _cleanup_close_ int root = -1;
    r = open_temporary(temporary, spec->folder, &root, err);
    if (r < 0)
        return r;
    alloc_on_failure(remove_temporary, temporary);
    r = fill(root, spec, err);
    _cleanup_free_ char *aside = NULL;
    if (r >= 0)
        r = put_in_place(temporary, &target, &aside, err);
    remove_temporary(temporary); // what did not get into place, or the bundle that was there before
    alloc_on_failure(NULL, NULL);
    if (r < 0)
        return r;
    sync_parent(target.parent);
    if (ret_aside)
        *ret_aside = TAKE_PTR(aside);
    return 0;
}
