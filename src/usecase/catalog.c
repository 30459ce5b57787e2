// SPDX-License-Identifier: Apache-2.0
#include "usecase/catalog.h"
#include "base/file.h"
#include "base/sha256.h"
#include "catalog/identity.h"
#include "catalog/vocabulary.h"
#include "io/destination.h"
#include "io/tar.h"
#include "io/tree_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

// Opening it makes sure that what is packed or shown is a catalog.
int catalog_open_place(struct arena *arena, const char *place, struct catalog_spec *ret_spec, struct catalog **ret,
                       struct error **err) {
    const struct knowledge_source source = {.catalog = place};
    int r = knowledge_read(arena, &source, ret_spec, err);
    return r < 0 ? r : catalog_open(arena, ret_spec, ret, err);
}

// Of a place, or of what is built in; without the index.
static struct directory_file *list_files(struct arena *arena, const struct catalog_spec *spec, size_t *ret_count) {
    size_t count = 0, capacity = spec->mode == CATALOG_REPLACE ? spec->count : embedded_knowledge.file_count;
    struct directory_file *files = arena_new_array(arena, struct directory_file, capacity + 1);
    for (size_t i = 0; spec->mode == CATALOG_REPLACE && i < spec->count; i++)
        if (!str_eq(spec->files[i].path, CATALOG_INDEX_PATH))
            files[count++] = (struct directory_file){spec->files[i].path, spec->files[i].name, spec->files[i].bytes,
                                                     spec->files[i].length};
    for (size_t i = 0; spec->mode == CATALOG_OVERLAY && i < embedded_knowledge.file_count; i++)
        files[count++] = (struct directory_file){embedded_knowledge.files[i].path, embedded_knowledge.files[i].path,
                                                 embedded_knowledge.files[i].bytes, embedded_knowledge.files[i].length};
    *ret_count = count;
    return files;
}

// --- packing ---

static int release_seconds(const char *released, uint64_t *ret, struct error **err) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    struct tm day = {0};
    *ret = 0;
    if (!str_is_empty(epoch)) {
        char *end = NULL;
        errno = 0;
        unsigned long long seconds = strtoull(epoch, &end, 10);
        // Eleven octal digits.
        if (errno || *end || *epoch < '0' || *epoch > '9' || seconds >= (unsigned long long)1 << 33)
            return error_set(err, ERROR_INVALID, "SOURCE_DATE_EPOCH: '%s' is no number of seconds since 1970", epoch);
        *ret = seconds;
        return 0;
    }
    const char *end = released ? strptime(released, "%Y-%m-%d", &day) : NULL;
    time_t seconds = end && !*end ? timegm(&day) : 0;
    *ret = seconds > 0 ? (uint64_t)seconds : 0;
    return 0;
}

static int write_archive(const struct directory_file *files, size_t count, const char *released, const char *output,
                         struct error **err) {
    _cleanup_text_ struct text text = {0};
    uint64_t seconds = 0;
    int r = release_seconds(released, &seconds, err);
    r = r < 0 ? r : tar_write(files, count, seconds, &text, err);
    return r < 0 ? r : destination_write(output, text_str(&text), text.length, err);
}

static int write_folder(struct arena *arena, const struct directory_file *files, size_t count, const char *output,
                        struct error **err) {
    struct tree_writer_file *rows = arena_new_array(arena, struct tree_writer_file, count);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct tree_writer_file){files[i].path, files[i].bytes, files[i].length, false};
    // Every catalog has a registry; that the folder is listed in its index makes it one of ours.
    const struct tree_writer_spec spec = {.folder = output,
                                          .files = rows,
                                          .count = count,
                                          .list_name = CATALOG_INDEX_PATH,
                                          .marker_name = "registry.yaml",
                                          .marker = ""};
    int r = tree_write_check(&spec, err);
    return r < 0 ? r : tree_write(&spec, NULL, err);
}

int catalog_pack(struct arena *arena, const char *place, const char *output, struct error **err) {
    struct catalog_spec spec;
    struct catalog *catalog = NULL;
    size_t count = 0;
    _cleanup_text_ struct text index = {0};
    bool is_archive = str_is_empty(output) || str_eq(output, "-") || str_has_suffix(output, ".tar");
    int r = is_archive ? destination_check(output, err) : destination_check_folder(output, err);
    r = r < 0 ? r : catalog_open_place(arena, place, &spec, &catalog, err);
    if (r < 0)
        return r;
    struct directory_file *files = list_files(arena, &spec, &count);
    catalog_add_index(&spec, &index);
    files[count++] = (struct directory_file){CATALOG_INDEX_PATH, CATALOG_INDEX_PATH, text_str(&index), index.length};
    return is_archive ? write_archive(files, count, catalog_identity(catalog)->released, output, err)
                      : write_folder(arena, files, count, output, err);
}

// --- showing ---

static struct doc *describe_files(struct arena *arena, const struct directory_file *files, size_t count) {
    struct doc *list = doc_new_list(arena);
    char hex[SHA256_HEX_SIZE];
    for (size_t i = 0; i < count; i++) {
        struct doc *row = doc_new_map(arena);
        doc_map_set_text(arena, row, "path", files[i].path);
        doc_map_set_text(arena, row, "sha256", sha256_hex(files[i].bytes, files[i].length, hex));
        doc_map_set_int(arena, row, "bytes", (int64_t)files[i].length);
        doc_list_add(arena, list, row);
    }
    return list;
}

static int describe_counts(struct arena *arena, struct catalog *catalog, size_t file_count, const struct doc **ret,
                           struct error **err) {
    const struct overlay *overlays = NULL;
    const struct registry_entry *entries = NULL;
    struct vocabulary *vocabulary = NULL;
    size_t component_count = 0, overlay_count = catalog_overlays(catalog, &overlays), recipe_count = 0;
    int r = catalog_registry(catalog, &entries, &component_count, err);
    r = r < 0 ? r : vocabulary_open(arena, catalog, &vocabulary, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < overlay_count; i++)
        recipe_count += overlays[i].has_criteria;
    struct doc *counts = doc_new_map(arena), *values = doc_new_map(arena);
    doc_map_set_int(arena, counts, "files", (int64_t)file_count);
    doc_map_set_int(arena, counts, "overlays", (int64_t)overlay_count);
    doc_map_set_int(arena, counts, "recipes", (int64_t)recipe_count);
    doc_map_set_int(arena, counts, "components", (int64_t)component_count);
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        doc_map_set_int(arena, values, criteria_field_names[i], (int64_t)vocabulary->field[i].count);
    doc_map_set(arena, counts, "criteria", values);
    *ret = counts;
    return 0;
}

static int check_digest(const struct catalog_identity *identity, const char *wanted, struct error **err) {
    const char *digest = identity->digest;
    if (!wanted || str_eq(wanted, digest) || str_eq(wanted, strchr(digest, ':') + 1))
        return 0;
    error_set(err, ERROR_CONFLICT, "%s has the digest %s, not %s",
              identity->source ? identity->source : "the built-in catalog", digest, wanted);
    return error_hint(err, "it is another catalog, or was changed; cnsctl recipe catalog diff tells what that changes");
}

int catalog_show(struct arena *arena, const char *place, const char *verify, const struct doc **ret,
                 struct error **err) {
    struct catalog_spec spec;
    struct catalog *catalog = NULL;
    const struct doc *counts = NULL;
    size_t count = 0;
    int r = catalog_open_place(arena, place, &spec, &catalog, err);
    r = r < 0 ? r : check_digest(catalog_identity(catalog), verify, err);
    if (r < 0)
        return r;
    const struct directory_file *files = list_files(arena, &spec, &count);
    const struct catalog_identity *identity = catalog_identity(catalog);
    r = describe_counts(arena, catalog, count, &counts, err);
    if (r < 0)
        return r;
    struct doc *summary = doc_new_map(arena);
    doc_map_set_text(arena, summary, "kind", "CatalogSummary");
    doc_map_set_text(arena, summary, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set_text(arena, summary, "name", identity->name);
    doc_map_set_text(arena, summary, "version", identity->version);
    doc_map_set_text(arena, summary, "released", identity->released);
    doc_map_set_text(arena, summary, "digest", identity->digest);
    doc_map_set_text(arena, summary, "source", identity->source);
    doc_map_set(arena, summary, "counts", counts);
    doc_map_set(arena, summary, "files", describe_files(arena, files, count));
    *ret = summary;
    return 0;
}

static void add_row(const char *title, const char *value, struct text *out) {
    text_addf(out, "%-11s %s\n", title, value);
}

void catalog_show_text(const struct doc *summary, bool with_files, struct text *out) {
    static const char *const heads[] = {"name", "version", "released", "digest", "source"};
    const struct doc *counts = doc_get(summary, "counts");
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
        add_row(heads[i], doc_get_text(summary, heads[i], str_eq(heads[i], "source") ? "(built in)" : "-"), out);
    DOC_FOREACH_MEMBER(member, counts)
    if (doc_is_scalar(member->value))
        add_row(member->key, doc_text(member->value), out);
    text_addf(out, "%-11s ", "criteria");
    DOC_FOREACH_MEMBER(member, doc_get(counts, "criteria"))
    text_addf(out, "%s%s %s", member == doc_get(counts, "criteria")->map.members ? "" : ", ", doc_text(member->value),
              member->key);
    text_add_char(out, '\n');
    DOC_FOREACH_ITEM(file, with_files ? doc_get(summary, "files") : NULL)
    text_addf(out, "%s%s  %s\n", file_index ? "" : "\n", doc_get_text(file, "sha256", ""),
              doc_get_text(file, "path", ""));
}
