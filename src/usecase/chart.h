// SPDX-License-Identifier: Apache-2.0
#pragma once

// Charts as far as rules and scaffolds look at them, Chart.yaml, values.yaml and values.schema.json, from folders and
// from the archives that helm pull and helm package make.

#include "lint/lint.h"

// A chart's folder, or its archive (.tgz). Documents that are not there stay NULL; a values.yaml of comments alone is
// an empty map. The chart's name is that of Chart.yaml, else `name`.
int chart_load(struct arena *arena, const char *place, const char *name, const struct lint_chart **ret,
               struct error **err) _must_use_;
// By its name: .tgz or .tar.gz.
bool chart_is_archive(const char *path);
// The chart of a name in a folder of charts: the folder <name>, an archive <name>.tgz or <name>-<version>.tgz (the last
// one), or a folder whose Chart.yaml has the name. *ret stays NULL when there is none.
int chart_find(struct arena *arena, const char *folder, const char *name, const struct lint_chart **ret,
               struct error **err) _must_use_;
