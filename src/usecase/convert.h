// SPDX-License-Identifier: Apache-2.0
#pragma once

// Converting documents between our format and those of the predecessors: one document, or a folder of them (a catalog).
// What the target format cannot hold is in the report. The formats are data (recipes/migrate/documents.yaml).

#include "doc/emit.h"
#include "model/report.h"

struct convert_arguments {
    const char *input;       // path, URL or "-"; a folder
    const char *to;          // name of a format
    const char *output;      // where the document goes; for a folder, a folder
    enum emit_format format; // of one document
    bool force;              // take the folder even when it holds something else
};

// Writes the document or the folder and fills the report, which lives in the arena. Logs what is lost as warnings.
int convert_run(struct arena *arena, const struct convert_arguments *arguments, struct report *ret,
                struct error **err) _must_use_;
