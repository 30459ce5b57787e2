// SPDX-License-Identifier: Apache-2.0
#include "usecase/chart.h"
#include "base/file.h"
#include "base/process.h"
#include "doc/load.h"
#include "io/tar.h"

#include <ctype.h>
#include <dirent.h>

#define CHART_FILE_LIMIT ((size_t)10 * 1024 * 1024)
#define ARCHIVE_LIMIT ((size_t)64 * 1024 * 1024)
#define UNPACK_TIMEOUT_MS 30000

bool chart_is_archive(const char *path) {
    return str_has_suffix(path, ".tgz") || str_has_suffix(path, ".tar.gz");
}

// Many charts without values have a values.yaml of comments alone.
static int load_document(struct arena *arena, const char *bytes, size_t length, const char *path,
                         const struct doc **ret, struct error **err) {
    const struct doc_limits limits = {.size = CHART_FILE_LIMIT};
    const struct doc *all = NULL;
    int r = doc_load_all_buffer(arena, bytes, length, path, &limits, &all, err);
    if (r == 0)
        *ret = doc_count(all) ? doc_item(all, 0) : doc_new_map(arena);
    return r;
}

static void name_chart(struct lint_chart *chart, struct arena *arena, const char *name) {
    chart->name = doc_get_text(chart->about, "name", NULL);
    if (!chart->name)
        chart->name = arena_strdup(arena, name);
}

// --- folders ---

static int load_if_there(struct arena *arena, const char *folder, const char *name, const struct doc **ret,
                         struct error **err) {
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    _cleanup_text_ struct text content = {0};
    if (!path_exists(path))
        return 0;
    int r = file_read(path, CHART_FILE_LIMIT, &content, err);
    return r < 0 ? r : load_document(arena, text_str(&content), content.length, path, ret, err);
}

static int load_folder(struct arena *arena, const char *folder, struct lint_chart *chart, struct error **err) {
    int r = load_if_there(arena, folder, "Chart.yaml", &chart->about, err);
    r = r < 0 ? r : load_if_there(arena, folder, "values.yaml", &chart->values, err);
    return r < 0 ? r : load_if_there(arena, folder, "values.schema.json", &chart->schema, err);
}

// --- archives ---

static int unpack(struct arena *arena, const char *path, struct directory_file **ret, size_t *ret_count,
                  struct error **err) {
    const char *const argv[] = {"gzip", "-dc", "--", path, NULL};
    const struct process_spec spec = {.argv = argv, .timeout_ms = UNPACK_TIMEOUT_MS, .output_limit = ARCHIVE_LIMIT};
    _cleanup_process_result_ struct process_result result = {0};
    int r = process_run(&spec, &result, err);
    if (r < 0)
        return r;
    if (result.exit_status != 0) {
        error_set(err, ERROR_INVALID, "%s: is no archive of a chart", path);
        return error_hint(err, "give what helm pull or helm package wrote: a .tgz, or its unpacked folder");
    }
    const char *bytes = arena_strndup(arena, text_str(&result.output), result.output.length);
    return tar_read(arena, bytes, result.output.length, path, NULL, ret, ret_count, err);
}

// What stands in the chart's own folder, the first part of the path; subcharts lie deeper.
static bool is_file_of_chart(const char *path, const char *name) {
    const char *slash = strchr(path, '/');
    return slash && str_eq(slash + 1, name);
}

static int load_archive(struct arena *arena, const char *path, struct lint_chart *chart, struct error **err) {
    const struct {
        const char *name;
        const struct doc **ret;
    } wanted[] = {
        {"Chart.yaml", &chart->about}, {"values.yaml", &chart->values}, {"values.schema.json", &chart->schema}};
    struct directory_file *files = NULL;
    size_t count = 0;
    int r = unpack(arena, path, &files, &count, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        for (size_t k = 0; r == 0 && k < ARRAY_SIZE(wanted); k++)
            if (is_file_of_chart(files[i].path, wanted[k].name))
                r = load_document(arena, files[i].bytes, files[i].length, files[i].name, wanted[k].ret, err);
    return r;
}

int chart_load(struct arena *arena, const char *place, const char *name, const struct lint_chart **ret,
               struct error **err) {
    struct lint_chart *chart = arena_new_object(arena, struct lint_chart);
    int r = chart_is_archive(place) ? load_archive(arena, place, chart, err) : load_folder(arena, place, chart, err);
    if (r < 0)
        return r;
    name_chart(chart, arena, name);
    *ret = chart;
    return 0;
}

// --- finding ---

// <name>.tgz or <name>-<version>.tgz; a version starts with a digit, or v and one.
static bool is_archive_of(const char *file, const char *name) {
    size_t length = strlen(name);
    if (!chart_is_archive(file) || strncmp(file, name, length) != 0)
        return false;
    const char *rest = file + length;
    return *rest == '.' || (*rest == '-' && isdigit((unsigned char)rest[rest[1] == 'v' ? 2 : 1]));
}

static int has_name(struct arena *arena, const char *folder, const char *name, bool *ret, struct error **err) {
    const struct doc *about = NULL;
    int r = load_if_there(arena, folder, "Chart.yaml", &about, err);
    *ret = r == 0 && str_eq(doc_get_text(about, "name", NULL), name);
    return r;
}

static int look_at(struct arena *arena, const char *place, const char *entry, const char *name, const char **ret,
                   struct error **err) {
    const char *path = arena_printf(arena, "%s/%s", place, entry);
    bool is_it = is_archive_of(entry, name);
    int r = !is_it && entry[0] != '.' && path_is_directory(path) ? has_name(arena, path, name, &is_it, err) : 0;
    if (r == 0 && is_it && (!*ret || strcmp(path, *ret) > 0))
        *ret = path;
    return r;
}

static int find_place(struct arena *arena, const char *place, const char *name, const char **ret, struct error **err) {
    const char *folder = arena_printf(arena, "%s/%s", place, name);
    if (path_is_directory(folder)) {
        *ret = folder;
        return 0;
    }
    int r = 0;
    DIR *directory = opendir(place);
    for (struct dirent *entry; r == 0 && directory && (entry = readdir(directory));)
        r = look_at(arena, place, entry->d_name, name, ret, err);
    if (directory)
        closedir(directory);
    return r;
}

int chart_find(struct arena *arena, const char *folder, const char *name, const struct lint_chart **ret,
               struct error **err) {
    const char *found = NULL;
    int r = path_is_safe_relative(name) ? find_place(arena, folder, name, &found, err) : 0;
    return r == 0 && found ? chart_load(arena, found, name, ret, err) : r;
}
