// SPDX-License-Identifier: Apache-2.0
#pragma once

// A chart's folder as far as it is there: Chart.yaml, values.yaml and values.schema.json.

#include "lint/lint.h"

// Documents that are not there stay NULL; a values.yaml of comments alone is an empty map. `name` is the folder's.
int chart_load(struct arena *arena, const char *folder, const char *name, const struct lint_chart **ret,
               struct error **err) _must_use_;
