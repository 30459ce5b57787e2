// SPDX-License-Identifier: Apache-2.0
// Common Test Report Format 0.0.1 (ctrf.io), JSON. What was not checked is "skipped", a warning is "other": no reader
// of the format counts either as passed. rawStatus has our own status.
#include "base/clock.h"
#include "doc/emit.h"
#include "model/report_format.h"

static const char *const statuses[] = {
    [CHECK_PASSED] = "passed",       [CHECK_FAILED] = "failed",          [CHECK_WARNING] = "other",
    [CHECK_NOT_CHECKED] = "skipped", [CHECK_NOT_APPLICABLE] = "skipped",
};

static void set_count(struct arena *arena, struct doc *map, const char *key, size_t count) {
    doc_map_set_int(arena, map, key, (int64_t)count);
}

static struct doc *make_tool(struct arena *arena) {
    struct doc *tool = doc_new_map(arena);
    doc_map_set_text(arena, tool, "name", "cnsctl");
    doc_map_set_text(arena, tool, "version", CNS_VERSION);
    return tool;
}

static struct doc *make_summary(struct arena *arena, const struct report *report) {
    struct doc *summary = doc_new_map(arena);
    set_count(arena, summary, "tests", report->count);
    set_count(arena, summary, "passed", report_count(report, CHECK_PASSED));
    set_count(arena, summary, "failed", report_count(report, CHECK_FAILED));
    set_count(arena, summary, "skipped",
              report_count(report, CHECK_NOT_CHECKED) + report_count(report, CHECK_NOT_APPLICABLE));
    set_count(arena, summary, "pending", 0);
    set_count(arena, summary, "other", report_count(report, CHECK_WARNING));
    doc_map_set_int(arena, summary, "start", report->started * 1000);
    doc_map_set_int(arena, summary, "stop", report->started * 1000 + report_milliseconds(report->duration_ns));
    return summary;
}

// What the format has no field for.
static struct doc *make_extra(struct arena *arena, const struct check *check) {
    struct doc *extra = doc_new_map(arena);
    doc_map_set_text(arena, extra, "severity", report_severity_key(check->severity));
    doc_map_set_text(arena, extra, "expected", check->expected);
    doc_map_set_text(arena, extra, "actual", check->actual);
    doc_map_set_text(arena, extra, "where", check->where);
    doc_map_set_text(arena, extra, "source", check->source);
    doc_map_set_text(arena, extra, "cause", check->cause);
    doc_map_set_text(arena, extra, "remediation", check->remediation);
    return extra;
}

static struct doc *make_test(struct arena *arena, const struct check *check) {
    struct doc *test = doc_new_map(arena), *suite = doc_new_list(arena);
    doc_list_add(arena, suite, doc_new_string(arena, report_phase(check)));
    doc_map_set_text(arena, test, "name", check->id);
    doc_map_set_text(arena, test, "status", statuses[check->status]);
    doc_map_set_int(arena, test, "duration", report_milliseconds(check->duration_ns));
    doc_map_set(arena, test, "suite", suite);
    if (check->status != CHECK_PASSED)
        doc_map_set_text(arena, test, "message", report_message(arena, check));
    doc_map_set_text(arena, test, "rawStatus", report_status_key(check->status));
    doc_map_set(arena, test, "extra", make_extra(arena, check));
    return test;
}

static struct doc *make_environment(struct arena *arena, const struct report *report) {
    struct doc *environment = doc_new_map(arena), *extra = doc_new_map(arena);
    doc_map_set_text(arena, extra, "recipeSource", report->recipe_source);
    doc_map_set_text(arena, extra, "snapshotSource", report->snapshot_source);
    doc_map_set_text(arena, environment, "reportName", report->kind);
    doc_map_set(arena, environment, "extra", extra);
    return environment;
}

int report_write_ctrf(const struct report *report, bool color _unused_, struct text *out, struct error **err _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    struct doc *document = doc_new_map(arena), *results = doc_new_map(arena), *tests = doc_new_list(arena);
    for (size_t i = 0; i < report->count; i++)
        doc_list_add(arena, tests, make_test(arena, &report->checks[i]));
    doc_map_set(arena, results, "tool", make_tool(arena));
    doc_map_set(arena, results, "summary", make_summary(arena, report));
    doc_map_set(arena, results, "tests", tests);
    doc_map_set(arena, results, "environment", make_environment(arena, report));
    doc_map_set_text(arena, document, "reportFormat", "CTRF");
    doc_map_set_text(arena, document, "specVersion", "0.0.1");
    doc_map_set_text(arena, document, "timestamp", clock_timestamp(report->started, timestamp));
    doc_map_set_text(arena, document, "generatedBy", "cnsctl");
    doc_map_set(arena, document, "results", results);
    doc_emit(document, EMIT_JSON, out);
    return 0;
}
