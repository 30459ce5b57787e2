// SPDX-License-Identifier: Apache-2.0
#include "catalog/identity.h"
#include "base/alloc.h"
#include "base/sha256.h"
#include "doc/load.h"

#include <stdlib.h>

#define DIGEST_PREFIX "sha256:"

struct entry {
    const char *path;
    const char *digest; // NULL: to be computed from the bytes
    const char *bytes;
    size_t length;
    bool is_external;
};

// --- the index ---

static int compare_entries(const void *a, const void *b) {
    const struct entry *first = a, *second = b;
    int order = strcmp(first->path, second->path);
    return order ? order : first->is_external - second->is_external;
}

// Files of which the built-in one stays in force beside an external one.
static bool is_added_to(const char *path) {
    static const char *const paths[] = {"compatibility.yaml", "criteria.yaml", "hardware/instances.yaml",
                                        "registry.yaml"};
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        if (str_eq(path, paths[i]))
            return true;
    return false;
}

static const struct catalog_file *find_external(const struct catalog_spec *spec, const char *path) {
    for (size_t i = 0; i < spec->count; i++)
        if (str_eq(spec->files[i].path, path))
            return &spec->files[i];
    return NULL;
}

static const struct embedded_knowledge *embedded_of(const struct catalog_spec *spec) {
    return spec->embedded ? spec->embedded : &embedded_knowledge;
}

// A file of the folder that is laid over the built-in one, and the same, changes nothing.
static bool is_same_as_builtin(const struct catalog_spec *spec, const struct catalog_file *file) {
    const struct embedded_file *builtin =
        spec->mode == CATALOG_OVERLAY ? embedded_find(embedded_of(spec), file->path) : NULL;
    return builtin && builtin->length == file->length && memcmp(builtin->bytes, file->bytes, file->length) == 0;
}

static bool is_replaced(const struct catalog_spec *spec, const struct embedded_file *builtin) {
    const struct catalog_file *external = find_external(spec, builtin->path);
    return external && !is_added_to(builtin->path) && !is_same_as_builtin(spec, external);
}

// A folder over the built-in knowledge has few files, so looking each built-in one up among them is cheap.
static size_t list_entries(const struct catalog_spec *spec, struct entry **ret) {
    const struct embedded_knowledge *embedded = embedded_of(spec);
    size_t embedded_count = spec->mode == CATALOG_REPLACE ? 0 : embedded->file_count, count = 0;
    struct entry *entries = xcalloc(spec->count + embedded_count + 1, sizeof *entries);
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded_file *file = &embedded->files[i];
        if (!is_replaced(spec, file))
            entries[count++] = (struct entry){file->path, file->digest, file->bytes, file->length, false};
    }
    for (size_t i = 0; i < spec->count; i++) {
        const struct catalog_file *file = &spec->files[i];
        if (!str_eq(file->path, CATALOG_INDEX_PATH) && !is_same_as_builtin(spec, file))
            entries[count++] = (struct entry){file->path, NULL, file->bytes, file->length, true};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    *ret = entries;
    return count;
}

// A line break in a path must not read like another line; this is how sha256sum writes it.
static void add_line(const struct entry *entry, struct text *out) {
    char hex[SHA256_HEX_SIZE];
    bool is_escaped = entry->path[strcspn(entry->path, "\\\n")] != '\0';
    text_addf(out, "%s%s  ", is_escaped ? "\\" : "",
              entry->digest ? entry->digest : sha256_hex(entry->bytes, entry->length, hex));
    for (const char *c = entry->path; *c; c++)
        if (*c == '\n')
            text_add(out, "\\n");
        else if (*c == '\\')
            text_add(out, "\\\\");
        else
            text_add_char(out, *c);
    text_add_char(out, '\n');
}

void catalog_add_index(const struct catalog_spec *spec, struct text *out) {
    _cleanup_free_ struct entry *entries = NULL;
    size_t count = list_entries(spec, &entries);
    for (size_t i = 0; i < count; i++)
        add_line(&entries[i], out);
}

// The path of the line at the offset, and where the next line starts.
static const char *line_path(struct arena *arena, const char *text, size_t length, size_t *offset) {
    const char *start = text + *offset, *end = memchr(start, '\n', length - *offset);
    size_t size = end ? (size_t)(end - start) : length - *offset;
    *offset += size + (end != NULL);
    return size > 66 ? arena_strndup(arena, start + 66, size - 66) : arena_strndup(arena, start, size);
}

bool catalog_index_holds(struct arena *arena, const struct catalog_spec *spec, const char **ret_path) {
    const struct catalog_file *index = find_external(spec, CATALOG_INDEX_PATH);
    struct catalog_spec alone = {.files = spec->files, .count = spec->count, .mode = CATALOG_REPLACE};
    _cleanup_text_ struct text text = {0};
    if (!index)
        return true;
    catalog_add_index(&alone, &text);
    if (text.length == index->length && memcmp(text_str(&text), index->bytes, text.length) == 0)
        return true;
    size_t same = 0, line = 0;
    while (same < text.length && same < index->length && text.bytes[same] == index->bytes[same])
        line = text.bytes[same++] == '\n' ? same : line;
    size_t ours = line, theirs = line;
    const char *first = line < text.length ? line_path(arena, text.bytes, text.length, &ours) : NULL;
    const char *second = line < index->length ? line_path(arena, index->bytes, index->length, &theirs) : NULL;
    *ret_path = !first || (second && strcmp(second, first) < 0) ? second : first;
    return false;
}

// --- the head ---

static int read_head(struct arena *arena, const struct catalog_file *file, struct catalog_identity *ret,
                     struct error **err) {
    const struct doc *doc = NULL;
    int r = doc_load_buffer(arena, file->bytes, file->length, file->name, DOC_FORMAT_AUTO, NULL, &doc, err);
    if (r < 0)
        return r;
    if (!str_eq(doc_get_text(doc, "kind", NULL), "Catalog"))
        return doc_error(err, ERROR_INVALID, doc->origin, "this document must have kind Catalog, not %s",
                         doc_get_text(doc, "kind", "none"));
    const struct doc *metadata = doc_get(doc, "metadata");
    ret->name = doc_get_text(metadata, "name", NULL);
    ret->version = doc_get_text(metadata, "version", NULL);
    ret->released = doc_get_text(metadata, "released", NULL);
    return 0;
}

static const char *digest_of(struct arena *arena, const struct catalog_spec *spec) {
    _cleanup_text_ struct text index = {0};
    char hex[SHA256_HEX_SIZE];
    catalog_add_index(spec, &index);
    return arena_printf(arena, DIGEST_PREFIX "%s", sha256_hex(text_str(&index), index.length, hex));
}

int catalog_identify(struct arena *arena, const struct catalog_spec *spec, struct catalog_identity *ret,
                     struct error **err) {
    const struct embedded_knowledge *embedded = embedded_of(spec);
    const struct catalog_file *head = find_external(spec, CATALOG_HEAD_PATH);
    struct catalog_identity own = {0}, identity = {.source = spec->directory};
    if (head && is_same_as_builtin(spec, head))
        head = NULL;
    int r = head ? read_head(arena, head, &own, err) : 0;
    if (r < 0)
        return r;
    if (spec->mode == CATALOG_REPLACE) {
        own.source = spec->directory;
        identity = own;
    } else {
        identity.name = embedded->name;
        identity.released = embedded->released;
        identity.version = own.version && embedded->version
                               ? arena_printf(arena, "%s+%s", embedded->version, own.version)
                               : embedded->version;
    }
    bool is_built_in = spec->mode == CATALOG_OVERLAY && spec->count == 0 && embedded->digest;
    identity.digest = is_built_in ? embedded->digest : digest_of(arena, spec);
    *ret = identity;
    return 0;
}
