// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checking a catalog as data: every file by itself, how they refer to each other, whether every overlay resolves, and,
// where charts are known, whether values and placement go to paths that the charts have. The rules are rows of one
// table (lint.c); docs/recipe-lint.md describes each. What a rule finds becomes a check of a report, with the place and
// what to do; a rule that finds nothing is a check that passed. Pure: files come in as bytes, and what belongs to other
// engines, or to a disk, is asked of the caller.

#include "catalog/catalog.h"
#include "model/report.h"

// A chart as far as it was found; a NULL document was not.
struct lint_chart {
    const char *name;
    const struct doc *about;  // Chart.yaml
    const struct doc *values; // values.yaml
    const struct doc *schema; // values.schema.json
};

struct lint_request {
    const struct catalog_spec *spec;
    // Whether the text is a template; NULL: templates are not checked.
    int (*parse_template)(struct arena *arena, const struct catalog_file *file, struct error **err);
    // Finds a chart by its name; *ret stays NULL when there is none of that name. NULL: charts are not checked.
    int (*find_chart)(struct arena *arena, void *context, const char *name, const struct lint_chart **ret,
                      struct error **err);
    void *context; // of find_chart
};

// Adds to the report, which must have been initialised. Fails only where find_chart does: what is wrong with the
// catalog is a finding.
int lint_catalog(struct arena *arena, const struct lint_request *request, struct report *report,
                 struct error **err) _must_use_;
