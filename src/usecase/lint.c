// SPDX-License-Identifier: Apache-2.0
#include "usecase/lint.h"
#include "base/clock.h"
#include "base/file.h"
#include "bundle/template.h"
#include "lint/lint.h"
#include "usecase/chart.h"

#include <stdlib.h>

static int parse_template(struct arena *arena, const struct catalog_file *file, struct error **err) {
    const struct template *template = NULL;
    return template_parse(arena, file->bytes, file->length, file->name, &template, err);
}

static int find_chart(struct arena *arena, void *context, const char *name, const struct lint_chart **ret,
                      struct error **err) {
    const char *folder = arena_printf(arena, "%s/%s", (const char *)context, name);
    if (!path_is_safe_relative(name) || !path_is_directory(folder))
        return 0;
    return chart_load(arena, folder, name, ret, err);
}

static int check_charts(const char *folder, struct error **err) {
    if (!folder || path_is_directory(folder))
        return 0;
    if (path_exists(folder))
        return error_set(err, ERROR_INVALID, "%s: is no folder of charts", folder);
    error_set(err, ERROR_NOT_FOUND, "%s: there is no such folder", folder);
    return error_hint(err, "give a folder that holds one folder for each chart, with its values.yaml");
}

static const char *make_title(struct arena *arena, const struct knowledge_source *source) {
    if (source->catalog)
        return arena_printf(arena, "The catalog %s", source->catalog);
    return source->data ? arena_printf(arena, "The built-in knowledge with %s over it", source->data)
                        : "The built-in knowledge";
}

int lint_run(struct arena *arena, const struct lint_arguments *arguments, struct report *ret, struct error **err) {
    uint64_t start = clock_monotonic_ns();
    struct catalog_spec spec;
    int r = check_charts(arguments->charts, err);
    r = r < 0 ? r : knowledge_read(arena, &arguments->knowledge, &spec, err);
    if (r < 0)
        return r;
    const struct lint_request request = {
        .spec = &spec,
        .parse_template = parse_template,
        .find_chart = arguments->charts ? find_chart : NULL,
        .context = (void *)arguments->charts,
    };
    struct report report;
    report_init(&report, arena, "LintResult");
    r = lint_catalog(arena, &request, &report, err);
    if (r < 0)
        return r;
    report.title = make_title(arena, &arguments->knowledge);
    report.recipe_source = spec.directory;
    report.started = clock_now();
    report.duration_ns = getenv("SOURCE_DATE_EPOCH") ? 0 : clock_monotonic_ns() - start;
    *ret = report;
    return 0;
}
