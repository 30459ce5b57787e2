// SPDX-License-Identifier: Apache-2.0
#include "model/report.h"

void report_init(struct report *report, struct arena *arena, const char *kind) {
    *report = (struct report){.arena = arena, .kind = kind};
}

void report_add(struct report *report, const struct check *check) {
    if (report->count == report->capacity) {
        size_t capacity = report->capacity ? report->capacity * 2 : 16;
        report->checks =
            arena_grow(report->arena, report->checks, report->capacity * sizeof *check, capacity * sizeof *check);
        report->capacity = capacity;
    }
    report->checks[report->count++] = *check;
}

size_t report_count(const struct report *report, enum check_status status) {
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        count += report->checks[i].status == status;
    return count;
}

const char *check_status_name(enum check_status status) {
    static const char *const names[] = {
        [CHECK_PASSED] = "passed",
        [CHECK_FAILED] = "failed",
        [CHECK_WARNING] = "warning",
        [CHECK_NOT_CHECKED] = "not checked",
        [CHECK_NOT_APPLICABLE] = "not applicable",
    };
    return (unsigned)status < ARRAY_SIZE(names) ? names[status] : "unknown";
}

const char *report_status(const struct report *report) {
    if (report_count(report, CHECK_FAILED))
        return "fail";
    return report_count(report, CHECK_NOT_CHECKED) ? "partial" : "pass";
}
