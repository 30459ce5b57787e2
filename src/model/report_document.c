// SPDX-License-Identifier: Apache-2.0
// The report as one of our documents, in YAML or JSON, with the keys in fixed order (docs/reports.md).
#include "base/clock.h"
#include "doc/emit.h"
#include "model/report_format.h"

static struct doc *make_metadata(struct arena *arena, const struct report *report) {
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    struct doc *metadata = doc_new_map(arena);
    doc_map_set_text(arena, metadata, "timestamp", clock_timestamp(report->started, timestamp));
    doc_map_set_text(arena, metadata, "version", CNS_VERSION);
    return metadata;
}

static struct doc *make_summary(struct arena *arena, const struct report *report) {
    struct doc *summary = doc_new_map(arena);
    for (int status = 0; status < CHECK_STATUS_COUNT; status++)
        doc_map_set_int(arena, summary, report_status_key((enum check_status)status),
                        (int64_t)report_count(report, (enum check_status)status));
    doc_map_set_int(arena, summary, "total", (int64_t)report->count);
    doc_map_set_text(arena, summary, "status", report_status(report));
    doc_map_set_int(arena, summary, "durationMs", report_milliseconds(report->duration_ns));
    return summary;
}

static struct doc *make_result(struct arena *arena, const struct check *check) {
    struct doc *result = doc_new_map(arena);
    doc_map_set_text(arena, result, "name", check->id);
    doc_map_set_text(arena, result, "phase", report_phase(check));
    doc_map_set_text(arena, result, "status", report_status_key(check->status));
    doc_map_set_text(arena, result, "severity", report_severity_key(check->severity));
    doc_map_set_text(arena, result, "expected", check->expected);
    doc_map_set_text(arena, result, "actual", check->actual);
    doc_map_set_text(arena, result, "where", check->where);
    doc_map_set_text(arena, result, "source", check->source);
    doc_map_set_text(arena, result, "cause", check->cause);
    doc_map_set_text(arena, result, "message", check->reason);
    doc_map_set_text(arena, result, "remediation", check->remediation);
    return result;
}

static struct doc *make_catalog(struct arena *arena, const struct report *report) {
    struct doc *catalog = doc_new_map(arena);
    doc_map_set_text(arena, catalog, "version", report->recipe_catalog_version);
    doc_map_set_text(arena, catalog, "digest", report->recipe_catalog_digest);
    return catalog;
}

static struct doc *make_document(struct arena *arena, const struct report *report) {
    struct doc *document = doc_new_map(arena), *results = doc_new_list(arena);
    for (size_t i = 0; i < report->count; i++)
        doc_list_add(arena, results, make_result(arena, &report->checks[i]));
    doc_map_set_text(arena, document, "kind", report->kind);
    doc_map_set_text(arena, document, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set(arena, document, "metadata", make_metadata(arena, report));
    doc_map_set_text(arena, document, "recipeSource", report->recipe_source);
    if (report->recipe_catalog_digest)
        doc_map_set(arena, document, "recipeCatalog", make_catalog(arena, report));
    doc_map_set_text(arena, document, "snapshotSource", report->snapshot_source);
    doc_map_set(arena, document, "summary", make_summary(arena, report));
    doc_map_set(arena, document, "results", results);
    return document;
}

int report_write_json(const struct report *report, bool color _unused_, struct text *out, struct error **err _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    doc_emit(make_document(arena, report), EMIT_JSON, out);
    return 0;
}

int report_write_yaml(const struct report *report, bool color _unused_, struct text *out, struct error **err _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    doc_emit(make_document(arena, report), EMIT_YAML, out);
    return 0;
}
