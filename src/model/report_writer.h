// SPDX-License-Identifier: Apache-2.0
#pragma once

// Report writers: one row each in a table. Each turns a whole report into text; none prints.

#include "base/error.h"
#include "base/text.h"
#include "model/report.h"

struct report_writer {
    const char *name; // as on the command line: "text", "table", "json", "yaml", "ctrf", "junit", "sarif"
    int (*write)(const struct report *report, bool color, struct text *out, struct error **err);
};

// NULL-name-ended table.
extern const struct report_writer report_writers[];
// NULL when the name is unknown.
const struct report_writer *report_writer_find(const char *name);
