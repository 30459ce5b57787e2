// SPDX-License-Identifier: Apache-2.0
#include "usecase/scaffold.h"
#include "base/file.h"
#include "base/text.h"
#include "io/destination.h"
#include "recipe/scaffold.h"
#include "usecase/chart.h"

#include <ctype.h>

#define REGISTRY_LIMIT ((size_t)10 * 1024 * 1024)
#define FILE_COUNT 5

struct scaffold_file {
    const char *path; // below the folder
    const char *text;
    bool is_replaced; // else it must not be there
};

static int refuse_existing(const char *path, struct error **err) {
    if (!path_exists(path))
        return 0;
    error_set(err, ERROR_CONFLICT, "%s: is there already", path);
    return error_hint(err, "move it away, or choose another name; nothing is overwritten");
}

// Names become names of files and of Kubernetes objects.
static int check_name(const char *option, const char *name, struct error **err) {
    bool is_sound = name && isalnum((unsigned char)name[0]) && isalnum((unsigned char)name[strlen(name) - 1]);
    for (const char *at = name; is_sound && *at; at++)
        is_sound = *at == '-' || isdigit((unsigned char)*at) || (*at >= 'a' && *at <= 'z');
    if (!name || is_sound)
        return 0;
    return error_set(err, ERROR_INVALID, "%s: '%s' must be lower-case letters, digits and dashes", option, name);
}

// --- overlays ---

static int read_criteria(const struct scaffold_arguments *arguments, const struct vocabulary *vocabulary,
                         struct criteria *ret, struct error **err) {
    struct criteria criteria = {.nodes = arguments->nodes};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *where = arena_printf(vocabulary->arena, "--%s", criteria_field_names[i]);
        if (!arguments->field[i])
            continue;
        int r = vocabulary_resolve(vocabulary, i, arguments->field[i], where, &criteria.field[i], err);
        if (r < 0)
            return r;
    }
    *ret = criteria;
    return 0;
}

// A folder of data gets the overlay where recipe --data looks for it.
static const char *overlay_path(struct arena *arena, const char *output, const char *name) {
    if (str_has_suffix(output, ".yaml") || str_has_suffix(output, ".yml"))
        return output;
    return arena_printf(arena, "%s/overlays/%s.yaml", output, name);
}

static int make_parent(struct arena *arena, const char *path, struct error **err) {
    const char *slash = strrchr(path, '/');
    return slash && slash > path ? directory_make(arena_strndup(arena, path, (size_t)(slash - path)), err) : 0;
}

static int write_overlay(struct arena *arena, const struct scaffold_arguments *arguments,
                         const struct scaffold_overlay *overlay, struct scaffold_answer *ret, struct error **err) {
    if (str_is_empty(arguments->output) || str_eq(arguments->output, "-"))
        return destination_write(NULL, overlay->text, strlen(overlay->text), err);
    const char *path = overlay_path(arena, arguments->output, overlay->name);
    int r = refuse_existing(path, err);
    r = r < 0 ? r : make_parent(arena, path, err);
    r = r < 0 ? r : destination_write(path, overlay->text, strlen(overlay->text), err);
    if (r < 0)
        return r;
    ret->files = arena_new_array(arena, const char *, 1);
    ret->files[ret->count++] = path;
    return 0;
}

static int run_overlay(struct arena *arena, const struct scaffold_arguments *arguments, struct scaffold_answer *ret,
                       struct error **err) {
    struct catalog *catalog = NULL;
    struct vocabulary *vocabulary = NULL;
    struct scaffold_overlay_request request = {.name = arguments->name};
    struct scaffold_overlay overlay;
    int r = check_name("--name", arguments->name, err);
    r = r < 0 ? r : knowledge_open(arena, &arguments->knowledge, &catalog, err);
    r = r < 0 ? r : vocabulary_open(arena, catalog, &vocabulary, err);
    r = r < 0 ? r : read_criteria(arguments, vocabulary, &request.criteria, err);
    r = r < 0 ? r : scaffold_overlay(arena, catalog, vocabulary, &request, &overlay, err);
    return r < 0 ? r : write_overlay(arena, arguments, &overlay, ret, err);
}

// --- components ---

static int load_chart(struct arena *arena, const struct scaffold_arguments *arguments,
                      struct scaffold_component_request *request, struct error **err) {
    const struct lint_chart *chart = NULL;
    int r = chart_load(arena, arguments->chart, arguments->component, &chart, err);
    if (r < 0)
        return r;
    if (!chart->about || !chart->values) {
        error_set(err, ERROR_NOT_FOUND, "%s/%s: there is no such file", arguments->chart,
                  chart->about ? "values.yaml" : "Chart.yaml");
        return error_hint(err, "give the folder of a chart, such as helm pull --untar makes");
    }
    request->about = chart->about;
    request->values = chart->values;
    return 0;
}

static int load_registry(struct arena *arena, const char *folder, const char **ret, struct error **err) {
    const char *path = arena_printf(arena, "%s/registry.yaml", folder);
    _cleanup_text_ struct text content = {0};
    if (!path_exists(path))
        return 0;
    int r = file_read(path, REGISTRY_LIMIT, &content, err);
    if (r == 0)
        *ret = arena_strdup(arena, text_str(&content));
    return r;
}

static int write_files(struct arena *arena, const char *folder, const struct scaffold_file files[FILE_COUNT],
                       struct scaffold_answer *ret, struct error **err) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < FILE_COUNT; i++)
        if (files[i].text && !files[i].is_replaced)
            r = refuse_existing(arena_printf(arena, "%s/%s", folder, files[i].path), err);
    ret->files = arena_new_array(arena, const char *, FILE_COUNT);
    for (size_t i = 0; r == 0 && i < FILE_COUNT; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, files[i].path);
        if (!files[i].text)
            continue;
        r = make_parent(arena, path, err);
        r = r < 0 ? r : destination_write(path, files[i].text, strlen(files[i].text), err);
        if (r == 0)
            ret->files[ret->count++] = path;
    }
    return r;
}

static int check_component(const struct scaffold_arguments *arguments, struct error **err) {
    const struct {
        const char *option, *value;
    } needed[] = {
        {"--chart", arguments->chart}, {"--repository", arguments->repository}, {"--output", arguments->output}};
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (str_is_empty(needed[i].value)) {
            error_set(err, ERROR_INVALID, "a component needs %s", needed[i].option);
            return error_hint(err, "cnsctl recipe scaffold --component NAME --chart FOLDER --repository URL --output "
                                   "FOLDER");
        }
    if (!str_has_prefix(arguments->repository, "https://") && !str_has_prefix(arguments->repository, "oci://"))
        return error_set(err, ERROR_INVALID, "--repository: '%s' must start with https:// or oci://",
                         arguments->repository);
    int r = check_name("--namespace", arguments->namespace_, err);
    return r < 0 ? r : check_name("--component", arguments->component, err);
}

static int run_component(struct arena *arena, const struct scaffold_arguments *arguments, struct scaffold_answer *ret,
                         struct error **err) {
    struct scaffold_component_request request = {.name = arguments->component,
                                                 .repository = arguments->repository,
                                                 .namespace_ = arguments->namespace_,
                                                 .version = arguments->version,
                                                 .source = arguments->source,
                                                 .why = arguments->why};
    struct scaffold_component component;
    int r = check_component(arguments, err);
    r = r < 0 ? r : load_chart(arena, arguments, &request, err);
    r = r < 0 ? r : load_registry(arena, arguments->output, &request.registry, err);
    r = r < 0 ? r : scaffold_component(arena, &request, &component, err);
    if (r < 0)
        return r;
    const char *folder = arena_printf(arena, "components/%s", request.name);
    const struct scaffold_file files[FILE_COUNT] = {
        {.path = arena_printf(arena, "%s/values.yaml", folder), .text = component.values},
        {.path = arena_printf(arena, "%s/facts.yaml", folder), .text = component.facts},
        {.path = arena_printf(arena, "%s/upgrades.yaml", folder), .text = component.upgrades},
        {.path = arena_printf(arena, "mixins/%s.yaml", request.name), .text = component.mixin},
        {.path = "registry.yaml", .text = component.registry, .is_replaced = true},
    };
    return write_files(arena, arguments->output, files, ret, err);
}

int scaffold_run(struct arena *arena, const struct scaffold_arguments *arguments, struct scaffold_answer *ret,
                 struct error **err) {
    *ret = (struct scaffold_answer){0};
    return arguments->component ? run_component(arena, arguments, ret, err) : run_overlay(arena, arguments, ret, err);
}
