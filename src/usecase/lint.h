// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checking knowledge: the built-in one, a folder over it, or a catalog of its own; with a folder of charts, values and
// placement too.

#include "model/report.h"
#include "usecase/knowledge.h"

struct lint_arguments {
    struct knowledge_source knowledge;
    const char
        *charts; // a folder that has <chart>/values.yaml, and perhaps Chart.yaml and values.schema.json; NULL: none
};

// Fills the report, which lives in the arena. Errors are of the arguments; what is wrong with the knowledge is a check
// that failed.
int lint_run(struct arena *arena, const struct lint_arguments *arguments, struct report *ret,
             struct error **err) _must_use_;
