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

struct charts {
    const char *folder;            // of charts
    const struct lint_chart *only; // instead of a folder: the one that was given
};

static int find_chart(struct arena *arena, void *context, const char *name, const struct lint_chart **ret,
                      struct error **err) {
    const struct charts *charts = context;
    if (!charts->only)
        return chart_find(arena, charts->folder, name, ret, err);
    if (str_eq(charts->only->name, name))
        *ret = charts->only;
    return 0;
}

static int open_charts(struct arena *arena, const char *place, struct charts *ret, struct error **err) {
    *ret = (struct charts){.folder = place};
    if (!place || path_is_directory(place))
        return 0;
    if (path_exists(place) && chart_is_archive(place))
        return chart_load(arena, place, place, &ret->only, err);
    if (path_exists(place))
        return error_set(err, ERROR_INVALID, "%s: is neither a folder of charts nor the archive of one (.tgz)", place);
    error_set(err, ERROR_NOT_FOUND, "%s: there is no such folder", place);
    return error_hint(err, "give a folder that holds a folder or an archive of each chart, or one archive");
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
    struct charts charts;
    int r = open_charts(arena, arguments->charts, &charts, err);
    r = r < 0 ? r : knowledge_read(arena, &arguments->knowledge, &spec, err);
    if (r < 0)
        return r;
    const struct lint_request request = {
        .spec = &spec,
        .parse_template = parse_template,
        .find_chart = arguments->charts ? find_chart : NULL,
        .context = &charts,
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
