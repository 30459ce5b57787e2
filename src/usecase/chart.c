// SPDX-License-Identifier: Apache-2.0
#include "usecase/chart.h"
#include "base/file.h"
#include "doc/load.h"

#define CHART_FILE_LIMIT ((size_t)10 * 1024 * 1024)

static int load_if_there(struct arena *arena, const char *folder, const char *name, const struct doc **ret,
                         struct error **err) {
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    const struct doc_limits limits = {.size = CHART_FILE_LIMIT};
    const struct doc *all = NULL;
    _cleanup_text_ struct text content = {0};
    if (!path_exists(path))
        return 0;
    int r = file_read(path, CHART_FILE_LIMIT, &content, err);
    r = r < 0 ? r : doc_load_all_buffer(arena, text_str(&content), content.length, path, &limits, &all, err);
    if (r < 0)
        return r;
    *ret = doc_count(all) ? doc_item(all, 0) : doc_new_map(arena);
    return 0;
}

int chart_load(struct arena *arena, const char *folder, const char *name, const struct lint_chart **ret,
               struct error **err) {
    struct lint_chart *chart = arena_new_object(arena, struct lint_chart);
    chart->name = arena_strdup(arena, name);
    int r = load_if_there(arena, folder, "Chart.yaml", &chart->about, err);
    r = r < 0 ? r : load_if_there(arena, folder, "values.yaml", &chart->values, err);
    r = r < 0 ? r : load_if_there(arena, folder, "values.schema.json", &chart->schema, err);
    if (r == 0)
        *ret = chart;
    return r;
}
