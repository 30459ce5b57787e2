// SPDX-License-Identifier: Apache-2.0
#pragma once

// Charts as rules of lint ask them: which one a component has, and what it says of a value path. Internal to lint.

#include "lint/context.h"

#define DEPTH_LIMIT 64

struct chart_path {
    const char *steps[DEPTH_LIMIT];
    size_t count;
};

enum chart_answer { CHART_KNOWS, CHART_LACKS, CHART_NO_MAP, CHART_WRONG_TYPE, CHART_UNTOLD };

struct chart_verdict {
    enum chart_answer answer;
    size_t depth; // the steps that led there
    const char *expected;
    struct doc_origin origin; // in the chart
};

// The registry with what is laid over it; none when it cannot be read.
void chart_registry_entries(struct lint *lint, const struct registry_entry **ret, size_t *ret_count);
// The chart of a component by the registry; NULL when it is not there.
const struct lint_chart *chart_of(const struct lint *lint, const char *component);
// What the chart says of the path and, where `ours` is given, of its type.
struct chart_verdict chart_ask(struct lint *lint, const struct lint_chart *chart, const struct chart_path *path,
                               const struct doc *ours);
// A type as JSON Schema calls it.
const char *chart_type_name(const struct doc *value);
