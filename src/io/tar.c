// SPDX-License-Identifier: Apache-2.0
#include "io/tar.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"

#include <stdlib.h>

#define BLOCK_SIZE 512
#define NAME_SIZE 100
#define PREFIX_SIZE 155

// Offsets of POSIX.1-1988, section 10.1.1.
struct header {
    char name[NAME_SIZE];
    char mode[8], uid[8], gid[8];
    char size[12], mtime[12];
    char checksum[8];
    char type;
    char link_name[100];
    char magic[6], version[2];
    char user[32], group[32];
    char device_major[8], device_minor[8];
    char prefix[PREFIX_SIZE];
    char unused[12];
};
_Static_assert(sizeof(struct header) == BLOCK_SIZE, "the header is one block");

// --- reading ---

struct reader {
    struct arena *arena;
    const char *bytes;
    size_t length, offset;
    const char *name;
    struct directory_limits limits;
    struct directory_file *files;
    size_t count, capacity, total, entries;
    struct map paths;   // of files
    struct map folders; // those that files lie in, and those of the archive
};

static int refuse(const struct reader *reader, const char *path, const char *why, struct error **err) {
    return error_set(err, ERROR_INVALID, "%s: %s%s%s", reader->name, path ? path : "", path ? " " : "", why);
}

// Digits to base eight, ended by a space or NUL or the field's end. Nothing but digits: no signs, no base-256.
static bool read_octal(const char *field, size_t size, uint64_t *ret) {
    uint64_t value = 0;
    size_t i = 0;
    while (i < size && field[i] == ' ')
        i++;
    size_t first = i;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        value = value * 8 + (uint64_t)(field[i] - '0'); // 12 digits have 36 bits
    if (i == first)
        return false;
    for (; i < size; i++)
        if (field[i] != ' ' && field[i] != '\0')
            return false;
    *ret = value;
    return true;
}

static uint64_t header_sum(const struct header *header) {
    const unsigned char *bytes = (const unsigned char *)header;
    size_t start = offsetof(struct header, checksum), end = start + sizeof header->checksum;
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK_SIZE; i++)
        sum += i >= start && i < end ? ' ' : bytes[i];
    return sum;
}

static bool is_zero(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (bytes[i])
            return false;
    return true;
}

static int check_header(const struct reader *reader, const struct header *header, struct error **err) {
    uint64_t sum = 0;
    bool is_compressed = reader->offset == 0 && (memcmp(header->name, "\x1f\x8b", 2) == 0 ||
                                                 memcmp(header->name, "\x28\xb5\x2f\xfd", 4) == 0 ||
                                                 memcmp(header->name,
                                                        "\xfd"
                                                        "7zXZ",
                                                        5) == 0);
    if (is_compressed) {
        refuse(reader, NULL, "is compressed; an archive must be a plain tar file", err);
        return error_hint(err, "unpack it first, for example with gzip -d, zstd -d or xz -d");
    }
    if (memcmp(header->magic, "ustar", 5) != 0) {
        refuse(reader, NULL,
               reader->offset ? "is broken: a header is missing where one must be" : "is no ustar archive", err);
        return error_hint(err,
                          "give a folder, or an archive that cnsctl recipe catalog pack or tar --format=ustar made");
    }
    if (!read_octal(header->checksum, sizeof header->checksum, &sum) || sum != header_sum(header))
        return refuse(reader, NULL, "is broken: the checksum of a header is wrong", err);
    return 0;
}

static char *header_path(struct arena *arena, const struct header *header) {
    size_t prefix = strnlen(header->prefix, PREFIX_SIZE), name = strnlen(header->name, NAME_SIZE);
    // GNU's older format has times in place of the prefix.
    if (memcmp(header->magic, "ustar\0", 6) != 0)
        prefix = 0;
    char *path =
        arena_printf(arena, "%.*s%s%.*s", (int)prefix, header->prefix, prefix ? "/" : "", (int)name, header->name);
    while (str_has_prefix(path, "./"))
        path += 2;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    return path;
}

static bool is_hidden(const char *path) {
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (part[0] == '.')
            return true;
    return false;
}

static const char *type_name(char type) {
    switch (type) {
    case '1':
        return "is a hard link; an archive of data may hold files and folders only";
    case '2':
        return "is a symbolic link; an archive of data may hold files and folders only";
    case '3':
    case '4':
    case '6':
        return "is a device or pipe; an archive of data may hold files and folders only";
    case 'x':
    case 'g':
    case 'L':
    case 'K':
        return "stands behind an extended header, which is not read; write the archive with tar --format=ustar";
    default:
        return "is of an unknown type; an archive of data may hold files and folders only";
    }
}

// Each folder above the path; none of them may be a file.
static int add_folders(struct reader *reader, const char *path, bool itself, struct error **err) {
    for (const char *slash = strchr(path, '/'); slash || itself; slash = slash ? strchr(slash + 1, '/') : NULL) {
        const char *folder = slash ? arena_strndup(reader->arena, path, (size_t)(slash - path)) : path;
        if (map_has(&reader->paths, folder))
            return refuse(reader, folder, "is a file and a folder", err);
        map_put(&reader->folders, folder, reader);
        itself = itself && slash;
    }
    return 0;
}

static int add_file(struct reader *reader, const char *path, size_t size, struct error **err) {
    const struct directory_limits *limits = &reader->limits;
    if (size > limits->file_size)
        return error_set(err, ERROR_LIMIT, "%s: %s has %zu bytes, more than the limit of %zu", reader->name, path, size,
                         limits->file_size);
    if (size > limits->total_size - reader->total)
        return error_set(err, ERROR_LIMIT, "%s: its files have more than %zu bytes in all", reader->name,
                         limits->total_size);
    if (map_has(&reader->folders, path))
        return refuse(reader, path, "is a file and a folder", err);
    if (!map_put(&reader->paths, path, reader))
        return refuse(reader, path, "is there twice", err);
    reader->total += size;
    if (is_hidden(path))
        return 0;
    if (reader->count == reader->capacity) {
        size_t old = reader->capacity;
        reader->capacity = old ? old * 2 : 64;
        reader->files = arena_grow(reader->arena, reader->files, old * sizeof *reader->files,
                                   reader->capacity * sizeof *reader->files);
    }
    // A copy, because bytes of a file are ended by NUL.
    reader->files[reader->count++] =
        (struct directory_file){path, arena_printf(reader->arena, "%s/%s", reader->name, path),
                                arena_strndup(reader->arena, reader->bytes + reader->offset, size), size};
    return 0;
}

static bool is_plain_path(const char *path) {
    if (!path_is_safe_relative(path) || !utf8_is_valid(path, strlen(path), NULL))
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return true;
}

static int read_entry(struct reader *reader, const struct header *header, struct error **err) {
    uint64_t size = 0;
    const char *path = header_path(reader->arena, header);
    bool is_folder = header->type == '5', is_file = header->type == '0' || header->type == '\0';
    if (reader->entries++ >= reader->limits.file_count)
        return error_set(err, ERROR_LIMIT, "%s: holds more than %zu files", reader->name, reader->limits.file_count);
    if (!is_file && !is_folder)
        return refuse(reader, path, type_name(header->type), err);
    if (is_folder && (str_is_empty(path) || str_eq(path, ".")))
        return 0;
    if (!is_plain_path(path))
        return refuse(reader, utf8_is_valid(path, strlen(path), NULL) ? path : "a path",
                      "would not stay inside the archive, or is no plain path", err);
    if (!read_octal(header->size, sizeof header->size, &size))
        return refuse(reader, path, "has no size that can be read", err);
    if (is_folder)
        return size ? refuse(reader, path, "is a folder with content", err) : add_folders(reader, path, true, err);
    if (size > reader->length - reader->offset)
        return refuse(reader, path, "is cut off: the archive ends before it", err);
    int r = add_folders(reader, path, false, err);
    r = r < 0 ? r : add_file(reader, path, (size_t)size, err);
    if (r < 0)
        return r;
    size_t padded = ((size_t)size + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
    if (padded > reader->length - reader->offset)
        return refuse(reader, path, "is cut off: the archive ends before it", err);
    reader->offset += padded;
    return 0;
}

// Two blocks of zeros, then nothing but zeros.
static int check_end(const struct reader *reader, struct error **err) {
    size_t rest = reader->length - reader->offset;
    if (rest < (size_t)2 * BLOCK_SIZE)
        return refuse(reader, NULL, "is cut off: its end is missing", err);
    return is_zero(reader->bytes + reader->offset, rest) ? 0
                                                         : refuse(reader, NULL, "has something behind its end", err);
}

static int read_all(struct reader *reader, struct error **err) {
    if (reader->length == 0)
        return refuse(reader, NULL, "is empty", err);
    for (;;) {
        struct header header;
        if (reader->length - reader->offset < BLOCK_SIZE)
            return refuse(reader, NULL, reader->offset ? "is cut off: its end is missing" : "is no ustar archive", err);
        memcpy(&header, reader->bytes + reader->offset, BLOCK_SIZE);
        if (is_zero((const char *)&header, BLOCK_SIZE))
            return check_end(reader, err);
        int r = check_header(reader, &header, err);
        if (r < 0)
            return r;
        reader->offset += BLOCK_SIZE;
        r = read_entry(reader, &header, err);
        if (r < 0)
            return r;
    }
}

static int compare_files(const void *a, const void *b) {
    return strcmp(((const struct directory_file *)a)->path, ((const struct directory_file *)b)->path);
}

int tar_read(struct arena *arena, const char *bytes, size_t length, const char *name,
             const struct directory_limits *limits, struct directory_file **ret, size_t *ret_count,
             struct error **err) {
    struct reader reader = {.arena = arena,
                            .bytes = bytes,
                            .length = length,
                            .name = arena_strdup(arena, name),
                            .limits = directory_limits_or_default(limits)};
    int r = read_all(&reader, err);
    map_done(&reader.paths);
    map_done(&reader.folders);
    if (r < 0)
        return r;
    if (reader.count)
        qsort(reader.files, reader.count, sizeof *reader.files, compare_files);
    *ret = reader.files;
    *ret_count = reader.count;
    return 0;
}

// --- writing ---

static void put_octal(char *field, size_t size, uint64_t value) {
    for (size_t i = size - 1; i > 0; i--, value /= 8)
        field[i - 1] = (char)('0' + value % 8);
}

// A path that is too long for the name goes into prefix and name, cut at a slash.
static bool put_path(struct header *header, const char *path) {
    size_t length = strlen(path);
    const char *cut = NULL;
    if (length <= NAME_SIZE) {
        memcpy(header->name, path, length);
        return true;
    }
    for (const char *slash = strchr(path, '/'); slash && !cut; slash = strchr(slash + 1, '/'))
        if (length - (size_t)(slash + 1 - path) <= NAME_SIZE && slash - path <= PREFIX_SIZE)
            cut = slash;
    if (!cut)
        return false;
    memcpy(header->prefix, path, (size_t)(cut - path));
    memcpy(header->name, cut + 1, length - (size_t)(cut + 1 - path));
    return true;
}

static int write_file(const struct directory_file *file, uint64_t seconds, struct text *out, struct error **err) {
    struct header header = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
    if (!path_is_safe_relative(file->path) || !put_path(&header, file->path) || file->length >= (uint64_t)1 << 33)
        return error_set(err, ERROR_INVALID, "%s: this path or size does not fit into an archive", file->path);
    put_octal(header.mode, sizeof header.mode, 0644);
    put_octal(header.uid, sizeof header.uid, 0);
    put_octal(header.gid, sizeof header.gid, 0);
    put_octal(header.size, sizeof header.size, file->length);
    put_octal(header.mtime, sizeof header.mtime, seconds);
    put_octal(header.checksum, sizeof header.checksum - 1, header_sum(&header));
    header.checksum[sizeof header.checksum - 1] = ' ';
    text_add_bytes(out, (const char *)&header, sizeof header);
    text_add_bytes(out, file->bytes, file->length);
    text_add_repeat(out, '\0', (BLOCK_SIZE - file->length % BLOCK_SIZE) % BLOCK_SIZE);
    return 0;
}

int tar_write(const struct directory_file *files, size_t count, uint64_t seconds, struct text *out,
              struct error **err) {
    _cleanup_free_ struct directory_file *sorted = xcalloc(count + 1, sizeof *sorted);
    if (count) {
        memcpy(sorted, files, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_files);
    }
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++)
        r = write_file(&sorted[i], seconds, out, err);
    if (r == 0)
        text_add_repeat(out, '\0', (size_t)2 * BLOCK_SIZE);
    return r;
}
