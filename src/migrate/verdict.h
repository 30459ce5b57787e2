// SPDX-License-Identifier: Apache-2.0
#pragma once

// What became of one thing that was carried over, as a row of a report. Each verdict has a status there: carried and
// replaced pass; off and outside do not apply; decision, secret and unknown warn; lost fails.

#include "doc/doc.h"
#include "model/report.h"

enum verdict {
    VERDICT_CARRIED,
    VERDICT_REPLACED,
    VERDICT_OFF,
    VERDICT_OUTSIDE,
    VERDICT_DECISION,
    VERDICT_SECRET,
    VERDICT_UNKNOWN,
    VERDICT_LOST,
    VERDICT_COUNT,
};
extern const char *const verdict_names[VERDICT_COUNT];

struct verdict_row {
    const char *id, *phase, *to, *value, *why, *todo;
    enum verdict verdict;
    struct doc_origin where, source;
};
// Texts are borrowed from the report's arena.
void verdict_add(struct report *report, const struct verdict_row *row);
