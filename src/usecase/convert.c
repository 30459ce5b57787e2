// SPDX-License-Identifier: Apache-2.0
#include "usecase/convert.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sha256.h"
#include "io/directory.h"
#include "io/source.h"
#include "io/tree_writer.h"
#include "migrate/convert.h"
#include "usecase/convert_check.h"
#include "usecase/deliver.h"
#include "usecase/knowledge.h"
#include "usecase/migrate.h"

#define LIST_NAME ".cnsctl-migrate"
#define LIST_HEAD "# written by cnsctl migrate\n"

struct converting {
    struct arena *arena;
    const struct convert_arguments *arguments;
    struct formats formats;
    const struct doc *to;
    struct report *report;
    struct tree_writer_file *files; // of a folder
    size_t count;
    size_t copied; // files that are no documents of any format
};

static int open_formats(struct converting *converting, struct error **err) {
    const struct knowledge_source builtin = {0};
    struct catalog *catalog = NULL;
    const struct doc *doc = NULL;
    int r = knowledge_open(converting->arena, &builtin, &catalog, err);
    r = r < 0 ? r : catalog_document(catalog, "migrate/documents.yaml", &doc, err);
    r = r < 0 ? r : formats_open(doc, &converting->formats, err);
    return r < 0 ? r : formats_find(&converting->formats, converting->arguments->to, &converting->to, err);
}

// --- text around the document ---

// The comments at the head of a file (licence, what it is); those further down are no part of a document.
static void add_head(const char *bytes, size_t length, struct text *out) {
    for (size_t i = 0; i < length;) {
        const char *end = memchr(bytes + i, '\n', length - i);
        size_t line = end ? (size_t)(end - bytes) - i + 1 : length - i;
        bool is_blank = bytes[i] == '\n' || (bytes[i] == '\r' && line == 2);
        if (!is_blank && bytes[i] != '#')
            break;
        text_add_bytes(out, bytes + i, line);
        i += line;
    }
    if (out->length && out->bytes[out->length - 1] != '\n')
        text_add_char(out, '\n');
}

static size_t count_comments(const char *bytes, size_t length, size_t from) {
    size_t count = 0;
    for (size_t i = from; i < length; i++) {
        while (i < length && (bytes[i] == ' ' || bytes[i] == '\t'))
            i++;
        count += i < length && bytes[i] == '#';
        while (i < length && bytes[i] != '\n')
            i++;
    }
    return count;
}

static void emit(struct converting *converting, const char *phase, const char *bytes, size_t length,
                 enum emit_format format, const struct doc *doc, struct text *out) {
    if (format == EMIT_YAML) {
        add_head(bytes, length, out);
        size_t comments = count_comments(bytes, length, out->length);
        if (comments)
            verdict_add(converting->report,
                        &(struct verdict_row){.id = "comments",
                                              .phase = phase,
                                              .verdict = VERDICT_OUTSIDE,
                                              .value = arena_printf(converting->arena, "%zu lines", comments),
                                              .why = "Comments below the head of the file are no part of a document."});
    }
    doc_emit(doc, format, out);
}

// --- one document ---

static int read_all(const char *location, struct text *content, struct error **err) {
    _cleanup_source_ struct source *source = NULL;
    int r = source_open(location, &source, err);
    while (r == 0) {
        const struct doc_input *input = source_input(source);
        ssize_t got = input->read(input->context, text_reserve(content, 65536), 65536, err);
        if (got <= 0)
            return (int)got;
        text_commit(content, (size_t)got);
        if (content->length > DOC_DEFAULT_SIZE_LIMIT)
            r = error_set(err, ERROR_LIMIT, "%s: is larger than a document may be", location);
    }
    return r;
}

static int convert_one(struct converting *converting, struct error **err) {
    const struct convert_arguments *arguments = converting->arguments;
    _cleanup_text_ struct text content = {0}, out = {0};
    const struct doc *doc = NULL, *converted = NULL;
    int r = deliver_check(arguments->output, err);
    r = r < 0 ? r : read_all(arguments->input, &content, err);
    r = r < 0 ? r
              : doc_load_buffer(converting->arena, text_str(&content), content.length, arguments->input,
                                DOC_FORMAT_AUTO, NULL, &doc, err);
    r = r < 0 ? r
              : convert_document(converting->report, &converting->formats, converting->to, arguments->input, doc,
                                 &converted, err);
    if (r < 0)
        return r;
    emit(converting, arguments->input, text_str(&content), content.length, arguments->format, converted, &out);
    return deliver_text(arguments->output, &out, err);
}

// --- a folder ---

static void add_file(struct converting *converting, const char *path, const char *bytes, size_t length) {
    converting->files[converting->count++] = (struct tree_writer_file){.path = path, .bytes = bytes, .length = length};
}

static void copy_file(struct converting *converting, const struct directory_file *file) {
    converting->copied++;
    add_file(converting, file->path, file->bytes, file->length);
}

static bool is_document_name(const char *path) {
    return (str_has_suffix(path, ".yaml") || str_has_suffix(path, ".yml") || str_has_suffix(path, ".json")) &&
           !strstr(path, "/manifests/");
}

// Where a document must stand, one that cannot be read is an error; elsewhere it is a template or something of others.
static bool must_be_document(const char *path) {
    return !strchr(path, '/') || str_has_prefix(path, "overlays/") || str_has_prefix(path, "mixins/");
}

static void leave_out(struct converting *converting, const struct directory_file *file, const struct doc *doc) {
    struct arena *arena = converting->arena;
    verdict_add(converting->report,
                &(struct verdict_row){.id = "file",
                                      .phase = file->path,
                                      .verdict = VERDICT_LOST,
                                      .value = doc_get_text(doc, "kind", "(no kind)"),
                                      .why = arena_printf(arena, "%s has no such document; the file is left out.",
                                                          doc_get_text(converting->to, "name", "")),
                                      .where = doc->origin});
}

static int convert_file(struct converting *converting, const struct directory_file *file, const struct doc *doc,
                        struct error **err) {
    struct format_match match;
    const char *is =
        formats_identify(&converting->formats, doc, &match) ? doc_get_text(match.document, "is", "") : NULL;
    bool is_native = !is && formats_is_version_of(converting->to, doc_get_text(doc, "apiVersion", ""));
    if (is_native) {
        copy_file(converting, file);
        return 0;
    }
    if (!is || !formats_document(converting->to, is)) {
        leave_out(converting, file, doc);
        return 0;
    }
    const struct doc *converted = NULL;
    int r =
        convert_document(converting->report, &converting->formats, converting->to, file->path, doc, &converted, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text out = {0};
    enum emit_format format = str_has_suffix(file->path, ".json") ? EMIT_JSON : EMIT_YAML;
    emit(converting, file->path, file->bytes, file->length, format, converted, &out);
    add_file(converting, file->path, arena_strndup(converting->arena, text_str(&out), out.length), out.length);
    return 0;
}

static int take_file(struct converting *converting, const struct directory_file *file, struct error **err) {
    _cleanup_error_ struct error *unreadable = NULL;
    const struct doc *doc = NULL;
    int r = is_document_name(file->path) ? doc_load_buffer(converting->arena, file->bytes, file->length, file->name,
                                                           DOC_FORMAT_AUTO, NULL, &doc, &unreadable)
                                         : 0;
    if (r < 0 && must_be_document(file->path)) {
        *err = TAKE_PTR(unreadable);
        return r;
    }
    const char *version = doc_get_text(doc, "apiVersion", NULL);
    if (version && formats_has_version(&converting->formats, version))
        return convert_file(converting, file, doc, err);
    copy_file(converting, file);
    return 0;
}

static int write_folder(struct converting *converting, struct error **err) {
    _cleanup_text_ struct text list = {0};
    text_add(&list, LIST_HEAD);
    for (size_t i = 0; i < converting->count; i++) {
        char hex[SHA256_HEX_SIZE];
        text_addf(&list, "%s  %s\n", sha256_hex(converting->files[i].bytes, converting->files[i].length, hex),
                  converting->files[i].path);
    }
    add_file(converting, LIST_NAME, text_str(&list), list.length);
    const struct tree_writer_spec spec = {.folder = converting->arguments->output,
                                          .files = converting->files,
                                          .count = converting->count,
                                          .list_name = LIST_NAME,
                                          .marker_name = LIST_NAME,
                                          .marker = LIST_HEAD,
                                          .what = "converted folder",
                                          .force = converting->arguments->force};
    return tree_write(&spec, NULL, err);
}

static bool is_catalog(const struct directory_file *files, size_t count) {
    bool has_registry = false, has_base = false;
    for (size_t i = 0; i < count; i++) {
        has_registry = has_registry || str_eq(files[i].path, "registry.yaml");
        has_base = has_base || str_eq(files[i].path, "overlays/base.yaml");
    }
    return has_registry && has_base;
}

static int check_results(struct converting *converting, const struct directory_file *files, size_t count,
                         struct error **err) {
    struct arena *arena = converting->arena;
    struct catalog_file *before = arena_new_array(arena, struct catalog_file, count + 1);
    struct catalog_file *after = arena_new_array(arena, struct catalog_file, converting->count + 1);
    for (size_t i = 0; i < count; i++)
        before[i] = (struct catalog_file){files[i].path, files[i].name, files[i].bytes, files[i].length};
    for (size_t i = 0; i < converting->count; i++) {
        const struct tree_writer_file *file = &converting->files[i];
        const char *name = arena_printf(arena, "%s/%s", converting->arguments->output, file->path);
        after[i] = (struct catalog_file){file->path, name, file->bytes, file->length};
    }
    const struct catalog_spec specs[] = {
        {.files = before, .count = count, .directory = converting->arguments->input, .mode = CATALOG_REPLACE},
        {.files = after,
         .count = converting->count,
         .directory = converting->arguments->output,
         .mode = CATALOG_REPLACE},
    };
    return convert_check(converting->report, &specs[0], &specs[1], err);
}

static int convert_folder(struct converting *converting, struct error **err) {
    const struct convert_arguments *arguments = converting->arguments;
    struct directory_file *files = NULL;
    size_t count = 0;
    if (str_is_empty(arguments->output) || str_eq(arguments->output, "-")) {
        error_set(err, ERROR_INVALID, "%s: is a folder, so its documents need one to be written to", arguments->input);
        return error_hint(err, "name it with --output DIR");
    }
    int r = directory_read(converting->arena, arguments->input, NULL, &files, &count, err);
    if (r < 0)
        return r;
    converting->files = arena_new_array(converting->arena, struct tree_writer_file, count + 1);
    for (size_t i = 0; i < count && r == 0; i++)
        r = take_file(converting, &files[i], err);
    if (r < 0)
        return r;
    if (converting->copied)
        verdict_add(converting->report,
                    &(struct verdict_row){.id = "others",
                                          .phase = "files",
                                          .verdict = VERDICT_CARRIED,
                                          .value = arena_printf(converting->arena, "%zu files", converting->copied),
                                          .why = "Values, manifests and what no format here "
                                                 "describes are copied as they are."});
    if (is_catalog(files, count))
        r = check_results(converting, files, count, err);
    return r < 0 ? r : write_folder(converting, err);
}

int convert_run(struct arena *arena, const struct convert_arguments *arguments, struct report *ret,
                struct error **err) {
    struct report report;
    report_init(&report, arena, "MigrationReport");
    struct converting converting = {.arena = arena, .arguments = arguments, .report = &report};
    int r = open_formats(&converting, err);
    if (r == 0)
        r = path_is_directory(arguments->input) ? convert_folder(&converting, err) : convert_one(&converting, err);
    if (r < 0)
        return r;
    report.title = arena_printf(arena, "Conversion of %s to %s", arguments->input,
                                doc_get_text(converting.to, "name", arguments->to));
    report.started = clock_now();
    migrate_tell(&report);
    *ret = report;
    return 0;
}
