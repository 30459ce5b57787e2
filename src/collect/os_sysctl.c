// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/file.h"
#include "collect/collectors.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/proc/sys"
#define DEPTH_LIMIT 32
#define FILE_LIMIT ((size_t)1024 * 1024)
#define FIRST_READ ((size_t)4096)
#define EXAMPLES 3

// What a walk through /proc/sys needs: one growing path and one buffer serve all files.
struct walk {
    struct collection *collection;
    struct readings readings;
    struct text path;
    struct text content;
    size_t not_text, too_large;
    struct strvec unreadable;
};

static void note_unreadable(struct walk *walk, int errno_value) {
    strvec_addf(&walk->unreadable, "%s (%s)", text_str(&walk->path), strerror(errno_value));
}

// Fields of a line that is a key and a value by itself.
static bool is_key_and_rest(const char *line, size_t *ret_key, size_t *ret_rest) {
    size_t key = 0;
    while (line[key] && !isspace((unsigned char)line[key]))
        key++;
    size_t rest = key;
    while (isspace((unsigned char)line[rest]))
        rest++;
    *ret_key = key;
    *ret_rest = rest;
    return key && line[rest];
}

// A file of several lines, each of two fields or more, is a table: one reading a line, under its first field. Where two
// lines begin alike the table would lose one of them, so the file stays whole.
static bool add_table(struct walk *walk, const struct strvec *lines) {
    struct strvec keys = {0};
    bool is_table = lines->count > 1;
    for (size_t i = 0; is_table && i < lines->count; i++) {
        size_t key, rest;
        is_table = is_key_and_rest(lines->items[i], &key, &rest);
        strvec_add_bytes(&keys, lines->items[i], key);
    }
    size_t count = keys.count;
    if (is_table) {
        struct strvec unique = {0};
        for (size_t i = 0; i < count; i++)
            strvec_add(&unique, keys.items[i]);
        strvec_sort_unique(&unique);
        is_table = unique.count == count;
        strvec_done(&unique);
    }
    for (size_t i = 0; is_table && i < count; i++) {
        size_t key, rest;
        is_key_and_rest(lines->items[i], &key, &rest);
        _cleanup_free_ char *name = xasprintf("%s/%s", text_str(&walk->path), keys.items[i]);
        reading_string(&walk->readings, name, lines->items[i] + rest);
    }
    strvec_done(&keys);
    return is_table;
}

static void add_file(struct walk *walk) {
    _cleanup_strvec_ struct strvec lines = {0};
    char *rest = walk->content.bytes, *line;
    if (!memchr(rest, '\n', walk->content.length)) { // nearly all of them
        rest = str_trim(rest);
        reading_string(&walk->readings, text_str(&walk->path), *rest == '#' ? "" : rest);
        return;
    }
    while (rest && (line = strsep(&rest, "\n"))) {
        line = str_trim(line);
        if (*line && *line != '#')
            strvec_add(&lines, line);
    }
    if (lines.count == 1) {
        reading_string(&walk->readings, text_str(&walk->path), lines.items[0]);
    } else if (!add_table(walk, &lines)) {
        _cleanup_free_ char *joined = strvec_join(&lines, "\n");
        reading_string(&walk->readings, text_str(&walk->path), joined);
    }
}

static int read_content(int fd, struct text *content) {
    text_truncate(content, 0);
    for (;;) {
        ssize_t got = read(fd, text_reserve(content, FIRST_READ), FIRST_READ);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        text_commit(content, (size_t)got);
        if (content->length > FILE_LIMIT)
            return -EFBIG;
        // A sysctl gives all that fits in one read: what is shorter than the buffer was the last.
        if (got == 0 || (size_t)got < FIRST_READ)
            return 0;
    }
}

static void take_file(struct walk *walk, int directory, const char *name) {
    _cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        note_unreadable(walk, errno);
        return;
    }
    int failure = read_content(fd, &walk->content);
    if (failure == -EFBIG)
        walk->too_large++;
    else if (failure < 0)
        note_unreadable(walk, -failure);
    else if (!utf8_is_valid(walk->content.bytes, walk->content.length, NULL) ||
             memchr(walk->content.bytes, '\0', walk->content.length))
        walk->not_text++;
    else
        add_file(walk);
}

// What only ever grows with the number of drives, and says nothing about tuning.
static bool is_skipped(const char *path) {
    return fnmatch(ROOT "/dev/cdrom/*", path, 0) == 0;
}

static void take_directory(struct walk *walk, int fd, unsigned depth);

static void take_entry(struct walk *walk, int directory, const struct dirent *entry, unsigned depth) {
    struct stat status;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN && fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
    size_t length = walk->path.length;
    text_add_char(&walk->path, '/');
    text_add(&walk->path, text_as_utf8(walk->collection->arena, entry->d_name, strlen(entry->d_name)));
    if (is_skipped(text_str(&walk->path))) {
        // left out on purpose
    } else if (type == DT_DIR) {
        int fd = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            note_unreadable(walk, errno);
        else
            take_directory(walk, fd, depth + 1);
    } else if (type == DT_REG) {
        // Write-only switches (route/flush, compact_memory) have nothing to read.
        if (fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & 0444)
            take_file(walk, directory, entry->d_name);
    }
    text_truncate(&walk->path, length);
}

static void take_directory(struct walk *walk, int fd, unsigned depth) {
    DIR *directory = depth < DEPTH_LIMIT ? fdopendir(fd) : NULL;
    if (!directory) {
        close(fd);
        note_unreadable(walk, ELOOP);
        return;
    }
    const struct dirent *entry;
    while (!atomic_load(&walk->collection->is_abandoned) && (entry = readdir(directory)))
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            take_entry(walk, dirfd(directory), entry, depth);
    closedir(directory);
}

static void note_gaps(struct walk *walk) {
    struct collection *collection = walk->collection;
    strvec_sort(&walk->unreadable); // folders list their files in no fixed order
    struct text examples = {0};
    for (size_t i = 0; i < MIN(walk->unreadable.count, (size_t)EXAMPLES); i++)
        text_addf(&examples, "%s%s", i ? ", " : "", walk->unreadable.items[i]);
    if (walk->unreadable.count)
        collection_note(collection, "%zu could not be read: %s%s", walk->unreadable.count, text_str(&examples),
                        walk->unreadable.count > EXAMPLES ? ", ..." : "");
    text_done(&examples);
    if (walk->not_text)
        collection_note(collection, "%zu hold no text", walk->not_text);
    if (walk->too_large)
        collection_note(collection, "%zu are larger than %zu bytes", walk->too_large, FILE_LIMIT);
}

static int collect(struct collection *collection, struct error **err) {
    int fd = machine_open_fd(collection->machine, ROOT, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return error_set_errno(err, errno, ROOT ": cannot open");
    struct walk walk = {.collection = collection, .readings = readings_of(collection, "sysctl")};
    text_add(&walk.path, ROOT);
    take_directory(&walk, fd, 0);
    note_gaps(&walk);
    text_done(&walk.path);
    text_done(&walk.content);
    strvec_done(&walk.unreadable);
    return 0;
}

const struct collector collector_os_sysctl = {
    .type = "OS", .subtype = "sysctl", .needs = ROOT, .budget_ms = 10000, .collect = collect};
