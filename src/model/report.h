// SPDX-License-Identifier: Apache-2.0
#pragma once

// A report: the list of checks that validation, policy, drift, lint and doctor all speak. One set of writers
// (report_writer.h) serves them. Everything lives in the arena given at the start; strings are borrowed from it.
// What was not checked never counts as passed.

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_status {
    CHECK_PASSED,
    CHECK_FAILED,
    CHECK_WARNING,
    CHECK_NOT_CHECKED,
    CHECK_NOT_APPLICABLE,
    CHECK_STATUS_COUNT
};
enum check_severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO };

// Optional texts are NULL when there is nothing to say.
struct check {
    const char *id;    // stable name, such as the constraint's path: "K8s.server.version"
    const char *phase; // "readiness", "deployment", "performance", "conformance"
    enum check_status status;
    enum check_severity severity;
    const char *expected;    // as the recipe says it: ">= 1.32.4"
    const char *actual;      // what was found; NULL: nothing
    const char *where;       // where the actual value stands: "snapshot.yaml:12:20"
    const char *source;      // where the expectation stands: "overlays/eks.yaml:14:7"
    const char *reason;      // why it failed or was not checked, one sentence
    const char *cause;       // the same as a stable word: "violated", "missing-key"; see docs/reports.md
    const char *remediation; // what to do
    uint64_t duration_ns;
};

struct report {
    struct arena *arena;
    const char *kind;                                           // document kind: "ValidationResult"
    const char *title;                                          // one line for people
    const char *recipe_source;                                  // file names or URLs, NULL when there is none
    const char *recipe_catalog_version, *recipe_catalog_digest; // of the catalog that the recipe was made from; NULL
    const char *snapshot_source;
    int64_t started; // seconds since 1970, UTC
    uint64_t duration_ns;
    struct check *checks;
    size_t count, capacity;
};

void report_init(struct report *report, struct arena *arena, const char *kind);
// Appends a copy of the struct; its texts must live as long as the arena.
void report_add(struct report *report, const struct check *check);
size_t report_count(const struct report *report, enum check_status status);
// "passed", "failed", "warning", "not checked", "not applicable".
const char *check_status_name(enum check_status status);
// fail: any failed; partial: none failed, some not checked; pass: else.
const char *report_status(const struct report *report);
