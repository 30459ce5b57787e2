// SPDX-License-Identifier: Apache-2.0
// A file of a catalog that is checked: whatever stands in it, lint ends with a report whose findings say where and what
// to do. The first line names the file; the rest is its text.
#include "base/text.h"
#include "bundle/template.h"
#include "lint/lint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The smallest knowledge to lay the file over: linting all that is built in each time would be slow.
#define HEAD "apiVersion: cns.nvidia.com/v1alpha1\n"
static const char base[] = HEAD "kind: RecipeMetadata\nmetadata: {name: base}\nspec:\n  constraints:\n"
                                "    - {name: K8s.server.version, value: \">= 1.32\", source: a, why: b}\n"
                                "  componentRefs:\n    - {name: a, version: v1.0.0, sources: [a], why: b}\n";
static const char registry[] = HEAD "kind: ComponentRegistry\ncomponents:\n  - name: a\n    displayName: A\n"
                                    "    helm: {defaultRepository: \"https://a.example\", defaultChart: a}\n";
static const char criteria[] = HEAD "kind: CriteriaCatalog\nfields: {service: {values: [{name: eks}]}}\n";

static int parse_template(struct arena *arena, const struct catalog_file *file, struct error **err) {
    const struct template *template = NULL;
    return template_parse(arena, file->bytes, file->length, file->name, &template, err);
}

static void check_report(const struct report *report) {
    if (report->count < 20)
        abort();
    for (size_t i = 0; i < report->count; i++) {
        const struct check *check = &report->checks[i];
        bool is_finding = check->status == CHECK_FAILED || check->status == CHECK_WARNING;
        if (!check->id || !check->reason || (is_finding && !check->remediation))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const known[] = {"overlays/base.yaml", "registry.yaml", "criteria.yaml"};
    static const char *const texts[] = {base, registry, criteria};
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const char *text = arena_strndup(arena, (const char *)data, size);
    size_t first = strcspn(text, "\n"), count = 0;
    const char *path = first && first < 100 ? arena_strndup(arena, text, first) : "overlays/x.yaml";
    size_t start = first < size ? first + 1 : size;
    struct catalog_file files[ARRAY_SIZE(known) + 1];
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (!str_eq(path, known[i]))
            files[count++] = (struct catalog_file){known[i], known[i], texts[i], strlen(texts[i]), NULL};
    files[count++] = (struct catalog_file){path, path, text + start, size - start, NULL};
    const struct catalog_spec spec = {.files = files, .count = count, .mode = CATALOG_REPLACE};
    const struct lint_request request = {.spec = &spec, .parse_template = parse_template};
    struct report report;
    report_init(&report, arena, "LintResult");
    if (lint_catalog(arena, &request, &report, &err) < 0)
        abort();
    check_report(&report);
    return 0;
}
