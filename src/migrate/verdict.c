// SPDX-License-Identifier: Apache-2.0
#include "migrate/verdict.h"

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_CARRIED] = "carried", [VERDICT_REPLACED] = "replaced", [VERDICT_OFF] = "off",
    [VERDICT_OUTSIDE] = "outside", [VERDICT_DECISION] = "decision", [VERDICT_SECRET] = "secret",
    [VERDICT_UNKNOWN] = "unknown", [VERDICT_LOST] = "lost",
};

static const enum check_status statuses[VERDICT_COUNT] = {
    [VERDICT_CARRIED] = CHECK_PASSED,         [VERDICT_REPLACED] = CHECK_PASSED,  [VERDICT_OFF] = CHECK_NOT_APPLICABLE,
    [VERDICT_OUTSIDE] = CHECK_NOT_APPLICABLE, [VERDICT_DECISION] = CHECK_WARNING, [VERDICT_SECRET] = CHECK_WARNING,
    [VERDICT_UNKNOWN] = CHECK_WARNING,        [VERDICT_LOST] = CHECK_FAILED,
};

void verdict_add(struct report *report, const struct verdict_row *row) {
    struct arena *arena = report->arena;
    const struct check check = {
        .id = row->id,
        .phase = row->phase,
        .status = statuses[row->verdict],
        .severity = SEVERITY_WARNING,
        .expected = row->to,
        .actual = row->value,
        .where = row->where.source ? doc_origin_text(arena, row->where) : NULL,
        .source = row->source.source ? doc_origin_text(arena, row->source) : NULL,
        .reason = row->why,
        .cause = verdict_names[row->verdict],
        .remediation = row->todo,
    };
    report_add(report, &check);
}
